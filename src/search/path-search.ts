import type { JobCall } from '../projects/worker-job.ts';
import { askIndex, type IndexedSearch } from './ask-index.ts';
import type { FindPathsInput, FindPathsOutput } from './paths/find-paths.ts';

/**
 * Finds files by parts of their path. Where the project is indexed its index knows of every change, and it is listed anew
 * only after one; otherwise for each search.
 */
export interface PathSearch {
  find(input: Omit<FindPathsInput, 'listing'>, job: JobCall): Promise<FindPathsOutput>;
}

export function createPathSearch({ workers, indexer, log, keep }: IndexedSearch): PathSearch {
  return {
    async find(input, job) {
      const begin = performance.now();
      const { root } = input;
      const ask = (call: JobCall) => indexer.run('listingOf', { root }, call);
      const listing = indexer.isReady() && !root.refuseHardLinks ? await askIndex(ask, job, log) : undefined;
      const budgetMs = Math.max(1, job.budgetMs - (performance.now() - begin));
      const found = await workers.run('findPaths', { ...input, listing }, { ...job, budgetMs });
      keep(root);
      return found;
    },
  };
}
