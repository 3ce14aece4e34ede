import type { Address } from '../wasm/modules.ts';
import type { PlacesReader } from './disk-reader.ts';
import { createLineMatcher, type LineMatch } from './line-matcher.ts';
import { type FoundLine, readLines } from './line-reader.ts';
import type { QueryArea } from './query-area.ts';
import type { QueryPlan } from './query-plan.ts';
import type { HitBatch, ScanCrew } from './scan-crew.ts';
import { type SearchStep, type StepOptions, searchSteps } from './search-steps.ts';
import type { TextIndex } from './text-index.ts';

export interface SearchOptions {
  limit?: number | undefined;
  accept?: StepOptions['accept'];
  known?: StepOptions['known'];
  /** Goes on behind this line. */
  after?: { path: string; line: number } | undefined;
  /** Ends the search early, between pieces of work of some milliseconds. */
  shouldStop?: (() => boolean) | undefined;
  /** The text of a file that is not in the arena, as `toSearchableText` makes it; undefined when it has none now. */
  read?: ((path: string) => Uint8Array | undefined) | undefined;
  /** Reads parts of such texts, if they are still as they were indexed. */
  readPlaces?: PlacesReader | undefined;
  /** Helps where many blocks are to be scanned. */
  crew?: ScanCrew | undefined;
  /** Told of a line longer than what a regular expression looks at, which is its first 100,000 characters. */
  onLongLine?: (() => void) | undefined;
}

const firstBatch = 64;
/** Blocks that are scanned in the time that it takes to wake a helper. */
const aloneWithNeedle = 256;
const aloneWithFilter = 32;

/**
 * Finds the lines that match, in path order. Lines end at `\n`, which may follow a `\r` that is not part of the line; an
 * empty file has no line. End it (or its `for` loop) rather than leave it: it holds room in the arena until then.
 */
export function* searchText(index: TextIndex, plan: QueryPlan, options: SearchOptions = {}): Generator<LineMatch> {
  for (const { match } of searchLines(index, plan, options)) yield match;
}

/** The same with the places of the lines, which last until the next one is asked for. */
export function* searchLines(
  index: TextIndex,
  plan: QueryPlan,
  options: SearchOptions = {},
): Generator<{ match: LineMatch; found: FoundLine }> {
  const { limit = Number.POSITIVE_INFINITY, after, accept, known } = options;
  if (limit <= 0) return;
  const area = index.areas.take();
  try {
    const scan: Scan = { index, area, ...writePlan(area, plan), options };
    const matchIn = createLineMatcher(plan, options.onLongLine);
    let count = 0;
    for (const step of searchSteps(index, area, plan, { accept, fromPath: after?.path, known })) {
      for (const line of linesOf(scan, step, limit)) {
        const path = index.files.path(line.file);
        if (after && line.line <= after.line && path === after.path) continue;
        const match = matchIn(line, path);
        if (match === undefined) continue;
        yield { match, found: line };
        count++;
        if (count >= limit) return;
      }
      if (options.shouldStop?.()) return;
    }
  } finally {
    index.areas.giveBack(area);
  }
}

/**
 * How many lines match, if that is soon known: of a literal that few blocks can hold, all of them in memory.
 *
 * @returns undefined where it is not
 */
export function countIfCheap(
  index: TextIndex,
  plan: QueryPlan,
  { accept, known, maxBlocks }: Pick<StepOptions, 'accept' | 'known'> & { maxBlocks: number },
): number | undefined {
  if (!plan.isLiteral) return undefined;
  const area = index.areas.take();
  try {
    const { needle } = writePlan(area, plan);
    let lines = 0;
    let blocks = 0;
    for (const step of searchSteps(index, area, plan, { accept, known })) {
      if (step.kind === 'file') return undefined;
      blocks += step.count;
      if (blocks > maxBlocks) return undefined;
      lines += index.scan.countLines(needle, step.list, step.count);
    }
    return lines;
  } finally {
    index.areas.giveBack(area);
  }
}

/** How many lines match, of all that the options do not leave out; their limit is not looked at. */
export function countMatches(index: TextIndex, plan: QueryPlan, options: SearchOptions = {}): number {
  if (!plan.isLiteral || options.after) return countAll(searchText(index, plan, { ...options, limit: undefined }));
  const area = index.areas.take();
  try {
    const scan: Scan = { index, area, ...writePlan(area, plan), options };
    let lines = 0;
    for (const step of searchSteps(index, area, plan, { accept: options.accept })) {
      const blocks = blocksOf(scan, step);
      if (blocks) lines += countIn(scan, blocks);
      if (options.shouldStop?.()) break;
    }
    return lines;
  } finally {
    index.areas.giveBack(area);
  }
}

