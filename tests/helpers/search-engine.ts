import { createArena } from '../../src/search/engine/arena.ts';
import {
  createSliceBuilder,
  type FileReader,
  type Slice,
  type TextLimits,
} from '../../src/search/engine/build-slice.ts';
import type { LineMatch } from '../../src/search/engine/line-matcher.ts';
import { planQuery } from '../../src/search/engine/query-plan.ts';
import { countMatches, type SearchOptions, searchText } from '../../src/search/engine/search-text.ts';
import { toSearchableText } from '../../src/search/engine/searchable-text.ts';
import { createTextIndex, type TextIndex } from '../../src/search/engine/text-index.ts';
import { compilePattern, type PatternQuery } from '../../src/search/regex/compile-pattern.ts';

export type Tree = Readonly<Record<string, string | Uint8Array>>;

const megabyte = 1024 * 1024;

/** An index of files that exist nowhere else. */
export function indexOf(tree: Tree, options: Partial<TextLimits> & { filesPerSlice?: number } = {}): TextIndex {
  const arena = createArena(128 * megabyte);
  const limits = { textBytes: 64 * megabyte, arenaBytes: 64 * megabyte, ...options };
  const read: FileReader = (path) => readFrom(tree, path);
  const builder = createSliceBuilder(arena, read);
  const paths = Object.keys(tree).sort();
  const step = options.filesPerSlice ?? paths.length;
  const slices: Slice[] = [];
  for (let first = 0; first < paths.length; first += step) {
    const slice = builder.build({ first, paths: paths.slice(first, first + step), limits }, () => false);
    if (slice === 'full' || slice === 'stopped') throw new Error(`The slice is ${slice}.`);
    slices.push(slice);
  }
  return createTextIndex(arena, slices);
}

export function readFrom(tree: Tree, path: string) {
  const content = tree[path];
  if (content === undefined) return undefined;
  const bytes = Buffer.from(content);
  return { bytes, size: bytes.length, modifiedAt: 1 };
}

export function search(index: TextIndex, query: PatternQuery, options: SearchOptions = {}): LineMatch[] {
  return [...searchText(index, planQuery(compilePattern(query), index), options)];
}

export function count(index: TextIndex, query: PatternQuery): number {
  return countMatches(index, planQuery(compilePattern(query), index));
}

/** What a search has to find, found line by line. */
export function naiveSearch(tree: Tree, query: PatternQuery): LineMatch[] {
  const pattern = compilePattern(query);
  const matches: LineMatch[] = [];
  for (const path of Object.keys(tree).sort()) {
    const text = toSearchableText(Buffer.from(tree[path] ?? ''))?.toString() ?? '';
    const lines = text.split('\n');
    if (lines.at(-1) === '') lines.pop();
    for (const [index, whole] of lines.entries()) {
      const line = whole.endsWith('\r') ? whole.slice(0, -1) : whole;
      const found = pattern.find(line);
      if (!found) continue;
      const byteColumn = Buffer.byteLength(line.slice(0, found.index)) + 1;
      const { length } = found;
      matches.push({ path, line: index + 1, column: found.index + 1, byteColumn, length, text: line });
    }
  }
  return matches;
}
