import type { Address } from '../wasm/modules.ts';
import { type CandidateQuery, type KnownCandidates, listCandidates } from './candidates.ts';
import type { QueryArea } from './query-area.ts';
import type { TextIndex } from './text-index.ts';

/**
 * What to scan next: listed blocks in the arena, or a file that has to be read first, of which only the listed blocks can
 * match. These begin at their place in the file; where there are none, all of it can. A file may come in two steps.
 */
export type SearchStep =
  | { kind: 'blocks'; list: Address; count: number }
  | { kind: 'file'; file: number; list: Address; count: number };

export interface StepOptions {
  accept?: ((path: string) => boolean) | undefined;
  /** Files before this one are left out. */
  fromPath?: string | undefined;
  known?: KnownCandidates | undefined;
}

/** What it costs to open a file for a block. */
const openNs = 20_000;

/**
 * Leads through everything that can hold a match, in path order: the candidates of each segment and between them what
 * is pending, without files that are gone or are not accepted. A step's list lasts until the next step.
 */
export function* searchSteps(
  index: TextIndex,
  area: QueryArea,
  { candidates, scanNs }: { candidates: CandidateQuery; scanNs: number },
  { accept, fromPath, known }: StepOptions,
): Generator<SearchStep> {
  const { files } = index;
  const firstFile = fromPath === undefined ? 0 : index.rankOf(fromPath);
  const waiting = index.pending.filter(
    ({ path }) => (fromPath === undefined || path >= fromPath) && (accept?.(path) ?? true),
  );
  const blockNs = files.hasDiskFiles() ? Math.max(scanNs, openNs) : scanNs;
  const isPlain = !accept && files.droppedCount() === 0;

  for (const segment of index.segments) {
    if (segment.lastFile < firstFile) continue;
    const list = () => listCandidates(index, area, segment, candidates, blockNs);
    const count = known ? known.list(area, segment, list) : list();
    const isSimple = isPlain && segment.firstFile >= firstFile && !isPendingBefore(segment.lastFile);
    if (isSimple && !files.hasDiskFiles()) yield { kind: 'blocks', list: area.list, count };
    else yield* pick(count);
  }
  while (waiting.length > 0) yield* nextPending();

  /** Goes through the candidates file by file. What is kept of them moves together in the list. */
  function* pick(count: number): Generator<SearchStep> {
    const words = index.arena.words();
    const first = area.list / 4;
    let from = 0;
    let kept = 0;
    let file = -1;
    let isKept = false;
    for (let place = 0; place < count; place++) {
      const block = words[first + place] ?? 0;
      const itsFile = words[block / 4 + 3] ?? 0;
      if (itsFile !== file) {
        file = itsFile;
        const isListed = file >= firstFile && files.isLive(file) && (accept?.(files.path(file)) ?? true);
        const isOnDisk = isListed && files.state(file) === 'disk';
        isKept = isListed && !isOnDisk;
        if (isOnDisk || isPendingBefore(file)) {
          if (kept > from) yield { kind: 'blocks', list: area.list + from * 4, count: kept - from };
          from = kept;
          while (isPendingBefore(file)) yield* nextPending();
          if (isOnDisk) yield { kind: 'file', file, list: area.list + place * 4, count: countOf(file, place, count) };
        }
      }
      if (isKept) words[first + kept++] = block;
    }
    if (kept > from) yield { kind: 'blocks', list: area.list + from * 4, count: kept - from };
  }

  /** How many neighbouring candidates from here on are blocks of the file. */
  function countOf(file: number, from: number, end: number): number {
    const words = index.arena.words();
    let place = from + 1;
    while (place < end && words[(words[area.list / 4 + place] ?? 0) / 4 + 3] === file) place++;
    return place - from;
  }

  function isPendingBefore(file: number): boolean {
    const [next] = waiting;
    return next !== undefined && next.rank <= file;
  }

  function* nextPending(): Generator<SearchStep> {
    const next = waiting.shift();
    if (next === undefined || !files.isLive(next.file)) return;
    if (files.state(next.file) === 'disk') yield { kind: 'file', file: next.file, list: 0, count: 0 };
    else yield { kind: 'blocks', list: next.list, count: next.count };
  }
}
