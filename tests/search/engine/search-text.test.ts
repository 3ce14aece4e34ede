import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toSearchableText } from '../../../src/search/engine/searchable-text.ts';
import type { PatternQuery } from '../../../src/search/pattern.ts';
import { count, indexOf, naiveSearch, readFrom, search, type Tree } from '../../helpers/search-engine.ts';

const text = (query: string, letterCase: PatternQuery['letterCase'] = 'sensitive') =>
  ({ query, mode: 'text', letterCase }) as const;
const regex = (query: string, letterCase: PatternQuery['letterCase'] = 'sensitive') =>
  ({ query, mode: 'regex', letterCase }) as const;

/** Few words, so that queries hit, and everything that makes lines odd. */
const word = fc.constantFrom(
  ...['foo', 'Foo', 'FOO', 'bar', 'ba', 'x', '42', '2024-11', 'Error', 'class', 'é', 'É', 'ſ', 'K', 'straße', '日本語'],
  ...[
    '😀',
    '\u2028',
    '\u00a0',
    '\t',
    ' ',
    '  ',
    '.',
    '(',
    '_',
    '-',
    '=>',
    '\r',
    '\u0000x',
    'aaaaaaaaaa',
    'ﬀ',
    '\ufeff',
  ],
);
const line = fc.array(word, { maxLength: 8 }).map((words) => words.join(''));
const ending = fc.constantFrom('\n', '\n', '\n', '\r\n');
const document = fc
  .tuple(fc.array(fc.tuple(line, ending), { maxLength: 30 }), line, fc.integer({ min: 1, max: 40 }))
  .map(
    ([lines, last, times]) =>
      lines
        .map((parts) => parts.join(''))
        .join('')
        .repeat(times) + last,
  );
const content = fc.oneof(
  { weight: 8, arbitrary: document },
  { weight: 1, arbitrary: document.map((each) => Buffer.from(`\ufeff${each}`, 'utf16le')) },
  { weight: 1, arbitrary: document.map((each) => Buffer.from(`\ufeff${each}`, 'utf16le').swap16()) },
  { weight: 1, arbitrary: document.map((each) => Buffer.from(each, 'latin1')) },
  { weight: 1, arbitrary: document.map((each) => Buffer.from(`${each}\u0000`)) },
);
const path = fc.constantFrom('a', 'a/b', 'a-b', 'b.ts', 'c/d/e', 'é', 'z');
const trees: fc.Arbitrary<Tree> = fc.dictionary(path, content, { maxKeys: 6 });

const atom = fc.constantFrom(
  ...['f', 'oo', 'foo', 'Foo', 'bar', 'a', '.', '\\w', '\\W', '\\d', '\\D', '\\s', '\\S', '[a-f]', '[^a-f]', '[^\\d]'],
  ...[
    'é',
    '[éa]',
    '[À-ÿ]',
    '😀',
    '\\ud83d',
    '日',
    '\\u2028',
    '\\b',
    '\\B',
    '^',
    '$',
    '(?:)',
    '\\.',
    '[x-z0-9_]',
    '\\x41',
  ],
);
const quantifier = fc.constantFrom('', '', '', '', '*', '+', '?', '{2}', '{0,2}', '{3,}', '+?');
const isEdge = (part: string) => /^(\\b|\\B|\^|\$)$/.test(part);
const piece = fc.tuple(atom, quantifier).map(([part, times]) => (isEdge(part) ? part : `(?:${part})${times}`));
const pieces = fc.array(piece, { minLength: 1, maxLength: 5 }).map((parts) => parts.join(''));
const expression = fc.array(pieces, { minLength: 1, maxLength: 3 }).map((options) => options.join('|'));
const letterCase = fc.constantFrom('sensitive', 'insensitive', 'smart');
const query: fc.Arbitrary<PatternQuery> = fc.oneof(
  fc.record({
    query: line.filter((each) => each !== '' && !/[\r\n]/.test(each)),
    mode: fc.constant('text'),
    letterCase,
  }),
  fc.record({ query: expression, mode: fc.constant('regex'), letterCase }),
);

describe('A search of the index', () => {
  it('finds what a search line by line finds, in the same order', () => {
    fc.assert(
      fc.property(trees, fc.array(query, { minLength: 1, maxLength: 5 }), (tree, queries) => {
        const index = indexOf(tree, { filesPerSlice: 2 });
        for (const each of queries) {
          const wanted = naiveSearch(tree, each);
          expect(search(index, each)).toEqual(wanted);
          expect(count(index, each)).toBe(wanted.length);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('finds the same after files came, changed and went', () => {
    fc.assert(
      fc.property(trees, trees, fc.array(path, { maxLength: 2 }), query, (before, changes, gone, each) => {
        const index = indexOf(before);
        const now: Record<string, string | Uint8Array> = { ...before };
        for (const [name, value] of Object.entries(changes)) {
          now[name] = value;
          const found = readFrom(now, name);
          if (found) index.put(name, found);
        }
        for (const name of gone) {
          delete now[name];
          index.remove(name);
        }
        expect(search(index, each)).toEqual(naiveSearch(now, each));
      }),
      { numRuns: 100 },
    );
  });

  it('finds the same with text left on the disk', () => {
    fc.assert(
      fc.property(trees, query, fc.integer({ min: 0, max: 2000 }), (tree, each, textLimitBytes) => {
        const index = indexOf(tree, { textLimitBytes });
        const read = (name: string) => toSearchableText(Buffer.from(tree[name] ?? ''));
        expect(search(index, each, { read })).toEqual(naiveSearch(tree, each));
      }),
      { numRuns: 50 },
    );
  });

  it('stops at the limit and goes on behind a line', () => {
    fc.assert(
      fc.property(trees, query, fc.integer({ min: 1, max: 10 }), (tree, each, limit) => {
        const index = indexOf(tree, { filesPerSlice: 2 });
        const all = naiveSearch(tree, each);
        const first = search(index, each, { limit });
        expect(first).toEqual(all.slice(0, limit));
        const after = first.at(-1);
        if (after) expect(search(index, each, { limit, after })).toEqual(all.slice(limit, 2 * limit));
      }),
      { numRuns: 50 },
    );
  });

  it('leaves out what is not accepted', () => {
    const index = indexOf({ 'a.ts': 'one\n', 'b.md': 'one\n', 'c.ts': 'one\n' });
    index.put('b.ts', { bytes: Buffer.from('one\n'), size: 4, modifiedAt: 1 });
    const accept = (name: string) => name.endsWith('.ts');
    expect(search(index, text('one'), { accept }).map((match) => match.path)).toEqual(['a.ts', 'b.ts', 'c.ts']);
  });

  it('finds lines in a file of many blocks, with their numbers', () => {
    const lines = Array.from(
      { length: 20_000 },
      (_, number) => `line ${number} of the file ${'x'.repeat(number % 50)}`,
    );
    const index = indexOf({ long: lines.join('\r\n') });
    expect(search(index, text('line 15000 of')).map((match) => match.line)).toEqual([15_001]);
    expect(search(index, regex('^line \\d*999 .*x{9}$')).map((match) => match.line)).toEqual(
      lines.flatMap((each, number) => (/^line \d*999 .*x{9}$/.test(each) ? [number + 1] : [])),
    );
  });

  it('finds a word on a line of a megabyte', () => {
    const index = indexOf({ long: `first\n${'ab '.repeat(400_000)}needle here\nlast needle` });
    expect(search(index, text('needle')).map(({ line, column }) => [line, column])).toEqual([
      [2, 1_200_001],
      [3, 6],
    ]);
  });
});
