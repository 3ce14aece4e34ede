import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { createLog } from '../src/log.ts';
import { createWorkerPool, type WorkerPool } from '../src/projects/worker-pool.ts';
import type { IndexJobs } from '../src/search/index-worker.ts';
import { literal, nowhere } from './engine-trees.ts';
import { interleave } from './report.ts';

const maxMs = 120_000;
const page = {
  order: 'relevance',
  context: 0,
  limit: 100,
  maxCharacters: 1_000_000,
  include: [],
  exclude: [],
} as const;

/**
 * How long a thread of a new server takes from being asked for an index that is stored to its first answer, all files being
 * compared with what is on the disk; and runs of rg in turn.
 */
export async function benchRestart(folder: string, ripgrep: () => number, rounds: number) {
  const root = { folder, refuseHardLinks: false };
  const call = () => ({ signal: new AbortController().signal, budgetMs: maxMs });
  const indexFolder = mkdtempSync(join(tmpdir(), 'octant-bench-'));
  const times: { rg: number[]; ours: number[] } = { rg: [], ours: [] };
  try {
    await inThread(async (indexer) => {
      await indexer.run('keepText', { root, indexFolder }, call());
      const end = performance.now() + maxMs;
      while (!readdirSync(indexFolder).some((name) => name.endsWith('.index')) && performance.now() < end)
        await setTimeout(50);
    });
    await interleave(rounds, [
      async () => void times.rg.push(ripgrep()),
      () =>
        inThread(async (indexer) => {
          const input = { root, ...literal(nowhere), ...page };
          await indexer.run('findKeptText', input, call()); // now it is up
          const begin = performance.now();
          await indexer.run('keepText', { root, indexFolder }, call());
          const { found } = await indexer.run('findKeptText', input, call());
          if (!found) throw new Error('The stored index did not answer.');
          times.ours.push(performance.now() - begin);
        }),
    ]);
    return times;
  } finally {
    rmSync(indexFolder, { recursive: true });
  }
}

async function inThread(work: (indexer: WorkerPool<IndexJobs>) => Promise<void>) {
  const entry = new URL('../dist/index-worker.js', import.meta.url);
  const indexer = createWorkerPool<IndexJobs>({ entry, log: createLog('silent'), size: 1 });
  try {
    await work(indexer);
  } finally {
    await indexer.close();
  }
}
