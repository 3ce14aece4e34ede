import { createLineFilter, type LineFilter } from '../analysis/line-filter.ts';
import {
  literalsOf,
  type Needle,
  onOneLine,
  type ScanNeedle,
  toScanNeedle,
  trigramsOfNeedle,
} from '../analysis/needle.ts';
import { trigramsOf } from '../analysis/pattern-trigrams.ts';
import { allOf, everyBlock } from '../analysis/trigram-query.ts';
import type { Pattern } from '../regex/compile-pattern.ts';
import { type CandidateQuery, listBytesOf, orderQuery } from './candidates.ts';
import { maxFilterBytes, maxNeedleBytes } from './query-area.ts';
import type { TextIndex } from './text-index.ts';

/** How a pattern is searched for: which blocks, which of their lines, and whether those are sure to match. */
export interface QueryPlan {
  pattern: Pattern;
  candidates: CandidateQuery;
  needle: ScanNeedle | undefined;
  filter: LineFilter | undefined;
  /** Every line that the needle is on matches: the pattern is that literal. */
  isLiteral: boolean;
  /** What it costs to scan a block, in nanoseconds. */
  scanNs: number;
}

const needleScanNs = 500;
const filterScanNs = 4000;
/** A shorter needle is met so often that the filter alone is faster, which then looks at every byte once. */
const minNeedleBytes = 2;

/**
 * Plans the search for a pattern; the next page of a search needs no new plan.
 *
 * @param index undefined to scan without one
 */
export function planQuery(pattern: Pattern, index: TextIndex | undefined): QueryPlan {
  const { filter, ...analysis } = analyse(pattern);
  const needle = rarestNeedle(analysis.needles, index);
  return {
    pattern,
    candidates: index ? orderQuery(analysis.trigrams, index) : everyBlock,
    needle: needle && toScanNeedle(needle),
    filter,
    isLiteral: analysis.isLiteral,
    scanNs: needle ? needleScanNs : filterScanNs,
  };
}

/**
 * Plans which files can hold a match that may go over line ends: those with a literal that is in every match, as far as
 * that lies on one line. Without such a literal the plan has no needle, and leaves no file out.
 */
export function planFiles(pattern: Pattern, index: TextIndex): QueryPlan {
  const { required } = literalsOf(pattern.tree);
  const needles = required.flatMap(onOneLine).filter(({ bytes }) => bytes.length <= maxNeedleBytes);
  const needle = rarestNeedle(needles, index);
  const trigrams = needle ? trigramsOfNeedle(needle).map((each) => ({ kind: 'any', trigrams: [each] }) as const) : [];
  const candidates = orderQuery(allOf(trigrams), index);
  return {
    pattern,
    candidates,
    needle: needle && toScanNeedle(needle),
    filter: undefined,
    isLiteral: false,
    scanNs: needleScanNs,
  };
}

/** What does not depend on the text. */
export function analyse(pattern: Pattern) {
  const { tree } = pattern;
  const { required, isWhole } = literalsOf(tree);
  const needles = required.filter(({ bytes }) => bytes.length <= maxNeedleBytes);
  const isLiteral = isWhole && needles.length === 1 && pattern.linear === pattern;
  const filter = isLiteral ? undefined : createLineFilter(tree);
  const fits = filter !== undefined && filter.rows.byteLength <= maxFilterBytes;
  return { trigrams: trigramsOf(tree), needles, isLiteral, filter: fits ? filter : undefined };
}

/** By the shortest posting list of its trigrams; without an index, and where it is too short for one, by its length. */
function rarestNeedle(needles: readonly Needle[], index: TextIndex | undefined): Needle | undefined {
  const [only] = needles;
  if (needles.length <= 1) return only;
  const usable = needles.filter(({ bytes }) => bytes.length >= minNeedleBytes);
  const ranked = usable.map((needle) => {
    const lists = index ? trigramsOfNeedle(needle).map((trigram) => listBytesOf(index, trigram)) : [];
    return { needle, rank: Math.min(Number.MAX_SAFE_INTEGER, ...lists) };
  });
  return ranked.sort((a, b) => a.rank - b.rank || b.needle.bytes.length - a.needle.bytes.length)[0]?.needle;
}
