import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createJobControl } from '../../../src/projects/job-control.ts';
import { createLiveText } from '../../../src/search/live/live-text.ts';
import { type FindTextInput, type FindTextOutput, findText } from '../../../src/search/text/find-text.ts';
import { cleanEnvironment } from '../../helpers/program.ts';
import { project, projectPath, question } from '../../helpers/search-arbitraries.ts';
import { tempProject, writeFiles } from '../../helpers/temp-project.ts';

const megabyte = 1024 * 1024;

function control() {
  return createJobControl({ budgetMs: 20_000, stopFlag: new Int32Array(new SharedArrayBuffer(4)), report() {} });
}

const budget = { textBytes: 64 * megabyte, arenaBytes: 64 * megabyte };

async function open(folder: string, textBytes = budget.textBytes) {
  const root = { folder, refuseHardLinks: false };
  const live = createLiveText(root, { ...budget, textBytes });
  expect(await live.build(control(), async () => true)).toBe('ready');
  return {
    live,
    /** All pages, or the first so many, both ways. */
    async expectSame(question: Omit<FindTextInput, 'root' | 'after'>, pages = 20) {
      let after: FindTextInput['after'];
      for (let page = 0; page < pages; page++) {
        const input = { ...question, root, after };
        const wanted = findText(input, control());
        const answered = await live.find(input, control());
        const found = question.multiline && answered === undefined ? wanted : answered; // it has no literal
        if (found === undefined || found === 'stale') throw new Error('The index has no answer.');
        const { skipped, total, ...shown } = found;
        const { skipped: wantedSkipped, total: wantedTotal, ...wantedShown } = wanted;
        expect(shown).toEqual(wantedShown);
        // a search of the files also tells of long lines that cannot match, and does not count on
        expect({ ...skipped, longLines: 0 }).toEqual({ ...wantedSkipped, longLines: 0 });
        expect(skipped.longLines).toBeLessThanOrEqual(wantedSkipped.longLines);
        expect(total).toEqual(
          total?.isExact && !wantedTotal?.isExact
            ? { matches: linesOf(findText({ ...input, ...everything }, control())).length, isExact: true }
            : wantedTotal,
        );
        if (!wanted.next) return;
        after = wanted.next;
      }
    },
    /** What the pages of an order of relevance have, of which a search of the files answers every second. */
    async rankedLines(question: Omit<FindTextInput, 'root' | 'after' | 'order'>): Promise<string[]> {
      const lines: string[] = [];
      let after: FindTextInput['after'];
      for (let page = 0; page < 100; page++) {
        const input = { ...question, order: 'relevance', root, after } as const;
        const found = page % 2 === 1 ? findText(input, control()) : await live.find(input, control());
        if (found === undefined || found === 'stale') throw new Error('The index has no answer.');
        lines.push(...linesOf(found));
        if (found.cut !== undefined || !found.next) return lines;
        after = found.next;
      }
      throw new Error('The pages have no end.');
    },
    /** Both ways, of as many matches as are ranked together. */
    async expectSameOrder(question: Omit<FindTextInput, 'root' | 'after' | 'order'>) {
      const input = { ...question, limit: 250, maxCharacters: 100_000_000, order: 'relevance', root } as const;
      const wanted = findText(input, control());
      const found = await live.find(input, control());
      if (found === undefined || found === 'stale') throw new Error('The index has no answer.');
      if (!wanted.next) expect(linesOf(found)).toEqual(linesOf(wanted));
    },
    /** All matches in path order. */
    allLines(question: Omit<FindTextInput, 'root' | 'after' | 'order'>): string[] {
      return linesOf(findText({ ...question, ...everything, root }, control()));
    },
  };
}

const everything = { limit: 1_000_000, maxCharacters: 100_000_000, order: 'path' } as const;

function linesOf({ files }: FindTextOutput): string[] {
  return files.flatMap(({ path, matches }) =>
    matches.map(({ line, column, text }) => `${path}:${line}:${column} ${text}`),
  );
}

const plain = { order: 'path', include: [], exclude: [], context: 0, limit: 50, maxCharacters: 10_000 } as const;
const text = (query: string) => ({ ...plain, query, mode: 'text', letterCase: 'smart' }) as const;
const regex = (query: string) => ({ ...plain, query, mode: 'regex', letterCase: 'smart' }) as const;

