import type { Log } from '../log.ts';
import type { JobCall } from '../projects/worker-job.ts';
import type { WorkerPool } from '../projects/worker-pool.ts';
import type { FindTextInput, FindTextOutput } from './find-text.ts';
import type { IndexJobs } from './index-worker.ts';
import type { Jobs } from './worker.ts';

/** Finds lines, from the index of a project where there is one and from its files otherwise, with the same answer. */
export interface TextSearch {
  /** @throws UserError as `findText` */
  find(input: FindTextInput, job: JobCall): Promise<FindTextOutput>;
}

/** What the index may take of a call's time; the rest is for the files. */
const indexShare = 0.4;
const keepMs = 20_000;

export function createTextSearch({
  workers,
  indexer,
  log,
}: {
  workers: WorkerPool<Jobs>;
  indexer: WorkerPool<IndexJobs>;
  log: Log;
}): TextSearch {
  return {
    async find(input, job) {
      const begin = performance.now();
      const kept = isForIndex(input) && indexer.isReady() ? await findKept(input, job) : undefined;
      if (kept) {
        log.debug({ files: kept.filesSearched }, 'a search was answered from the index');
        return kept;
      }
      const budgetMs = Math.max(1, job.budgetMs - (performance.now() - begin));
      const found = await workers.run('findText', input, { ...job, budgetMs });
      if (isForIndex(input)) keep(input);
      return found;
    },
  };

  /** Whatever goes wrong with the index, the files have the answer. */
  async function findKept(input: FindTextInput, { signal, budgetMs }: JobCall): Promise<FindTextOutput | undefined> {
    try {
      return (await indexer.run('findKeptText', input, { signal, budgetMs: budgetMs * indexShare })).found;
    } catch (error) {
      signal.throwIfAborted();
      log.debug({ err: error }, 'the index could not answer');
      return undefined;
    }
  }

  function keep({ root }: FindTextInput) {
    indexer
      .run('keepText', { root }, { signal: new AbortController().signal, budgetMs: keepMs })
      .catch((error) => log.debug({ err: error }, 'a project is not indexed'));
  }
}

/** How many names a file has changes without a sign; a match over many lines is not looked for in an index. */
function isForIndex({ root, multiline }: FindTextInput): boolean {
  return !root.refuseHardLinks && !multiline;
}
