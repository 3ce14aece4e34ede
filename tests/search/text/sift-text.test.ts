import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rgPath } from '@vscode/ripgrep';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { createLog } from '../../../src/log.ts';
import { createJobControl } from '../../../src/projects/job-control.ts';
import { createWorkerPool } from '../../../src/projects/worker-pool.ts';
import { type FindTextInput, findText } from '../../../src/search/text/find-text.ts';
import { createSiftBoard } from '../../../src/search/text/sift-board.ts';
import { createTextSifter } from '../../../src/search/text/sift-text.ts';
import { findInFiles } from '../../../src/search/text-search.ts';
import type { Jobs } from '../../../src/search/threads/worker.ts';
import { project, question } from '../../helpers/search-arbitraries.ts';
import { tempProject, writeFiles } from '../../helpers/temp-project.ts';

type Question = Omit<FindTextInput, 'root' | 'after'>;

const megabyte = 1024 * 1024;
const plain = { order: 'relevance', include: [], exclude: [], context: 0, limit: 50, maxCharacters: 10_000 } as const;
const text = (query: string): Question => ({ ...plain, query, mode: 'text', letterCase: 'smart' });
const regex = (query: string): Question => ({ ...plain, query, mode: 'regex', letterCase: 'smart' });

function control(budgetMs = 20_000, stopFlag = new Int32Array(new SharedArrayBuffer(4))) {
  return createJobControl({ budgetMs, stopFlag, report() {} });
}

const { siftText } = createTextSifter();
const alone = async (input: FindTextInput) => siftText({ ...input, board: createSiftBoard().handle }, control());

const workers = createWorkerPool<Jobs>({
  entry: new URL('../../../src/search/threads/worker.ts', import.meta.url),
  log: createLog('silent'),
  size: 3,
});
afterAll(() => workers.close());
const call = () => ({ signal: new AbortController().signal, budgetMs: 20_000 });
const together = (input: FindTextInput) => findInFiles(workers, input, call());

/** All pages, against a search that looks into every file. */
async function expectSame(folder: string, asked: Question, find: (input: FindTextInput) => Promise<unknown>) {
  let after: FindTextInput['after'];
  for (let page = 0; page < 20; page++) {
    const input = { ...asked, root: { folder, refuseHardLinks: false }, after };
    const wanted = findText(input, control());
    expect(await find(input)).toEqual(wanted);
    if (!wanted.next) return;
    after = wanted.next;
  }
}

