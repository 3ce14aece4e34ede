import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PlacesReader } from '../../../src/search/engine/disk-reader.ts';
import { toSearchableText } from '../../../src/search/engine/searchable-text.ts';
import type { PatternQuery } from '../../../src/search/regex/compile-pattern.ts';
import { path, query, trees } from '../../helpers/search-arbitraries.ts';
import { count, indexOf, naiveSearch, readFrom, search, type Tree } from '../../helpers/search-engine.ts';

const text = (query: string, letterCase: PatternQuery['letterCase'] = 'sensitive') =>
  ({ query, mode: 'text', letterCase }) as const;
const regex = (query: string, letterCase: PatternQuery['letterCase'] = 'sensitive') =>
  ({ query, mode: 'regex', letterCase }) as const;

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
      fc.property(trees, query, fc.integer({ min: 0, max: 2000 }), (tree, each, textBytes) => {
        const index = indexOf(tree, { textBytes });
        const read = (name: string) => toSearchableText(Buffer.from(tree[name] ?? ''));
        const wanted = naiveSearch(tree, each);
        expect(search(index, each, { read })).toEqual(wanted);
        const readPlaces = placesIn(tree);
        expect(search(index, each, { read, readPlaces })).toEqual(wanted);
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

/** Reads pieces of files as they would be read from a disk. */
function placesIn(tree: Tree): PlacesReader {
  return ({ path }, places, room, isWanted) => {
    const bytes = Buffer.from(tree[path] ?? '');
    if (toSearchableText(bytes)?.equals(bytes) !== true) return 'unread';
    room.set(Buffer.concat(places.map(({ start, length }) => bytes.subarray(start, start + length))));
    return isWanted() ? 'held' : 'passed';
  };
}