describe('The text of a project in memory', () => {
  it('answers as a search of the files does, as they are and after they changed', async () => {
    const questions = fc.array(question, { minLength: 1, maxLength: 4 });
    const textBytes = fc.constantFrom(budget.textBytes, 200, 0);
    const steps = fc.array(fc.tuple(project, fc.array(projectPath, { maxLength: 3 })), { minLength: 1, maxLength: 2 });
    await fc.assert(
      fc.asyncProperty(project, steps, questions, textBytes, async (before, changes, asked, most) => {
        const folder = realpathSync(mkdtempSync(join(tmpdir(), 'octant-')));
        writeFiles(folder, before);
        const { live, expectSame, expectSameOrder, rankedLines, allLines } = await open(folder, most);
        try {
          for (const each of asked) await expectSame(each);
          for (const each of asked) await expectSame({ ...each, multiline: true });
          for (const each of asked) expect((await rankedLines(each)).sort()).toEqual(allLines(each).sort());
          for (const each of asked) await expectSameOrder(each);
          for (const [files, removed] of changes) {
            for (const name of removed) rmSync(join(folder, name), { force: true });
            writeFiles(folder, files);
            for (const each of asked) await expectSame(each);
          }
        } finally {
          live.close();
          rmSync(folder, { recursive: true });
        }
      }),
      { numRuns: 40 },
    );
  }, 120_000);

  it('has files that are equally relevant in the same order as a search of the files', async () => {
    const folder = tempProject({
      'a.ts': 'const x = createCart();\n',
      'tests/b.ts': 'createCart();\n',
      'z/create-cart.ts': 'return createCart;\n',
    });
    const { live, expectSameOrder } = await open(folder);
    onTestFinished(() => live.close());
    await expectSameOrder(text('createCart'));
  });

  it('tells of long lines and large files, and has no secrets', async () => {
    const folder = tempProject({
      'long.js': `needle\n${'x'.repeat(150_000)}needle\n`,
      'other.js': `${'y'.repeat(150_000)}\n`,
      'large.txt': `${'a line of text\n'.repeat(700_000)}needle\n`,
      'nul.txt': `\ufeffneedle\u0000`,
      '.env': 'needle\n',
    });
    writeFileSync(join(folder, 'huge.txt'), Buffer.alloc(33 * megabyte, 'needle \n'));
    writeFileSync(join(folder, 'utf16.txt'), Buffer.from('\ufeffneedle \u0000', 'utf16le'));
    const { live, expectSame } = await open(folder);
    onTestFinished(() => live.close());
    for (const each of ['needle', 'y+$', 'nowhere', '^', 'x\\s']) {
      await expectSame(regex(each), 3);
      await expectSame({ ...regex(each), word: true, limit: 1, context: 1 }, 3);
    }
    for (const each of ['needle', 'yy', 'nowhere', 'n']) await expectSame(text(each), 3);
    const found = await live.find({ ...text('needle'), root: { folder, refuseHardLinks: false } }, control());
    expect(found).toMatchObject({ skipped: { tooLarge: 1 } });
    expect(JSON.stringify(found)).not.toContain('.env');
  }, 60_000);

  it('takes the part of a long line that a pattern looks at for no whole line', async () => {
    const folder = tempProject({ 'words.txt': `${'foo bar '.repeat(20_000)}end\n` });
    const { live, expectSame, allLines } = await open(folder);
    onTestFinished(() => live.close());
    for (const query of ['bar $', '(?:(?:))', 'bar\\s\\b{end}', 'foo.*', 'bar \\b']) {
      await expectSame(regex(query), 3);
      await expectSame({ ...regex(query), word: true }, 3);
    }
    expect([allLines(regex('bar $')).length, allLines(regex('foo.*')).length]).toEqual([0, 1]);
  });

  it('sees a change that leaves size and time as they were', async () => {
    const folder = tempProject({ 'a.ts': 'one\n', 'b.ts': 'two\n' });
    const time = new Date(1_600_000_000_000);
    utimesSync(join(folder, 'a.ts'), time, time);
    const { live, expectSame } = await open(folder);
    onTestFinished(() => live.close());
    await expectSame(text('six'));
    writeFileSync(join(folder, 'a.ts'), 'six\n');
    utimesSync(join(folder, 'a.ts'), time, time);
    await expectSame(text('six'));
    await expectSame(text('one'));
  });

  it("follows git's index and its own ignore file, and leaves nested repositories to the files", async () => {
    const folder = tempProject({ 'a.ts': 'one\n', 'lib/b.ts': 'one\n' });
    const { live, expectSame } = await open(folder);
    onTestFinished(() => live.close());
    await expectSame(text('one'));
    makeRepository(folder);
    mkdirSync(join(folder, '.git/info'));
    writeFileSync(join(folder, '.git/info/exclude'), 'lib/\n');
    await expectSame(text('one'));
    rmSync(join(folder, '.git'), { recursive: true });
    await expectSame(text('one'));
    makeRepository(join(folder, 'lib'));
    const input = { ...text('one'), root: { folder, refuseHardLinks: false } };
    expect(await live.find(input, control())).toBeUndefined();
  });

  it('sees an ignored file that comes under the control of git', async () => {
    const folder = tempProject({ '.gitignore': '*.log\n', 'a.ts': 'one\n', 'logs/b.log': 'one\n' });
    const git = (...args: string[]) => execFileSync('git', args, { cwd: folder, env: cleanEnvironment() });
    git('init', '-q');
    const { live, expectSame } = await open(folder);
    onTestFinished(() => live.close());
    await expectSame(text('one'));
    git('add', '-f', 'logs/b.log');
    await expectSame(text('one'));
    git('rm', '-q', '--cached', 'logs/b.log');
    await expectSame(text('one'));
  });

  it('sees at once what git leaves out by its settings, of a linked work tree too, and by a folder that takes the place of .git', async () => {
    const above = tempProject({ 'main/a.ts': 'one\n', 'main/lib/b.ts': 'one\n', 'main/docs/c.md': 'one\n' });
    const folder = join(above, 'main');
    const git = (...args: string[]) => execFileSync('git', args, { cwd: folder, env: cleanEnvironment() });
    git('init', '-q');
    git('add', 'a.ts');
    git('-c', 'user.name=a', '-c', 'user.email=a@b', 'commit', '-qm', 'first');
    git('worktree', 'add', '-q', '../linked');
    writeFiles(join(above, 'linked'), { 'lib/b.ts': 'one\n', 'docs/c.md': 'one\n' });
    const places = [folder, join(above, 'linked')];
    const opened = await Promise.all(places.map((place) => open(place)));
    onTestFinished(() => opened.forEach(({ live }) => void live.close()));
    const seen: string[][] = [];
    const look = async () => {
      for (const { expectSame, rankedLines } of opened) {
        await expectSame(text('one'));
        seen.push(await rankedLines(text('one')));
      }
    };
    await look();
    writeFileSync(join(folder, '.git/info/exclude'), 'lib/\n'); // in place, as an editor may
    await look();
    writeFiles(above, { ignored: 'docs/\n' });
    appendFileSync(join(folder, '.git/config'), `[core]\n\texcludesFile = ${join(above, 'ignored')}\n`);
    await look();
    renameSync(join(folder, '.git'), join(above, 'before'));
    cpSync(join(above, 'before'), join(folder, '.git'), { recursive: true });
    writeFileSync(join(folder, '.git/info/exclude'), '');
    await look();
    writeFileSync(join(folder, '.git/info/exclude'), 'lib/\n');
    await look();
    expect(seen.map((lines) => lines.length)).toEqual([3, 3, 2, 2, 1, 1, 2, 2, 1, 1]);
  });

  it('is read in pieces where it is more than the budget', async () => {
    const lines = Array.from({ length: 30_000 }, (_, at) => `${at} of many lines${at % 7000 === 5 ? ' needle' : ''}`);
    const folder = tempProject({
      'large.txt': `${lines.join('\r\n')}\nthe last needle`,
      'marked.txt': `\ufeff${lines.join('\n')}`,
      'small.txt': 'a needle\n',
    });
    const { live, expectSame } = await open(folder, 100);
    onTestFinished(() => live.close());
    for (const question of [text('needle'), regex('[57] of .* needle$'), text('last needle'), text('nowhere')]) {
      for (const context of [0, 2]) await expectSame({ ...question, context, limit: 3 });
    }
    writeFileSync(join(folder, 'large.txt'), `${lines.toReversed().join('\n')}\n`);
    await expectSame(text('needle'));
  });

  it('is read by several threads where there are many files', async () => {
    const names = Array.from({ length: 4200 }, (_, at) => `${at % 40}/${at}.ts`);
    const folder = tempProject(Object.fromEntries(names.map((name) => [name, `const own = '${name}';\n`])));
    const { live, expectSame } = await open(folder);
    onTestFinished(() => live.close());
    for (const query of ['own', "'7/", '4199.ts', 'nowhere']) await expectSame(text(query), 3);
  });

  it('is not kept where there is no room for its index', async () => {
    const folder = tempProject({ 'a.ts': 'one two three\n'.repeat(400_000) });
    const live = createLiveText({ folder, refuseHardLinks: false }, { ...budget, arenaBytes: megabyte });
    onTestFinished(() => live.close());
    expect(await live.build(control(), async () => true)).toBe('refused');
    const input = { ...text('one'), root: { folder, refuseHardLinks: false } };
    expect(await live.find(input, control())).toBe('stale');
  });
});