describe('A search of files by several threads', () => {
  it.each([
    { threads: 'one thread', find: alone, numRuns: 200 },
    { threads: 'three threads', find: together, numRuns: 50 },
  ])('answers as one that looks into every file does, in $threads', { timeout: 60_000 }, async ({ find, numRuns }) => {
    const questions = fc.array(question, { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(project, questions, async (files, asked) => {
        const folder = realpathSync(mkdtempSync(join(tmpdir(), 'octant-')));
        try {
          writeFiles(folder, files);
          for (const each of asked) await expectSame(folder, each, find);
        } finally {
          rmSync(folder, { recursive: true });
        }
      }),
      { numRuns },
    );
  });

  it('shares many files, and says the same of long lines, large files and secrets', { timeout: 120_000 }, async () => {
    const many = Array.from({ length: 6000 }, (_, at) => [`d${at % 70}/f${at}`, `first\r\nneedle ${at}\r\n`]);
    const folder = tempProject({
      ...Object.fromEntries(many),
      'long.js': `needle\n${'x'.repeat(150_000)}needle\n`,
      'other.js': `${'y'.repeat(150_000)}\n`,
      'large.txt': `${'a line of text\n'.repeat(700_000)}needle\n`,
      'nul.txt': `\ufeffneedle\u0000`,
      'late-nul.txt': `${'z'.repeat(9000)}\u0000needle`,
      '.env': 'needle\n',
    });
    writeFileSync(join(folder, 'huge.txt'), Buffer.alloc(33 * megabyte, 'needle \n'));
    const deep = join(folder, ...Array<string>(14).fill('e'.repeat(250)));
    mkdirSync(deep, { recursive: true });
    for (let at = 0; at < 40; at++) writeFileSync(join(deep, `${'n'.repeat(20)}${at}`), at % 7 ? 'x' : 'needle');
    for (const each of [text('needle 59'), text('nowhere'), regex('y+$'), regex('needle [0-9]*99$'), regex('x{200}')]) {
      await expectSame(folder, each, together);
      await expectSame(folder, { ...each, word: true, limit: 3, context: 1 }, alone);
    }
  });

  it('says the same of files that are read in pieces, wherever a match lies', async () => {
    const filler = 'a line of text\n';
    const upTo = (bytes: number) => filler.repeat(Math.floor(bytes / filler.length));
    const folder = tempProject({
      'across.txt': `${upTo(megabyte)}first needle last\n${upTo(megabyte)}`,
      'end.txt': `${upTo(3 * megabyte)}needle`,
      'exact.txt': `${`${'x'.repeat(15)}\n`.repeat(megabyte / 16)}needle\n`,
      'latin.txt': Buffer.from(`${upTo(megabyte)}caf\u00e9 needle\n`, 'latin1'),
      'mark.txt': `\ufeffneedle\n${upTo(2 * megabyte)}`,
      'one-line.txt': 'y'.repeat(2 * megabyte),
      'mixed.txt': Buffer.concat([Buffer.from(`caf\u00e9\n${upTo(2 * megabyte)}`), Buffer.from([0xe9, 10])]),
      'latin-later.txt': Buffer.concat([
        Buffer.from(`\u00e9needle\n${upTo(megabyte)}`),
        Buffer.from([0xe9, 10, 0xe9, 10]),
      ]),
      'latin-before.txt': Buffer.concat([
        Buffer.from([0xe9, 10, 0xe9, 10]),
        Buffer.from(`${upTo(megabyte)}\u00e9needle\n`),
      ]),
      'long-lines.txt': `${'z'.repeat(20_000)}\n`.repeat(60),
      'none.txt': upTo(5 * megabyte),
    });
    const patterns = [
      '^needle$',
      '^first.*last$',
      '\\bcaf\u00e9\\b',
      '[^\\x00-\\x7f]',
      '(?<=caf.)\\s',
      'x{15}',
      '^..needle',
      '\\bneedle',
      '(?<=a)zzz',
    ];
    for (const query of ['needle', 'caf\u00e9', 'caf\u00c3\u00a9', 'nowhere', 'y'])
      await expectSame(folder, text(query), alone);
    await expectSame(folder, { ...text('needle'), word: true }, alone);
    for (const query of patterns) await expectSame(folder, regex(query), alone);
  });

  it('finds the lines and columns that ripgrep finds', () => {
    const word = fc.constantFrom(
      'foo',
      'Foo',
      'bar',
      'x1',
      '42',
      '2024-11',
      'class',
      'Error',
      ' ',
      '\t',
      '(',
      '.',
      '-',
    );
    const line = fc.array(word, { maxLength: 8 }).map((words) => words.join(''));
    const document = fc.array(line, { maxLength: 20 }).map((lines) => lines.join('\n'));
    const trees = fc.dictionary(fc.constantFrom('a', 'b/c', 'b/d.ts', 'z'), document, { minKeys: 1 });
    const patterns = fc.constantFrom(
      ...['foo', '2024-11', 'class\\s+\\w*Error', '\\b\\d{4}-\\d{2}\\b', '^foo', 'bar$', '[a-z]{6,}', '\\(\\.'],
      ...['(foo|bar)+x', 'o.b', '[^a-z]{4}', '\\bfoo\\b', 'Err?or|x1', '^.{3}$'],
    );
    fc.assert(
      fc.property(trees, patterns, fc.boolean(), (files, query, isSensitive) => {
        const folder = tempProject(files);
        const flags = ['--no-heading', '--hidden', '--no-ignore', '--no-config', '-n', '--column', '--sort=path'];
        const { stdout } = spawnSync(rgPath, [...flags, isSensitive ? '-s' : '-i', '-e', query, '.'], { cwd: folder });
        const wanted = stdout.toString().split('\n').slice(0, -1);
        const letterCase = isSensitive ? 'sensitive' : 'insensitive';
        const asked = { ...regex(query), order: 'path', letterCase, limit: 1000, maxCharacters: 1_000_000 } as const;
        const root = { folder, refuseHardLinks: false };
        const found = siftText({ ...asked, root, board: createSiftBoard().handle }, control());
        const lines = found.files.flatMap((file) =>
          file.matches.map(({ line, column }) => `${file.path}:${line}:${column}`),
        );
        expect(lines).toEqual(wanted.map((each) => each.replace(/^\.\//, '').split(':').slice(0, 3).join(':')));
      }),
      { numRuns: 60 },
    );
  });

  it('looks no further than it has to for a page', async () => {
    const files = Object.fromEntries(Array.from({ length: 5000 }, (_, at) => [`f${at}`, 'needle\n']));
    const root = { folder: tempProject(files), refuseHardLinks: false };
    const board = createSiftBoard();
    siftText({ ...text('needle'), root, board: board.handle }, control());
    expect(board.taken()).toBeLessThan(board.added());
    expect(board.added()).toBeLessThan(100);
    expect(board.hasEnded()).toBe(true);
  });

  it('looks for itself where a helper took a part and never came back', async () => {
    const files = Object.fromEntries(Array.from({ length: 3000 }, (_, at) => [`f${at}`, `needle ${at}\n`]));
    const folder = tempProject(files);
    await expectSame(folder, text('needle 29'), async (input) => {
      const board = createSiftBoard();
      board.handle.state[1] = 1; // the first slice is taken
      return siftText({ ...input, board: board.handle }, control());
    });
  });
});

describe('A search of files that runs out of time', () => {
  const files = Object.fromEntries(Array.from({ length: 400 }, (_, at) => [`f${1000 + at}`, 'needle\n']));

  it('says where to go on, and loses nothing', () => {
    const root = { folder: tempProject(files), refuseHardLinks: false };
    const found: string[] = [];
    let after: FindTextInput['after'];
    for (let page = 0; page < 1000; page++) {
      let asked = 0;
      const short = { ...control(), shouldStop: () => ++asked > 300 };
      const question = { ...text('needle'), order: 'path', limit: 500 } as const;
      const input = { ...question, root, after, board: createSiftBoard().handle };
      const output = siftText(input, short);
      found.push(...output.files.map(({ path }) => path));
      if (output.cut) expect(output.cut).toContain('time');
      if (!output.next) break;
      after = output.next;
    }
    expect(found).toEqual(Object.keys(files));
  });

  it('ends when its caller gives up, and leaves the threads to others', async () => {
    const root = { folder: tempProject(files), refuseHardLinks: false };
    const caller = new AbortController();
    const input = { ...text('nowhere'), root };
    const given = findInFiles(workers, input, { signal: caller.signal, budgetMs: 20_000 });
    caller.abort(new Error('given up'));
    await expect(given).rejects.toThrow('given up');
    expect(await findInFiles(workers, input, call())).toMatchObject({ filesSearched: 400 });
  });
});
