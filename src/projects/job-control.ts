import type { FolderMemory } from './folder-memory.ts';
import type { WalkBudget } from './walk-meter.ts';
import type { JobProgress } from './worker-job.ts';

/** What a running job knows of its caller: whether to stop, how far it may walk, and whom to tell how far it is. */
export interface JobControl {
  /** True once the time is up or the caller has cancelled. Cheap enough for every file. */
  shouldStop(): boolean;
  walkBudget: WalkBudget;
  /** Reports at most four times a second. */
  progress(done: number, message: string): void;
}

const progressIntervalMs = 250;
const maxDepth = 256;
const maxEntries = 2_000_000;

export function createJobControl(options: {
  budgetMs: number;
  stopFlag: Int32Array<SharedArrayBuffer>;
  report(update: JobProgress): void;
  memory?: FolderMemory;
}): JobControl {
  const { memory } = options;
  const deadline = performance.now() + options.budgetMs;
  let nextReport = performance.now() + progressIntervalMs;
  const cancelled = () => Atomics.load(options.stopFlag, 0) !== 0;
  return {
    shouldStop: () => cancelled() || performance.now() > deadline,
    walkBudget: { maxDepth, maxEntries, deadline, shouldStop: cancelled, ...(memory && { memory }) },
    progress(done, message) {
      const now = performance.now();
      if (now < nextReport) return;
      nextReport = now + progressIntervalMs;
      options.report({ done, message });
    },
  };
}
