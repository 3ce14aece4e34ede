import { describe, expect, it } from 'vitest';
import { foldByte, trigramOf } from '../../../src/search/analysis/trigrams.ts';
import { createArena, openArena } from '../../../src/search/engine/arena.ts';
import { listCandidates } from '../../../src/search/engine/candidates.ts';
import { indexOf } from '../../helpers/search-engine.ts';

describe('The posting lists', () => {
  it('name exactly the blocks that have a trigram, dense or sparse', () => {
    // a word on every line, words at distances up to thousands of blocks, and bytes of all kinds
    const lines = Array.from({ length: 150_000 }, (_, number) => {
      const rare = number % 9973 === 0 ? 'zebra' : '';
      return `common ${number % 100} ${rare}${String.fromCharCode(33 + (number % 600))}${'.'.repeat(number % 40)}`;
    });
    const index = indexOf({ a: lines.slice(0, 50_000).join('\n'), b: lines.slice(50_000).join('\n') });
    const words = index.arena.words();
    const bytes = index.arena.bytes();
    const area = index.areas.take();
    for (const text of ['com', 'zeb', '99 ', '...', 'Zeb', 'qqq', ' 1 ', '\u00e9x', '~..']) {
      const [first = 0, second = 0, third = 0] = [...Buffer.from(text)].map(foldByte);
      const trigram = trigramOf(first, second, third);
      for (const segment of index.segments) {
        const listed = listCandidates(index, area, segment, { kind: 'any', trigrams: [trigram] }, 1e9);
        const found = [...words.subarray(area.list / 4, area.list / 4 + listed)];
        const wanted: number[] = [];
        for (let block = segment.table; block < segment.table + segment.blockCount * 16; block += 16) {
          const [start = 0, length = 0] = words.subarray(block / 4, block / 4 + 2);
          const symbols = [...bytes.subarray(start, start + length)].map(foldByte);
          const has = symbols.some(
            (symbol, at) => symbol === first && symbols[at + 1] === second && symbols[at + 2] === third,
          );
          if (has) wanted.push(block);
        }
        expect(found, JSON.stringify(text)).toEqual(wanted);
      }
    }
  });

  it('name blocks at every distance that a list can write', () => {
    // one block a file: alone in its eight, beside others, and behind up to 511 of these without any
    const places = {
      zqa: [0, 7, 8, 128, 135, 136, 263, 264, 1287, 1288, 2319, 4095],
      zqb: [4095],
      zqc: [1023, 1024, 2055, 3087, 4094, 4095],
      zqd: [0, 1, 2, 3, 4, 5, 6, 7, 1032, 1033, 2064, 2067, 3104],
      zqe: Array.from({ length: 512 }, (_, group) => group * 8 + (group % 8)),
      zqf: Array.from({ length: 255 }, (_, group) => group * 16 + 9).flatMap((block) => [block, block + 1]),
    };
    const words = Object.entries(places);
    const files = Array.from({ length: 4096 }, (_, block) => {
      const here = words.filter(([, blocks]) => blocks.includes(block)).map(([word]) => word);
      return [`f${String(block).padStart(4, '0')}`, `${here.join(' ')}\n`];
    });
    const index = indexOf(Object.fromEntries(files));
    const [segment, ...others] = index.segments;
    if (segment === undefined) throw new Error('There is no segment.');
    expect(others).toEqual([]);
    const area = index.areas.take();
    for (const [word, blocks] of words) {
      const [first = 0, second = 0, third = 0] = [...Buffer.from(word)].map(foldByte);
      const query = { kind: 'any', trigrams: [trigramOf(first, second, third)] } as const;
      const listed = listCandidates(index, area, segment, query, 1e9);
      const found = [...index.arena.words().subarray(area.list / 4, area.list / 4 + listed)];
      expect(
        found.map((address) => (address - segment.table) / 16),
        word,
      ).toEqual(blocks);
    }
  });

  it('are cut into segments of at most 4,096 blocks, between which files go on in order', () => {
    const text = `${'some words here\n'.repeat(4000)}`;
    const tree = Object.fromEntries(
      Array.from({ length: 800 }, (_, file) => [`f${String(file).padStart(4, '0')}`, text]),
    );
    const index = indexOf(tree, { arenaBytes: 1 });
    expect(index.segments.length).toBeGreaterThan(1);
    expect(index.segments.every(({ blockCount }) => blockCount <= 4096)).toBe(true);
    const files = index.segments.flatMap(({ firstFile, lastFile }) => [firstFile, lastFile]);
    expect(files).toEqual(files.toSorted((a, b) => a - b));
  });
});

describe('An arena', () => {
  it('hands out zeroed room that all threads see, up to its limit', () => {
    const arena = createArena(1024 * 1024);
    const other = openArena(arena.handle);
    const first = arena.reserve(100) ?? 0;
    const second = other.reserve(100) ?? 0;
    expect(first % 16).toBe(0);
    expect(second).toBeGreaterThanOrEqual(first + 100);
    arena.bytes().write('shared', second);
    expect(other.bytes().toString('latin1', second, second + 6)).toBe('shared');
    expect(arena.reserve(1024 * 1024)).toBeUndefined();
    expect(other.reserve(500_000)).toBeDefined();
    expect(arena.bytes().length).toBeGreaterThan(500_000);
  });
});
