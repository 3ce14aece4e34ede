import { type Alignment, createAlignment } from './alignment.ts';
import { foldUnit, type PathIndex } from './path-index.ts';
import { createTop } from './top-scores.ts';

/** One path found; that of the last one is where a page ended. */
export interface PathPosition {
  path: string;
  score: number;
  /** Whether paths were let in that fit only with a letter wrong. */
  edited: boolean;
}

export interface PathPage {
  /** Best first; equally good ones in path order. */
  hits: PathPosition[];
  /** Of all pages. */
  total: number;
  more: boolean;
  /** Whether it was stopped before all were compared. */
  isCut: boolean;
}

export interface PathQuestion {
  /** Parts of a path in any order, with spaces between them; those of a part with slashes in their order if possible. */
  query: string;
  limit: number;
  after?: PathPosition | undefined;
  /** Which paths may be found, by their place in the index. */
  passes?: ((place: number) => boolean) | undefined;
  shouldStop?: (() => boolean) | undefined;
}

/** A part this long may have a letter wrong. */
const minEditable = 4;
/** Where the best path has less than this share of what a whole name would score, a letter may be wrong. */
const poorShare = 0.8;

/** The paths that a query fits, in the order of how well it does. */
export function searchPaths(index: PathIndex, question: PathQuestion): PathPage {
  const { query } = question;
  const page = searchParts(index, query.trim().split(/\s+/), question);
  if (page.total > 0 || !query.includes('/')) return page;
  return searchParts(index, query.split(/[\s/]+/).filter(Boolean), question);
}

function searchParts(index: PathIndex, words: readonly string[], question: PathQuestion): PathPage {
  const parts = [...new Set(words)].map(foldAll);
  const { after } = question;
  const isEditable = parts.some((part) => part.length >= minEditable);
  if (!after?.edited) {
    const { page, isPoor } = collect(index, parts, question, 0);
    if (after !== undefined || !isEditable || !isPoor) return page;
  }
  return collect(index, parts, question, 1).page;
}

function foldAll(word: string): Uint16Array {
  return Uint16Array.from({ length: word.length }, (_, at) => foldUnit(word.charCodeAt(at)));
}

function collect(index: PathIndex, parts: readonly Uint16Array[], question: PathQuestion, edits: 0 | 1) {
  const { files, paths, scratch } = index;
  const { limit, after, passes } = question;
  const alignments = parts.map((part) => createAlignment(index, part, part.length >= minEditable ? edits : 0));
  let count = 0;
  for (const [at, alignment] of alignments.entries()) {
    count = at === 0 ? alignment.select(scratch) : alignment.refine(scratch, count);
  }
  const found = scratch.slice(0, count).filter((file) => passes === undefined || passes(files.place[file] ?? 0));
  const stop = createStop(question.shouldStop, parts, index);
  const bounds = new Int32Array(found.length);
  for (let at = 0; at < found.length && !stop.isDue(); at++) bounds[at] = sumOf(alignments, 'bound', found[at] ?? 0);

  const exact = createExactness(index, parts);
  const top = createTop(limit + 1);
  let best = 0;
  // the most promising first, so that the bounds of the others rule most of them out
  const cut = cutAt(bounds, 2 * limit);
  for (const isFirst of [true, false]) {
    for (let at = 0; at < found.length && !stop.isDue(); at++) {
      const bound = bounds[at] ?? 0;
      if (bound >= cut !== isFirst) continue;
      const file = found[at] ?? 0;
      const nameLength = (files.start[file + 1] ?? 0) - (files.start[file] ?? 0);
      const extra = exact(file) - nameLength * 4 - (files.length[file] ?? 0);
      if (top.isFull() && bound * 16 + extra < top.least()) continue;
      const fit = sumOf(alignments, 'score', file);
      if (fit > best) best = fit;
      const score = fit * 16 + extra;
      const place = files.place[file] ?? 0;
      if (after && (score > after.score || (score === after.score && (paths[place] ?? '') <= after.path))) continue;
      top.add(score, place);
    }
  }
  const ranked = top.ranked();
  const hits = ranked
    .slice(0, limit)
    .map(({ score, place }) => ({ path: paths[place] ?? '', score, edited: edits === 1 }));
  const page: PathPage = { hits, total: found.length, more: ranked.length > limit, isCut: stop.wasDue() };
  const ideal = alignments.reduce((sum, alignment) => sum + alignment.ideal, 0);
  return { page, isPoor: best < poorShare * ideal };
}

/** Looks at the clock after every million or so steps of the programme. */
function createStop(shouldStop: (() => boolean) | undefined, parts: readonly Uint16Array[], { longest }: PathIndex) {
  const perFile = parts.reduce((sum, part) => sum + part.length, 0) * longest;
  let left = 0;
  let wasDue = false;
  return {
    isDue(): boolean {
      left -= perFile;
      if (left > 0 || wasDue) return wasDue;
      left = 1_000_000;
      wasDue = shouldStop?.() === true;
      return wasDue;
    },
    wasDue: () => wasDue,
  };
}

function sumOf(alignments: readonly Alignment[], what: 'bound' | 'score', file: number): number {
  let sum = 0;
  for (const alignment of alignments) sum += alignment[what](file);
  return sum;
}

/** A value that at least `wanted` of the bounds reach, and not many more. */
function cutAt(bounds: Int32Array, wanted: number): number {
  const most = bounds.reduce((max, bound) => Math.max(max, bound), 0);
  const counts = new Uint32Array(most + 1);
  for (let at = 0; at < bounds.length; at++) {
    const bound = Math.max(0, bounds[at] ?? 0);
    counts[bound] = (counts[bound] ?? 0) + 1;
  }
  let reached = 0;
  for (let cut = most; cut > 0; cut--) {
    reached += counts[cut] ?? 0;
    if (reached >= wanted) return cut;
  }
  return 0;
}

const exactName = 400;
const exactStem = 300;

/** What it is worth that a part of the query is a file's whole name, with or without its extension. */
function createExactness({ text, files }: PathIndex, parts: readonly Uint16Array[]): (file: number) => number {
  const names = parts.map((part) => part.subarray(part.lastIndexOf(47) + 1)).filter((name) => name.length > 0);
  return (file) => {
    const start = files.start[file] ?? 0;
    const end = files.start[file + 1] ?? 0;
    let worth = 0;
    for (const name of names) {
      if (!isAt(name, start, end)) continue;
      const after = start + name.length;
      if (after === end) worth = Math.max(worth, exactName);
      else if (text[after] === 46) worth = Math.max(worth, exactStem);
    }
    return worth;
  };

  function isAt(name: Uint16Array, start: number, end: number): boolean {
    if (end - start < name.length) return false;
    for (let at = 0; at < name.length; at++) if (text[start + at] !== name[at]) return false;
    return true;
  }
}
