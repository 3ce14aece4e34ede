import { isNothing, onlyPresent, singleOf, type TrigramQuery } from '../analysis/trigram-query.ts';
import type { Address } from '../wasm/modules.ts';
import type { Arena } from './arena.ts';
import { type ArenaViews, listAddress, listLength } from './posting-lists.ts';
import { maxFormulaDepth, type QueryArea } from './query-area.ts';
import type { Segment } from './segment-builder.ts';
import type { TextIndex } from './text-index.ts';

/** A formula whose conjunctions begin with what is rarest in the whole index. */
export type CandidateQuery =
  | { kind: 'all' }
  | { kind: 'any'; trigrams: readonly number[] }
  | { kind: 'or'; parts: readonly CandidateQuery[] }
  | { kind: 'and'; trigrams: readonly number[]; others: readonly CandidateQuery[] };

/** Nanoseconds, roughly; only their ratios matter. */
const bitmapNs = 150;
const listByteNs = 1.2;
/** How often a list that is asked for rules a candidate out, on the average. */
const ruledOutShare = 0.5;

/**
 * Leaves out what no segment has, as most spellings that only Unicode folds together (`s` and `\u017f`), and orders the rest
 * by the length of its lists.
 */
export function orderQuery(query: TrigramQuery, index: TextIndex): CandidateQuery {
  const lengths = new Map<number, number>();
  return order(onlyPresent(query, (trigram) => lengthOf(trigram) > 0));

  function order(part: TrigramQuery): CandidateQuery {
    if (part.kind === 'all' || part.kind === 'any') return part;
    if (part.kind === 'or') return { kind: 'or', parts: part.parts.map(order) };
    const trigrams = part.parts.flatMap((each) => singleOf(each) ?? []);
    const others = part.parts.filter((each) => singleOf(each) === undefined);
    return {
      kind: 'and',
      trigrams: trigrams.sort((one, other) => lengthOf(one) - lengthOf(other)),
      others: others.map(order),
    };
  }

  function lengthOf(trigram: number): number {
    const length = lengths.get(trigram) ?? listBytesOf(index, trigram);
    lengths.set(trigram, length);
    return length;
  }
}

/** How long the lists of a trigram are in all segments. */
export function listBytesOf({ arena, segments }: TextIndex, trigram: number): number {
  const views = viewsOf(arena);
  return segments.reduce((sum, segment) => sum + listLength(views, segment, trigram), 0);
}

/**
 * Lists the blocks of a segment that can hold a match, in `area.list`, and returns how many there are. It goes on to the
 * next posting list only as long as that costs less than to scan what the list would rule out.
 *
 * @param scanNs what it costs to scan one block
 */
export function listCandidates(
  { arena, scan }: TextIndex,
  area: QueryArea,
  segment: Segment,
  query: CandidateQuery,
  scanNs: number,
): number {
  const { bitmapBytes, blockCount, table } = segment;
  const views = viewsOf(arena);
  if (query.kind === 'and' ? lacksAny(query.trigrams) : isNothing(query)) return 0;
  if (query.kind === 'all' || !evaluate(query, 0)) return listAll(arena, area, segment);
  return scan.listMembers(area.bitmap(0), bitmapBytes, table, area.list);

  /** Puts the set at a depth; false when it is all blocks. */
  function evaluate(part: CandidateQuery, depth: number): boolean {
    const bitmap = area.bitmap(depth);
    if (part.kind === 'all' || depth >= maxFormulaDepth) return false;
    if (part.kind === 'and') return evaluateAll(part.trigrams, part.others, depth);
    clear(bitmap);
    if (part.kind === 'any') {
      for (const trigram of part.trigrams) addList(trigram, depth);
      return true;
    }
    for (const option of part.parts) {
      if (!evaluate(option, depth + 1)) return false;
      scan.addBitmap(area.bitmap(depth + 1), bitmap, bitmapBytes);
    }
    return true;
  }

  function evaluateAll(trigrams: readonly number[], others: readonly CandidateQuery[], depth: number): boolean {
    const bitmap = area.bitmap(depth);
    let members = blockCount;
    let isSet = false;
    if (lacksAny(trigrams)) {
      clear(bitmap);
      return true;
    }
    for (const trigram of trigrams) {
      const length = listLength(views, segment, trigram);
      if (isSet && !isWorth(members, length)) continue;
      if (isSet)
        scan.keepPostings(listAddress(views, segment, trigram), length, bitmap, bitmapBytes, area.bitmap(depth + 1));
      else {
        clear(bitmap);
        addList(trigram, depth);
        isSet = true;
      }
      members = scan.countMembers(bitmap, bitmapBytes);
      if (members === 0) return true;
    }
    for (const part of others) {
      if (isSet && !isWorth(members, bytesWithin(part))) continue;
      if (!evaluate(part, isSet ? depth + 1 : depth)) continue;
      if (isSet) scan.keepBitmap(area.bitmap(depth + 1), bitmap, bitmapBytes);
      isSet = true;
      members = scan.countMembers(bitmap, bitmapBytes);
      if (members === 0) return true;
    }
    return isSet;
  }

  function lacksAny(trigrams: readonly number[]): boolean {
    return trigrams.some((trigram) => listLength(views, segment, trigram) === 0);
  }

  function clear(bitmap: Address) {
    views.words.fill(0, bitmap / 4, (bitmap + bitmapBytes) / 4);
  }

  function isWorth(members: number, length: number): boolean {
    const costNs = bitmapNs + (length === bitmapBytes ? 0 : length * listByteNs);
    return costNs < members * ruledOutShare * scanNs;
  }

  function addList(trigram: number, depth: number) {
    const length = listLength(views, segment, trigram);
    if (length > 0) scan.addPostings(listAddress(views, segment, trigram), length, area.bitmap(depth), bitmapBytes);
  }

  function bytesWithin(part: CandidateQuery): number {
    if (part.kind === 'all') return 0;
    const trigrams = part.kind === 'or' ? [] : part.trigrams;
    const parts = part.kind === 'or' ? part.parts : part.kind === 'and' ? part.others : [];
    const own = trigrams.reduce((sum, trigram) => sum + listLength(views, segment, trigram), 0);
    return parts.reduce((sum, each) => sum + bytesWithin(each), own);
  }
}

function viewsOf(arena: Arena): ArenaViews {
  return { bytes: arena.bytes(), words: arena.words() };
}

function listAll(arena: Arena, area: QueryArea, { blockCount, table }: Segment): number {
  const words = arena.words();
  for (let block = 0; block < blockCount; block++) words[area.list / 4 + block] = table + block * 16;
  return blockCount;
}

/** Candidates of a search that goes over an index more than once, as tier by tier, while nothing changes in it. */
export interface KnownCandidates {
  /** As `listCandidates`, which makes the list where it is not known. */
  list(area: QueryArea, segment: Segment, make: () => number): number;
}

/** More take longer to copy than to list. */
const mostKept = 1024;

export function keepCandidates({ arena }: TextIndex): KnownCandidates {
  const lists = new Map<Segment, Uint32Array>();
  return {
    list(area, segment, make) {
      const first = area.list / 4;
      const known = lists.get(segment);
      if (known) arena.words().set(known, first);
      if (known) return known.length;
      const count = make();
      if (count <= mostKept) lists.set(segment, arena.words().slice(first, first + count));
      return count;
    },
  };
}
