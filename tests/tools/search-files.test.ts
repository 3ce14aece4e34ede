import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clientKinds, connect, type TestClient } from '../helpers/connect.ts';
import { sharedProjects } from '../helpers/shared-server.ts';
import { makeTempFolder, removeFolder, tempProject, writeFiles } from '../helpers/temp-project.ts';

let folder: string;
let client: TestClient;

beforeAll(async () => {
  folder = makeTempFolder();
  writeFiles(folder, {
    '.gitignore': 'ignored/\n',
    'ignored/a.ts': 'needle\n',
    'src/alpha.ts': 'const a = 1;\n// needle one\nexport function Alpha() {\n  return needle;\n}\n',
    'src/beta.ts': 'const Needle = 2;\r\nconst b = 3;\r\n',
    'src/deep/HttpServerFactory.ts': 'export const x = 1;\n',
    'docs/guide.md': 'A needle in the guide.\n',
    'wide.js': `${'x'.repeat(5000)}needle${'y'.repeat(5000)}\n`,
    'many.txt': Array.from({ length: 400 }, (_, index) => `row ${index} of the table with some words`).join('\n'),
    'image.bin': Buffer.from([1, 2, 0, 3]),
    'latin.txt': Buffer.from('caf\xe9 needle\n', 'latin1'),
  });
  client = await connect('v2-2026', { args: ['--project', folder] });
});

afterAll(async () => {
  await client.close();
  removeFolder(folder);
});

function search(args: Record<string, unknown>) {
  return client.callTool('search_files', args);
}

async function pathsOf(args: Record<string, unknown>): Promise<string[]> {
  const { files } = (await search(args)).data ?? {};
  return Array.isArray(files) ? files.map(({ path }) => path) : [];
}