function countAll(matches: Iterable<unknown>): number {
  let count = 0;
  for (const _ of matches) count++;
  return count;
}

interface BlockList {
  list: Address;
  count: number;
}

/** A search under way: what it looks for is written in its area. */
interface Scan {
  index: TextIndex;
  area: QueryArea;
  needle: Address;
  filter: Address;
  options: SearchOptions;
  /** The last file that was read as a whole. */
  wholeFile?: number;
}

function countIn({ index, needle, filter, options: { crew } }: Scan, { list, count }: BlockList): number {
  if (crew?.isFree() && count >= aloneWithNeedle) return crew.count({ needle, filter, list, count });
  return index.scan.countLines(needle, list, count);
}

function writePlan(area: QueryArea, { needle, filter }: QueryPlan) {
  return { needle: needle ? area.writeNeedle(needle) : 0, filter: filter ? area.writeFilter(filter) : 0 };
}

function* linesOf(scan: Scan, step: SearchStep, limit: number): Generator<FoundLine> {
  const blocks = blocksOf(scan, step);
  if (!blocks) return;
  const { arena, files } = scan.index;
  for (const { hits, count } of batchesOf(scan, blocks, limit)) {
    yield* readLines(arena, files.isAscii, hits, count);
    if (scan.options.shouldStop?.()) return;
  }
}

/** Scans the first blocks alone, since that may be enough, and long lists with the help of others. */
function* batchesOf(scan: Scan, { list, count }: BlockList, limit: number): Generator<HitBatch> {
  const { crew } = scan.options;
  const alone = scan.needle ? aloneWithNeedle : aloneWithFilter;
  if (!crew || count < 2 * alone) {
    yield* scanAlone(scan, { list, count }, limit);
    return;
  }
  yield* scanAlone(scan, { list, count: alone }, limit);
  const rest = { list: list + alone * 4, count: count - alone };
  // asked only now: another search may have begun meanwhile
  if (crew.isFree()) yield* crew.scan({ needle: scan.needle, filter: scan.filter, ...rest });
  else yield* scanAlone(scan, rest, limit);
}

function* scanAlone(
  { index, area, needle, filter }: Scan,
  { list, count }: BlockList,
  limit: number,
): Generator<HitBatch> {
  index.arena.words().fill(0, area.cursor / 4, area.cursor / 4 + 4);
  for (let most = Math.min(limit, firstBatch); ; most = Math.min(most * 2, area.mostHits)) {
    const found = index.scan.scanBlocks(needle, filter, list, count, area.cursor, area.hits, most);
    yield { hits: area.hits, count: found };
    if (found < most) return;
  }
}

/** Blocks of a file that hold a hit; undefined where none does. */
function findInPlaces(
  { index, area, needle, filter }: Scan,
  { file, list, count }: { file: number } & BlockList,
  readPlaces: PlacesReader,
): BlockList | undefined | 'unread' {
  const { places, room, list: placed } = area.placeBlocks(list, count);
  const read = readPlaces(index.files.entry(file), places, room, hasHit);
  if (read === 'unread') return read;
  return read === 'held' ? { list: placed, count } : undefined;

  function hasHit(): boolean {
    index.arena.words().fill(0, area.cursor / 4, area.cursor / 4 + 4);
    return index.scan.scanBlocks(needle, filter, placed, count, area.cursor, area.hits, 1) > 0;
  }
}

/** A file that has changed is searched as it is now, whatever the index said of it. */
function blocksOf(scan: Scan, step: SearchStep): BlockList | undefined {
  if (step.kind === 'blocks') return step;
  const { index, area, options } = scan;
  const { file } = step;
  if (scan.wholeFile === file) return undefined;
  const found = step.count > 0 && options.readPlaces ? findInPlaces(scan, step, options.readPlaces) : 'unread';
  if (found !== 'unread') return found;
  scan.wholeFile = file;
  const text = options.read?.(index.files.path(file));
  return text && text.length > 0 ? { list: area.loadText(text, file), count: 1 } : undefined;
}
