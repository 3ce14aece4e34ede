import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect, type TestClient } from '../../helpers/connect.ts';
import { makeTempFolder, removeFolder, writeFiles } from '../../helpers/temp-project.ts';

let client: TestClient;
const folder = makeTempFolder();

beforeAll(async () => {
  writeFiles(folder, {
    'a.txt': 'foobar\nfoobaz\nbarfoo\nBarBar barbar\nletter aaa\n"it\'s" and \'so "so"\'\nprix 5€ ou 7$\n',
    'b.txt': `start\n${'a'.repeat(40)}!\nfoobar behind it\n`,
    'long.txt': `${'x'.repeat(20_000)}foobar\n`,
  });
  client = await connect('v2-2026', { args: ['--project', folder] });
});

afterAll(async () => {
  await client.close();
  removeFolder(folder);
});

async function linesOf(query: string, more: object = {}): Promise<string[]> {
  const { data, text, isError } = await client.callTool('search_files', {
    query,
    mode: 'regex',
    include: ['a.txt'],
    ...more,
  });
  if (isError) return [text];
  const files = data?.files as Array<{ path: string; matches: Array<{ line: number; column: number }> }>;
  return files.flatMap(({ path, matches }) => matches.map(({ line, column }) => `${path}:${line}:${column}`));
}

describe('A pattern that needs backtracking', () => {
  it.each([
    ['foo(?=bar)', ['a.txt:1:1']],
    ['foo(?!bar)', ['a.txt:2:1', 'a.txt:3:4']],
    ['(?<=bar)foo', ['a.txt:3:4']],
    ['(?<!^)foo', ['a.txt:3:4']],
    ['(\\w)\\1\\1', ['a.txt:5:8']],
    ['(?<quote>["\']).*?\\k<quote>$', ['a.txt:6:4']],
    ['(?P<w>bar) ?(?P=w)', ['a.txt:4:1']],
    ['(?>foo|foob)ar', []],
    ['(?<=\\d)\\p{Sc}', ['a.txt:7:7']],
    ['(?<!\\w)so\\b', ['a.txt:6:13']],
  ])('%s finds %j', async (query, found) => {
    expect(await linesOf(query)).toEqual(found);
  });

  it('heeds case, words, and lines that go on', async () => {
    expect(await linesOf('(bar)\\1', { case: 'insensitive' })).toEqual(['a.txt:4:1']);
    expect(await linesOf('(bar)\\1', { case: 'sensitive' })).toEqual(['a.txt:4:8']);
    expect(await linesOf('foo(?!bar)\\w*', { word: true })).toEqual(['a.txt:2:1']);
    expect(await linesOf('bar\\n(?=foobaz)', { multiline: true })).toEqual(['a.txt:1:4']);
  });

  it('is ended when it takes too long, says so, and goes on behind that line', async () => {
    const hostile = { query: '(?=a)(a+)+\\b!$|foobar(?= b)', mode: 'regex', include: ['b.txt'] };
    const explosive = { ...hostile, query: '^(a|aa)+(?!!).$|foobar(?= b)' };
    expect((await client.callTool('search_files', hostile)).data).toMatchObject({ complete: true, match_count: 2 });
    const begin = performance.now();
    const { data } = await client.callTool('search_files', explosive);
    expect(performance.now() - begin).toBeLessThan(2000);
    expect(data).toMatchObject({ match_count: 0, complete: false });
    expect(data?.reason).toContain('took too long on one line');
    const next = await client.callTool('search_files', { ...explosive, cursor: data?.next_cursor });
    expect(next.data).toMatchObject({ match_count: 1, complete: true, files: [{ matches: [{ line: 3 }] }] });
    expect(await linesOf('foo(?=bar)')).toEqual(['a.txt:1:1']);
  });

  it('looks at the first part of a long line, and says so', async () => {
    const { data } = await client.callTool('search_files', {
      query: 'foo(?=bar)',
      mode: 'regex',
      include: ['long.txt'],
    });
    expect(data).toMatchObject({ complete: false, match_count: 0 });
    expect(data?.reason).toBe('only the first part of 1 very long line was searched');
  });

  it('refuses what V8 could not even compile in time', async () => {
    expect(await linesOf(`(?=x)${'(?:\\b|$)'.repeat(30)}`)).toEqual([
      'bad_input: The regular expression has too many optional parts for look-around. Use fewer.',
    ]);
  });
});
