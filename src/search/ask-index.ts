import type { Log } from '../log.ts';
import type { Root } from '../projects/door.ts';
import type { JobCall } from '../projects/worker-job.ts';
import type { WorkerPool } from '../projects/worker-pool.ts';
import type { IndexJobs } from './threads/index-worker.ts';
import type { Jobs } from './threads/worker.ts';

/** What a search needs that asks the index of a project first. */
export interface IndexedSearch {
  workers: WorkerPool<Jobs>;
  indexer: WorkerPool<IndexJobs>;
  log: Log;
  /** Begins to read a project into the index, for the next search. */
  keep(root: Root): void;
}

/** What the index may take of a call's time; the rest is for the files. */
const indexShare = 0.4;

/** Asks the index. Whatever goes wrong with it, the files have the answer. @returns undefined where it has none */
export async function askIndex<Found>(
  ask: (call: JobCall) => Promise<{ found?: Found }>,
  { signal, budgetMs }: JobCall,
  log: Log,
): Promise<Found | undefined> {
  try {
    return (await ask({ signal, budgetMs: budgetMs * indexShare })).found;
  } catch (error) {
    signal.throwIfAborted();
    log.debug({ err: error }, 'the index could not answer');
    return undefined;
  }
}