describe('search_files', () => {
  const addProject = sharedProjects();

  it('shows matches by file, with the same facts as text and as data', async () => {
    const { text, data } = await search({ query: 'needle', include: ['src/'], sort: 'path' });
    expect(text.replace(/ of octant-\S+/, '')).toMatchInlineSnapshot(`
      "3 matches in 2 files (3 searched):
      src/alpha.ts
        2:4 // needle one
        4:10   return needle;
      src/beta.ts
        1:7 const Needle = 2;"
    `);
    expect(data).toMatchObject({
      match_count: 3,
      complete: true,
      files: [
        {
          path: 'src/alpha.ts',
          matches: [
            { line: 2, column: 4 },
            { line: 4, column: 10, text: '  return needle;' },
          ],
        },
        { path: 'src/beta.ts', matches: [{ line: 1, column: 7, text: 'const Needle = 2;' }] },
      ],
    });
  });

  it('respects ignore files, skips binary ones and reads others as they are', async () => {
    expect(await pathsOf({ query: 'needle', sort: 'path' })).toEqual([
      'docs/guide.md',
      'latin.txt',
      'src/alpha.ts',
      'src/beta.ts',
      'wide.js',
    ]);
    expect((await search({ query: 'needle' })).data).toMatchObject({ skipped_binary: 1 });
  });

  it('is sensitive to case only when the query has an upper-case letter, unless told otherwise', async () => {
    expect(await pathsOf({ query: 'Needle' })).toEqual(['src/beta.ts']);
    expect(await pathsOf({ query: 'NEEDLE', case: 'insensitive', include: ['src/'], sort: 'path' })).toEqual([
      'src/alpha.ts',
      'src/beta.ts',
    ]);
    expect(await pathsOf({ query: 'needle', case: 'sensitive', include: ['src/'] })).toEqual(['src/alpha.ts']);
  });

  const ranked = addProject({
    'a/first.ts': 'cart\n',
    'b/often.ts': 'cart\ncart\ncart\n',
    'c/cart.ts': 'cart\n',
    'd/where.ts': 'export class Cart {\n}\n',
    'a/cart.test.ts': 'const cart = 1;\n',
  });
  it('shows first what defines the query or is named after it, and tests last, where it all fits', async () => {
    const other = ranked();
    const { data } = await other.callTool('search_files', { query: 'cart' });
    const { files } = data ?? {};
    expect(Array.isArray(files) && files.map(({ path }) => path)).toEqual([
      'd/where.ts',
      'c/cart.ts',
      'a/cart.test.ts',
      'b/often.ts',
      'a/first.ts',
    ]);
    expect(data).toMatchObject({ total_matches: 7 });
  });

  it('finds whole words when asked to', async () => {
    expect(await pathsOf({ query: 'eedle', word: true })).toEqual([]);
    expect(await pathsOf({ query: 'needle', word: true, include: ['wide.js', 'docs/'] })).toEqual(['docs/guide.md']);
    expect(await pathsOf({ query: 'need|gui.e', mode: 'regex', word: true })).toEqual(['docs/guide.md']);
  });

  const lines = addProject({
    'a.ts': 'if (a) {\r\n  // one\r\n}\r\nelse {\n}\nfoo(\n  bar,\n);\nfoo(\n  baz);\n',
    'long.txt': `begin\n${'x\n'.repeat(500)}end\n`,
    'huge.txt': 'begin\nend\n'.repeat(200_000),
  });
  it('lets a match go over line ends when asked to', async () => {
    const other = lines();
    const ask = (args: Record<string, unknown>) =>
      other.callTool('search_files', { mode: 'regex', multiline: true, exclude: ['huge.txt'], ...args });
    expect((await ask({ query: 'foo\\([^)]*\\)', context: 1 })).text.split('\n').slice(1)).toEqual([
      'a.ts',
      '  5- }',
      '  6:1 foo(',
      '  7:   bar,',
      '  8: );',
      '  9- foo(',
      '  8- );',
      '  9:1 foo(',
      '  10:   baz);',
      '  11- ',
    ]);
    expect((await ask({ query: '\\}\\s+else' })).data?.files).toEqual([
      { path: 'a.ts', matches: [{ line: 3, column: 1, end_line: 4, text: '}\nelse {' }] },
    ]);
    const long = await ask({ query: 'begin[\\s\\S]*end' });
    expect(long.data).toMatchObject({ match_count: 1, files: [{ matches: [{ line: 1, end_line: 502 }] }] });
    expect(long.text.length).toBeLessThan(1000);
    expect((await ask({ query: 'one\r\n}', mode: 'text' })).data).toMatchObject({ match_count: 1 });
    expect((await ask({ query: 'begin', exclude: [] })).data).toMatchObject({ skipped_too_large: 1, complete: false });
    expect((await ask({ query: '^' })).data).toMatchObject({ complete: true });
    expect((await ask({ query: 'a\\nb', multiline: false })).text).toMatch(
      /^bad_input: .*with multiline they may go on/,
    );
  });

  it('reads UTF-16 that says so at its start', async () => {
    const text = '\ufeffone\nzwölf needles\n';
    const swapped = Buffer.from(text, 'utf16le').swap16();
    const other = await connect('v2-2026', {
      args: ['--project', tempProject({ 'le.txt': Buffer.from(text, 'utf16le'), 'be.ts': swapped })],
    });
    const { text: shown, data } = await other.callTool('search_files', { query: 'ZWÖLF', case: 'insensitive' });
    expect(data).toMatchObject({ match_count: 2, skipped_binary: 0 });
    expect(shown).toContain('  2:1 zwölf needles');
    const { text: further, data: places } = await other.callTool('search_files', { query: 'needle' });
    expect(places).toMatchObject({ files: [{ matches: [{ line: 2, column: 7, byte_column: 8 }] }, {}] });
    expect(further).toContain('  2:7 (byte 8) zwölf needles');
    await other.close();
  });

  it('takes a text literally and a regular expression as one', async () => {
    expect(await pathsOf({ query: 'Alpha()' })).toEqual(['src/alpha.ts']);
    expect(await pathsOf({ query: '^const [ab] = \\d', mode: 'regex' })).toEqual(['src/alpha.ts', 'src/beta.ts']);
    expect(await pathsOf({ query: '[a-c]LPHA', mode: 'regex', case: 'insensitive' })).toEqual(['src/alpha.ts']);
  });

  it('shows lines around a match', async () => {
    const { text } = await search({ query: 'needle one', context: 1 });
    expect(text).toContain('  1- const a = 1;\n  2:4 // needle one\n  3- export function Alpha() {');
  });

  it('shows the part of a long line that matched', async () => {
    const { text } = await search({ query: 'needle', include: ['wide.js'] });
    expect(text).toMatch(/1:5001 …x+needley+…/);
    expect(text.length).toBeLessThan(500);
  });

  it('finds paths by some of their letters, best first', async () => {
    expect((await pathsOf({ query: 'hsf', mode: 'path' }))[0]).toBe('src/deep/HttpServerFactory.ts');
    expect((await pathsOf({ query: 'beta', mode: 'path' }))[0]).toBe('src/beta.ts');
    expect(await pathsOf({ query: 'deep factory', mode: 'path' })).toEqual(['src/deep/HttpServerFactory.ts']);
  });

  it('filters by globs of names, paths and folders', async () => {
    expect(await pathsOf({ query: 'needle', include: ['*.{md,txt}'] })).toEqual(['docs/guide.md', 'latin.txt']);
    expect(await pathsOf({ query: 'needle', include: ['src/**/*.ts'], exclude: ['beta*'] })).toEqual(['src/alpha.ts']);
  });

  it('pages through everything once, in answers of at most 10,000 characters', async () => {
    const lines: number[] = [];
    let cursor: unknown;
    do {
      const { data, text } = await search({
        query: 'row',
        include: ['many.txt'],
        limit: 500,
        ...(cursor ? { cursor } : {}),
      });
      expect(text.length).toBeLessThanOrEqual(10_000);
      expect(JSON.stringify(data).length).toBeLessThanOrEqual(10_000);
      const { files, next_cursor } = data ?? {};
      if (Array.isArray(files))
        lines.push(...files.flatMap(({ matches }) => matches.map((match: { line: number }) => match.line)));
      cursor = next_cursor;
    } while (cursor);
    expect(lines).toEqual(Array.from({ length: 400 }, (_, index) => index + 1));
  });

  it('pages through paths as well', async () => {
    const first = await search({ query: 's', mode: 'path', limit: 2 });
    const second = await search({ query: 's', mode: 'path', limit: 2, cursor: first.data?.next_cursor });
    expect(first.data?.match_count).toBe(2);
    expect(second.data?.files).not.toEqual(first.data?.files);
  });

  const short = addProject({ 'short.txt': 'x\n'.repeat(3000), 'wide.txt': `${'y'.repeat(230)}\n`.repeat(30) });
  it('stays within its characters with many short lines around each match', async () => {
    const other = short();
    for (const [query, max_characters] of [
      ['x', 10_000],
      ['y', 10_000],
      ['y', 1000],
    ] as const) {
      const { text, data } = await other.callTool('search_files', { query, context: 10, limit: 500, max_characters });
      expect(text.length).toBeLessThanOrEqual(max_characters);
      expect(JSON.stringify(data).length).toBeLessThanOrEqual(max_characters);
      expect(data?.match_count).toBeGreaterThan(0);
    }
  });

  const long = addProject({ 'min.js': `${'x'.repeat(150_000)}needle\n`, 'bom.ts': '\ufeffimport a;\n' });
  it('looks for a text in all of a long line, and says where it did not look for a pattern', async () => {
    const other = long();
    expect((await other.callTool('search_files', { query: 'needle' })).data).toMatchObject({
      match_count: 1,
      complete: true,
    });
    const byPattern = await other.callTool('search_files', { query: 'needl[e]', mode: 'regex' });
    expect(byPattern.data).toMatchObject({
      complete: false,
      reason: 'only the first part of 1 very long line was searched',
    });
    expect((await other.callTool('search_files', { query: '^import', mode: 'regex' })).data).toMatchObject({
      match_count: 1,
    });
  });

  it.each([{ query: 'table' }, { sort: 'path' }])('refuses the cursor of another question: %j', async (other) => {
    const { data } = await search({ query: 'row', limit: 1 });
    const { isError, text } = await search({ query: 'row', limit: 1, ...other, cursor: data?.next_cursor });
    expect([isError, text]).toEqual([
      true,
      'bad_input: The cursor does not belong to this question. Leave it out to start again.',
    ]);
  });

  it.each([20, 40])('answers %i calls at once', async (count) => {
    const modes = ['text', 'regex', 'path', 'symbol', 'references'];
    const calls = Array.from({ length: count }, (_, at) => search({ query: 'Alpha', mode: modes[at % modes.length] }));
    const texts = (await Promise.all(calls)).map(({ text }) => text.split('\n')[1]);
    expect(new Set(texts)).toEqual(new Set(['src/alpha.ts']));
  });

  const counted = addProject(
    Object.fromEntries(Array.from({ length: 9 }, (_, at) => [`${at}.ts`, 'one();\ntwo();\n'])),
  );
  it('counts all matches, also where the last ones do not fit', async () => {
    const other = counted();
    const ask = async (query: string) =>
      (await other.callTool('search_files', { query, mode: 'regex', limit: 1 })).data;
    for (let look = 0; look < 40 && (await ask('on[e]'))?.total_matches === undefined; look++) {
      expect((await ask('on[e]'))?.total_at_least ?? 9).toBeLessThanOrEqual(9);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(await ask('on[e]')).toMatchObject({ total_matches: 9 });
  });

  const big = addProject({ 'big.ts': `${'const a = 1;\n'.repeat(700_000)}` });
  it('tells of files too large to look for names in', async () => {
    const other = big();
    for (const mode of ['symbol', 'references']) {
      const { data } = await other.callTool('search_files', { query: 'a', mode });
      expect(data).toMatchObject({ skipped_too_large: 1, complete: false });
    }
  });

  const utf8 = addProject({
    'a.txt': Buffer.concat([Buffer.from('Größe ist größer\n'), Buffer.from([0x80, 10])]),
  });
  it('reads UTF-8 with a wrong byte as UTF-8', async () => {
    const other = utf8();
    expect((await other.callTool('search_files', { query: 'größer' })).data).toMatchObject({ match_count: 1 });
  });

  const forged = addProject({ 'x\n  1:1 forged.txt': 'needle\n' });
  it('shows no name of a file as lines of its answer', async () => {
    const other = forged();
    const { text, data } = await other.callTool('search_files', { query: 'needle' });
    expect(text).toContain('x\\x0a  1:1 forged.txt\n');
    expect(data).toMatchObject({ files: [{ path: 'x\n  1:1 forged.txt' }] });
  });

  it.each(['src/alpha.ts:3', 'src/alpha.ts:3:14', 'src/alpha.ts:3-9'])('finds the path in %s', async (query) => {
    expect((await pathsOf({ query, mode: 'path' }))[0]).toBe('src/alpha.ts');
  });

  it('finds an absolute path within the project', async () => {
    expect((await pathsOf({ query: `${folder}/src/alpha.ts`, mode: 'path' }))[0]).toBe('src/alpha.ts');
  });

  it('takes "." for all, and refuses a glob with "!"', async () => {
    expect(await pathsOf({ query: 'alpha', include: ['.'] })).toEqual(await pathsOf({ query: 'alpha' }));
    expect((await search({ query: 'alpha', include: ['!*.ts'] })).text).toContain('Leave files out by exclude.');
  });

  it('says what is wrong with a pattern', async () => {
    expect((await search({ query: '(', mode: 'regex' })).text).toMatch(
      /^bad_input: The regular expression is not valid/,
    );
  });

  it.each(['[]a]', '[^]', '\\n', '\\K', '\\R', '\\Z', 'x++', 'x{,2}', '(?|a)', '(?1)', '[[a]b]', '(*SKIP)'])(
    'refuses %s, which other programs know, with what to write instead',
    async (query) => {
      expect((await search({ query, mode: 'regex' })).text).toMatch(/^bad_input: ".*" is not supported here: ../);
    },
  );

  it.each(['\\q', '\\p{Nope}', 'a{3,1}', '[b-a]', '\\ud83d', '(?P=x)', '\\2(a)', '*', 'x\\'])(
    'refuses %s as not valid',
    async (query) => {
      expect((await search({ query, mode: 'regex' })).text).toMatch(
        /^bad_input: The regular expression is not valid: /,
      );
    },
  );

  it.each([
    ...['[^:]x', '[:a]', '\\x41', '\\t', 'a\\.b', '\\[', '\\-', '[[:alpha:]]+', '\\p{L}', '\\p{Greek}', '\\u{1F600}'],
    ...[
      '\\Ax',
      'x\\z',
      '\\Qx(\\E',
      '\\h',
      '\\<x\\>',
      '(?i)X',
      '(?P<n>x)',
      '(?<n>x)',
      '(?x) x # y',
      '[a-z&&[^b]]',
      'x{',
    ],
  ])('takes %s', async (query) => {
    expect((await search({ query, mode: 'regex' })).isError).toBe(false);
  });

  it('says that nothing matched', async () => {
    expect((await search({ query: 'zzz-not-there' })).text).toMatch(/^No match in \d+ files of octant-/);
  });

  it('names the projects that it knows when asked for another', async () => {
    expect((await search({ query: 'x', project: 'nope' })).text).toMatch(
      /^not_found: There is no project "nope"\. Known: octant-/,
    );
  });
});

describe('A long search', () => {
  it('tells a client that asks how far it is, in every era', async () => {
    const text = 'All work and no play makes for a dull corpus of text.\n'.repeat(40_000);
    const large = tempProject(Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`${index}.txt`, text])));
    for (const kind of clientKinds) {
      const other = await connect(kind, { args: ['--project', large] });
      const done: number[] = [];
      const onprogress = ({ progress }: { progress: number }) => void done.push(progress);
      const args = { query: '(?<=w)ork(?! and)', mode: 'regex' }; // which no filter can tell of a line
      const { data } = await other.callTool('search_files', args, { onprogress });
      await other.close();
      expect(data).toMatchObject({ match_count: 0, complete: true, files_searched: 30 });
      expect(done.length, kind).toBeGreaterThan(0);
    }
  });
});
