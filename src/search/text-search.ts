import type { Log } from '../log.ts';
import type { Root } from '../projects/door.ts';
import type { JobCall } from '../projects/worker-job.ts';
import type { WorkerPool } from '../projects/worker-pool.ts';
import { askIndex } from './ask-index.ts';
import type { FindTextInput, FindTextOutput } from './text/find-text.ts';
import { createSiftBoard } from './text/sift-board.ts';
import type { IndexJobs } from './threads/index-worker.ts';
import type { Jobs } from './threads/worker.ts';

/** Finds lines, from the index of a project where there is one and from its files otherwise, with the same answer. */
export interface TextSearch {
  /** @throws UserError as `findText` */
  find(input: FindTextInput, job: JobCall): Promise<FindTextOutput>;
  /** Begins to read a project into the index; nothing waits for it. */
  keep(root: Root): void;
}

const keepMs = 20_000;

export function createTextSearch({
  workers,
  indexer,
  indexFolder,
  log,
}: {
  workers: WorkerPool<Jobs>;
  indexer: WorkerPool<IndexJobs>;
  /** Where indexes are stored. */
  indexFolder: string;
  log: Log;
}): TextSearch {
  return {
    async find(input, job) {
      const begin = performance.now();
      const ask = (call: JobCall) => indexer.run('findKeptText', input, call);
      const kept = isForIndex(input) && indexer.isReady() ? await askIndex(ask, job, log) : undefined;
      if (kept) {
        log.debug({ files: kept.filesSearched }, 'a search was answered from the index');
        return kept;
      }
      const budgetMs = Math.max(1, job.budgetMs - (performance.now() - begin));
      const found = await findInFiles(workers, input, { ...job, budgetMs });
      if (isForIndex(input)) keep(input.root);
      return found;
    },
    keep,
  };

  function keep(root: Root) {
    if (root.refuseHardLinks) return;
    indexer
      .run('keepText', { root, indexFolder }, { signal: new AbortController().signal, budgetMs: keepMs })
      .catch((error) => log.debug({ err: error }, 'a project is not indexed'));
  }
}

/**
 * Reads the files, by all threads that are free; matches over many lines, and those in another order than that of the
 * paths, are looked for by one.
 *
 * @throws UserError as `findText`
 */
export async function findInFiles(
  workers: WorkerPool<Jobs>,
  input: FindTextInput,
  job: JobCall,
): Promise<FindTextOutput> {
  if (input.multiline || input.after?.window) return workers.run('findText', input, job);
  const board = createSiftBoard();
  const found = workers.run('siftText', { ...input, board: board.handle }, job);
  const { root, query, mode, letterCase, word } = input;
  const { signal, budgetMs } = job;
  workers.assist('helpSift', { root, query, mode, letterCase, word, board: board.handle }, { signal, budgetMs });
  return found.finally(board.end);
}

/** How many names a file has changes without a sign. */
function isForIndex({ root }: FindTextInput): boolean {
  return !root.refuseHardLinks;
}
