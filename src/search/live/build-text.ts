import type { Catalogue, CatalogueFile } from '../../projects/catalogue.ts';
import type { Root } from '../../projects/door.ts';
import type { JobControl } from '../../projects/job-control.ts';
import { createArena } from '../engine/arena.ts';
import type { SlicePlan } from '../engine/build-slice.ts';
import { maxSegmentBlocks, maxTextBytes } from '../engine/segment-builder.ts';
import { createTextIndex, type TextIndex } from '../engine/text-index.ts';
import type { TextEntry } from './entry-reader.ts';
import { limitTexts, type TextBudget } from './limit-texts.ts';
import { blocksOf, planSlices } from './plan-slices.ts';
import { readHere } from './read-slices.ts';
import { type SliceThreads, startSliceThreads } from './slice-threads.ts';

export interface BuiltText {
  index: TextIndex;
  /** In path order. */
  entries: TextEntry[];
}

/** Reads a project as it is in its catalogue, while this thread does other things. */
export interface TextBuilder {
  /**
   * What to list the files of a new catalogue with. When they turn out to be many, they are read from then on, behind the
   * listing, which keeps one processor busy and no more.
   */
  followed(control: JobControl): JobControl;
  /**
   * Once all are listed.
   *
   * @param pause tells whether to go on
   * @returns `refused` when it cannot be kept
   */
  build(pause: () => Promise<boolean>): Promise<BuiltText | 'refused' | 'stopped'>;
  close(): void;
}

/** Fewer files are read in this thread. */
const manyFiles = 4096;
/** Of the budget, how much text may be begun with before it is known how much there is: all of that is kept. */
const beginningShare = 0.25;

export function createTextBuilder(root: Root, catalogue: Catalogue, budget: TextBudget): TextBuilder {
  const arena = createArena(budget.arenaBytes);
  const job = { root, arena: arena.handle };
  const files = catalogue.list();
  const listed = files.values(); // goes on to what is added later
  const limits = { textBytes: maxTextBytes, arenaBytes: budget.arenaBytes };
  const mostListed = Math.min(budget.textBytes, budget.arenaBytes) * beginningShare;
  const begun: string[] = [];
  let planned: SlicePlan[] = [];
  let waiting: CatalogueFile[] = [];
  let waitingBlocks = 0;
  let listedCount = 0;
  let listedBytes = 0;
  let threads: SliceThreads | undefined;

  return {
    followed: (control) => ({
      ...control,
      progress(done, message) {
        follow();
        control.progress(done, message);
      },
    }),
    async build(pause) {
      const all = [...files.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
      const [before, rest] = [all.slice(0, begun.length), all.slice(begun.length)];
      if (!before.every(({ path }, at) => path === begun[at])) return 'stopped'; // as when a folder was replaced meanwhile
      const finalLimits = limitTexts(rest, budget, before);
      if (finalLimits === undefined) return 'refused';
      const paths = rest.map(({ path }) => path);
      if (threads === undefined && all.length > manyFiles) threads = startSliceThreads(job);
      const slices = threads
        ? await threads.finish(planSlices(rest, begun.length, finalLimits), pause)
        : await readHere(job, { first: 0, paths, limits: finalLimits }, pause);
      if (typeof slices === 'string') return slices === 'full' ? 'refused' : slices;
      const index = createTextIndex(
        arena,
        slices.map(({ slice }) => slice),
      );
      return { index, entries: slices.flatMap(({ entries }) => entries) };
    },
    close: () => threads?.close(),
  };

  /** Begins a slice whenever enough is listed for it. */
  function follow() {
    for (; listedCount < files.size; listedCount++) {
      const file = listed.next().value;
      listedBytes += file?.size ?? 0;
      if (file === undefined || listedBytes > mostListed) return;
      waiting.push(file);
      waitingBlocks += blocksOf(file);
      if (waitingBlocks >= maxSegmentBlocks) plan();
    }
    if (listedCount > manyFiles && planned.length > 0) begin();
  }

  function plan() {
    const first = listedCount + 1 - waiting.length;
    planned.push({ first, paths: waiting.map(({ path }) => path), limits });
    waiting = [];
    waitingBlocks = 0;
  }

  function begin() {
    threads ??= startSliceThreads(job);
    for (const slice of planned) {
      threads.begin(slice);
      begun.push(...slice.paths);
    }
    planned = [];
  }
}
