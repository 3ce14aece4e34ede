import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createJobControl } from '../../src/projects/job-control.ts';
import { type FindTextInput, findText } from '../../src/search/find-text.ts';
import { createLiveText } from '../../src/search/live-text.ts';
import { cleanEnvironment } from '../helpers/program.ts';
import { line, query } from '../helpers/search-arbitraries.ts';
import { tempProject, writeFiles } from '../helpers/temp-project.ts';

const megabyte = 1024 * 1024;

function control() {
  return createJobControl({ budgetMs: 20_000, stopFlag: new Int32Array(new SharedArrayBuffer(4)), report() {} });
}

async function open(folder: string) {
  const root = { folder, refuseHardLinks: false };
  const live = createLiveText(root, 64 * megabyte);
  expect(await live.build(control(), async () => true)).toBe('ready');
  return {
    live,
    /** All pages, both ways. */
    async expectSame(question: Omit<FindTextInput, 'root' | 'after'>) {
      let after: FindTextInput['after'];
      for (let page = 0; page < 20; page++) {
        const input = { ...question, root, after };
        const wanted = findText(input, control());
        expect(await live.find(input, control())).toEqual(wanted);
        if (!wanted.next) return;
        after = wanted.next;
      }
    },
  };
}

const plain = { include: [], exclude: [], context: 0, limit: 50, maxCharacters: 10_000 };
const text = (query: string) => ({ ...plain, query, mode: 'text', letterCase: 'smart' }) as const;
const regex = (query: string) => ({ ...plain, query, mode: 'regex', letterCase: 'smart' }) as const;

const document = fc
  .tuple(fc.array(fc.tuple(line, fc.constantFrom('\n', '\n', '\r\n')), { maxLength: 12 }), line)
  .map(([lines, last]) => lines.flat().join('') + last);
const latin1 = (value: string) => Buffer.from(value, 'latin1');
const content: fc.Arbitrary<string | Uint8Array> = fc.oneof(
  { weight: 6, arbitrary: document },
  { weight: 1, arbitrary: fc.constantFrom('', '\n', '\r', '\r\n', '\ufeff', '\n\n') },
  { weight: 1, arbitrary: document.map((each) => Buffer.from(`\ufeff${each}`, 'utf16le')) },
  { weight: 1, arbitrary: document.map((each) => Buffer.from(`\ufeff${each}`, 'utf16le').swap16()) },
  { weight: 1, arbitrary: document.map((each) => `\ufeff${each}`) },
  { weight: 1, arbitrary: document.map(latin1) },
  { weight: 1, arbitrary: document.map((each) => latin1(`\u00ef\u00bb\u00bf${each}\u00e9`)) },
  { weight: 1, arbitrary: document.map((each) => `${each}\u0000`) },
  { weight: 1, arbitrary: document.map((each) => `${'a'.repeat(9000)}\u0000\n${each}`) },
  { weight: 1, arbitrary: document.map((each) => `${each}\n${'foo bar '.repeat(13_000)}end\n${each}`) },
);
const path = fc.constantFrom(
  ...['a.ts', 'a-b', 'a/b', 'a/.gitignore', 'c/d/e.ts', 'c/d.ts', 'c/.env', 'é', 'out/x', 'out/deep/y', '.gitignore'],
);
const ignoreRules = fc.constantFrom('out/\n', '*.ts\n', '!*.ts\n/a\n', 'e.ts\n');
const tree = fc
  .dictionary(path, content, { maxKeys: 8 })
  .chain((files) =>
    ignoreRules.map((rules) =>
      Object.fromEntries(
        Object.entries(files).map(([name, value]) => [name, name.endsWith('.gitignore') ? rules : value]),
      ),
    ),
  );
const question = fc
  .tuple(
    query,
    fc.record({
      word: fc.boolean(),
      context: fc.constantFrom(0, 0, 2),
      limit: fc.constantFrom(1, 3, 50),
      maxCharacters: fc.constantFrom(200, 9000),
      include: fc.constantFrom([], [], ['*.ts'], ['c/']),
      exclude: fc.constantFrom([], [], ['a*'], ['d.ts']),
    }),
  )
  .map(([asked, options]) => ({ ...asked, ...options }));

describe('The text of a project in memory', () => {
  it('answers as a search of the files does, as they are and after they changed', async () => {
    const questions = fc.array(question, { minLength: 1, maxLength: 4 });
    const steps = fc.array(fc.tuple(tree, fc.array(path, { maxLength: 3 })), { minLength: 1, maxLength: 2 });
    await fc.assert(
      fc.asyncProperty(tree, steps, questions, async (before, changes, asked) => {
        const folder = realpathSync(mkdtempSync(join(tmpdir(), 'octant-')));
        writeFiles(folder, before);
        const { live, expectSame } = await open(folder);
        try {
          for (const each of asked) await expectSame(each);
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
      { numRuns: 60 },
    );
  }, 60_000);

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
      await expectSame(regex(each));
      await expectSame({ ...regex(each), word: true, limit: 1, context: 1 });
    }
    for (const each of ['needle', 'yy', 'nowhere', 'n']) await expectSame(text(each));
    const found = await live.find({ ...text('needle'), root: { folder, refuseHardLinks: false } }, control());
    expect(found).toMatchObject({ skipped: { tooLarge: 1 } });
    expect(JSON.stringify(found)).not.toContain('.env');
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

  it('is not kept where there is too much of it', async () => {
    const folder = tempProject({ 'a.ts': 'one two three\n'.repeat(100_000) });
    const live = createLiveText({ folder, refuseHardLinks: false }, megabyte);
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
