import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type PathPosition, searchPaths } from '../../../src/search/paths/fuzzy-paths.ts';
import { createPathIndex } from '../../../src/search/paths/path-index.ts';

const paths = [
  'README.md',
  'docs/guide.md',
  'net/ipv4/tcp.c',
  'net/ipv4/tcp_cong.c',
  'net/ipv4/tcp_input.c',
  'net/ipv4/tcp_output.c',
  'net/ipv6/tcp_ipv6.c',
  'src/http/HttpServerFactory.ts',
  'src/http/serve.ts',
  'src/index.ts',
  'src/tools/search-files.ts',
  'tests/tools/search-files.test.ts',
  'tools/perf/util/header.c',
];

function find(query: string, limit = 20): string[] {
  return searchPaths(createPathIndex(paths), { query, limit }).hits.map(({ path }) => path);
}

describe('the wanted path comes first', () => {
  test.each([
    ['the whole name', 'tcp_input.c', 'net/ipv4/tcp_input.c'],
    ['the name without its extension', 'tcp', 'net/ipv4/tcp.c'],
    ['another case', 'readme', 'README.md'],
    ['first letters of words', 'hsf', 'src/http/HttpServerFactory.ts'],
    ['first letters of words with a separator', 'sf.ts', 'src/tools/search-files.ts'],
    ['folder and name glued together', 'ipv4tcpoutput', 'net/ipv4/tcp_output.c'],
    ['folder and name with a slash', 'ipv4/tcpin', 'net/ipv4/tcp_input.c'],
    ['words in another order', 'cong ipv4', 'net/ipv4/tcp_cong.c'],
    ['folders in another order', 'serve/http', 'src/http/serve.ts'],
    ['two transposed letters', 'tcp_inptu', 'net/ipv4/tcp_input.c'],
    ['a wrong letter', 'tcp_imput', 'net/ipv4/tcp_input.c'],
    ['a superfluous letter', 'tcp_inpuut', 'net/ipv4/tcp_input.c'],
    ['a missing letter', 'tcp_iput', 'net/ipv4/tcp_input.c'],
    ['a wrong first letter', 'geader', 'tools/perf/util/header.c'],
    ['a superfluous last letter', 'headerx', 'tools/perf/util/header.c'],
    ['a typo in one of two words', 'tols saerch', 'src/tools/search-files.ts'],
  ])('%s: %s', (_, query, wanted) => expect(find(query)[0]).toBe(wanted));
});

test('letters beyond ASCII are letters', () => {
  const index = createPathIndex(['a/Übersicht.md', 'a/日本語.txt', 'a/😀.md']);
  const first = (query: string) => searchPaths(index, { query, limit: 1 }).hits[0]?.path;
  expect([first('über'), first('日語'), first('😀')]).toEqual(['a/Übersicht.md', 'a/日本語.txt', 'a/😀.md']);
});

test('what no path holds is not found', () => {
  expect(find('zzqq')).toEqual([]);
  expect(searchPaths(createPathIndex([]), { query: 'a', limit: 3 })).toMatchObject({ hits: [], total: 0, more: false });
});

test('pages go through everything once, also when a file is removed between them', () => {
  const many = Array.from({ length: 40 }, (_, at) => `src/part${at % 7}/file-${at}.ts`).sort();
  const whole = searchPaths(createPathIndex(many), { query: 'file', limit: 100 }).hits.map(({ path }) => path);
  expect(whole).toHaveLength(40);
  let left = many;
  let after: PathPosition | undefined;
  const seen: string[] = [];
  for (;;) {
    const { hits, more } = searchPaths(createPathIndex(left), { query: 'file', limit: 6, after });
    seen.push(...hits.map(({ path }) => path));
    after = hits.at(-1);
    left = left.filter((path) => path !== seen[0] && path !== after?.path);
    if (!more) break;
  }
  expect(seen).toEqual(whole);
});

const path = fc
  .array(fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'B', '_', '1', '.'), minLength: 1, maxLength: 5 }), {
    minLength: 1,
    maxLength: 4,
  })
  .map((names) => names.join('/'));

const queryOf = (minLength: number, maxLength: number) =>
  fc.string({ unit: fc.constantFrom('a', 'b', 'c', '1', '/', '/', '.', '_'), minLength, maxLength });

test('finds what has the letters in order, whatever lies in which folder, and only the best first', () => {
  fc.assert(
    fc.property(fc.uniqueArray(path, { maxLength: 60 }), queryOf(1, 3), (list, query) => {
      const sorted = list.toSorted();
      const expected = sorted.filter((each) => isSubsequence(query, each.toLowerCase()));
      const all = searchPaths(createPathIndex(sorted), { query, limit: 100 });
      if (expected.length > 0) expect(all.hits.map((hit) => hit.path).toSorted()).toEqual(expected);
      const few = searchPaths(createPathIndex(sorted), { query, limit: 3 });
      expect(few.hits).toEqual(all.hits.slice(0, 3)); // the bounds rule out nothing that belongs there
      expect(few.total).toBe(all.total);
    }),
    { numRuns: 3000 },
  );
});

test('with a letter wrong the bounds rule out nothing either', () => {
  fc.assert(
    fc.property(fc.uniqueArray(path, { minLength: 5, maxLength: 60 }), queryOf(4, 7), (list, query) => {
      const index = createPathIndex(list.toSorted());
      const all = searchPaths(index, { query, limit: 100 });
      expect(searchPaths(index, { query, limit: 2 }).hits).toEqual(all.hits.slice(0, 2));
    }),
    { numRuns: 3000 },
  );
});

function isSubsequence(query: string, path: string): boolean {
  let at = 0;
  for (const letter of path) if (letter === query[at]) at++;
  return at === query.length;
}
