import type { Root } from '../../projects/door.ts';
import type { JobControl } from '../../projects/job-control.ts';
import { compilePattern, type PatternQuery } from '../pattern.ts';
import { loadScanModule } from '../wasm/modules.ts';
import { createArena } from './arena.ts';
import { createDiskReader } from './disk-reader.ts';
import { createLineMatcher, type LineMatch } from './line-matcher.ts';
import { readLines } from './line-reader.ts';
import { openPathFeed, type PathFeedHandle } from './path-feed.ts';
import { createQueryArea } from './query-area.ts';
import { planQuery } from './query-plan.ts';
import { toSearchableText } from './searchable-text.ts';
import { maxTextBytes } from './segment-builder.ts';

export interface ColdScanInput {
  root: Root;
  feed: PathFeedHandle;
  query: PatternQuery;
  limit: number;
  after?: { path: string; line: number } | undefined;
  /** How many lines each slice has, one more for "done", so that all threads can tell when there are enough. */
  progress: Int32Array<SharedArrayBuffer>;
}

export interface ColdScanOutput {
  /** The matches of each slice, with its place. */
  slices: Array<{ slice: number; matches: LineMatch[] }>;
  filesSearched: number;
  skipped: { binary: number; tooLarge: number; longLines: number };
}

/** Small enough that two threads end at about the same time. */
export const coldSlices = { first: 16, largest: 128, maxPaths: 400_000 };
const maxSlices = 4096;

export function createColdProgress(): Int32Array<SharedArrayBuffer> {
  return new Int32Array(new SharedArrayBuffer(maxSlices * 4));
}

/**
 * Searches the files of a feed without an index, until there are none left or the slices up to some place hold enough.
 * Run it in as many threads as shall work; `joinColdScans` puts together what they return.
 */
export function coldScan(input: ColdScanInput, control: JobControl): ColdScanOutput {
  const feed = openPathFeed(input.feed);
  const { scanFile, output } = createFileScanner(input);
  for (let next = feed.take(control.shouldStop); next; next = feed.take(control.shouldStop)) {
    const matches: LineMatch[] = [];
    for (const path of next.paths) {
      if (control.shouldStop() || matches.length >= input.limit) break;
      if (input.after && path < input.after.path) continue;
      for (const match of scanFile(path)) {
        if (input.after && path === input.after.path && match.line <= input.after.line) continue;
        if (matches.push(match) >= input.limit) break;
      }
      control.progress(output.filesSearched, path);
    }
    if (matches.length > 0) output.slices.push({ slice: next.slice, matches });
    Atomics.store(input.progress, next.slice, matches.length + 1);
    if (hasEnough(input)) feed.stop();
  }
  return output;
}

/** The matches of all threads in path order. */
export function joinColdScans(outputs: readonly ColdScanOutput[], limit: number): LineMatch[] {
  const slices = outputs.flatMap((output) => output.slices).sort((a, b) => a.slice - b.slice);
  return slices.flatMap(({ matches }) => matches).slice(0, limit);
}

function hasEnough({ progress, limit }: ColdScanInput): boolean {
  let found = 0;
  for (let slice = 0; found < limit; slice++) {
    const lines = slice < progress.length ? Atomics.load(progress, slice) : 0;
    if (lines === 0) return false;
    found += lines - 1;
  }
  return true;
}

function createFileScanner({ root, query }: ColdScanInput) {
  const plan = planQuery(compilePattern(query), undefined);
  const arena = createArena(4 * maxTextBytes);
  const scan = loadScanModule(arena.handle.memory);
  const area = createQueryArea(arena);
  const text = arena.reserve(maxTextBytes + 16);
  if (!area || text === undefined) throw new RangeError('There is no memory for a search.');
  const needle = plan.needle ? area.writeNeedle(plan.needle) : 0;
  const filter = plan.filter ? area.writeFilter(plan.filter) : 0;
  const room = arena.bytes().subarray(text, text + maxTextBytes);
  const read = createDiskReader(root);
  const output: ColdScanOutput = { slices: [], filesSearched: 0, skipped: { binary: 0, tooLarge: 0, longLines: 0 } };
  const matchIn = createLineMatcher(plan, () => void output.skipped.longLines++);
  const isAsciiNeedle = plan.needle?.bytes.every((byte) => byte < 128) === true;

  return { scanFile, output };

  function* scanFile(path: string): Generator<LineMatch> {
    const found = read(path, room);
    if (!found) return;
    if (!found.bytes) {
      output.skipped.tooLarge++;
      return;
    }
    output.filesSearched++;
    if (isSurelyWithout(found.bytes)) return;
    const searchable = toSearchableText(found.bytes);
    if (!searchable) {
      output.filesSearched--;
      output.skipped.binary++;
      return;
    }
    yield* scanText(path, searchable);
  }

  /** ASCII is the same in UTF-8 and Latin-1, so that most files need no look at their encoding. */
  function isSurelyWithout(bytes: Buffer): boolean {
    if (!isAsciiNeedle || bytes.buffer !== room.buffer || (bytes[0] ?? 0) >= 0xfe) return false;
    return scan.findNeedle(needle, bytes.byteOffset, bytes.byteOffset + bytes.length) === 0;
  }

  function* scanText(path: string, searchable: Buffer): Generator<LineMatch> {
    const { byteOffset, length } = searchable;
    if (!area || length === 0) return;
    const isInPlace = searchable.buffer === room.buffer;
    if (isInPlace) arena.bytes()[byteOffset + length] = 10;
    const list = isInPlace ? area.listText(byteOffset, length, 0) : area.loadText(searchable, 0);
    if (list === undefined) return;
    arena.words().fill(0, area.cursor / 4, area.cursor / 4 + 4);
    for (let count = area.mostHits; count === area.mostHits; ) {
      count = scan.scanBlocks(needle, filter, list, 1, area.cursor, area.hits, area.mostHits);
      for (const line of readLines(arena, () => false, area.hits, count)) {
        const match = matchIn(line, path);
        if (match) yield match;
      }
    }
  }
}