function makeRepository(folder: string) {
  for (const name of ['objects', 'refs']) mkdirSync(join(folder, '.git', name), { recursive: true });
  writeFileSync(join(folder, '.git/HEAD'), 'ref: refs/heads/main\n');
}

describe('The memory for texts', () => {
  it('is filled once the size of the index is known, and the answers stay the same', async () => {
    const text = 'a line of text\n'.repeat(megabyte / 15);
    const files = Array.from({ length: 12 }, (_, at) => [`${at}.txt`, `${text}needle ${at}\n`]);
    const root = { folder: tempProject(Object.fromEntries(files)), refuseHardLinks: false };
    const small = { textBytes: 64 * megabyte, arenaBytes: 16 * megabyte };
    const live = createLiveText(root, small);
    expect(await live.build(control(), async () => true)).toBe('ready');
    const asked = { query: 'needle', mode: 'text', letterCase: 'smart', include: [], exclude: [], context: 0 } as const;
    const question = { ...everything, ...asked, root };
    const before = await live.find(question, control());
    const usedBytes = live.usedBytes();
    await live.settle(control(), async () => true, small.arenaBytes);
    expect(live.usedBytes()).toBeGreaterThan(usedBytes + megabyte - 1);
    expect(live.usedBytes()).toBeLessThanOrEqual(12 * megabyte);
    expect(await live.find(question, control())).toEqual(before);
    expect(before).toMatchObject({ total: { matches: 12 } });
    live.close();
  });
});
