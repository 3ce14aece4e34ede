import { existsSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { createLog } from '../src/log.ts';
import type { Root } from '../src/projects/door.ts';
import { createWorkerPool, type WorkerPool } from '../src/projects/worker-pool.ts';
import type { IndexJobs } from '../src/search/threads/index-worker.ts';
import { literal, nowhere } from './engine-trees.ts';
import { interleave } from './report.ts';

const maxMs = 120_000;
const page = {
  order: 'path', // the order of relevance takes time of its own
  context: 0,
  limit: 100,
  maxCharacters: 1_000_000,
  include: [],
  exclude: [],
} as const;

/**
 * How long a thread takes from being asked for an index that is stored to its first answer, all files being compared with
 * what is on the disk; and runs of rg in turn. The thread is new, and has done the same for some projects of one file before:
 * as with the cold scan, what it takes to start threads and to compile their code is not in the figure.
 */
export async function benchRestart(folder: string, ripgrep: () => number, rounds: number) {
  const root = { folder, refuseHardLinks: false };
  const call = () => ({ signal: new AbortController().signal, budgetMs: maxMs });
  const scratch = mkdtempSync(join(tmpdir(), 'octant-bench-'));
  const indexFolder = join(scratch, 'index');
  const tiny = Array.from({ length: 4 }, () => makeProject(scratch));
  const times: { rg: number[]; ours: number[] } = { rg: [], ours: [] };
  try {
    for (const [place, each] of [...tiny, root].entries()) await inThread((indexer) => store(indexer, each, place + 1));
    await interleave(rounds, [
      async () => void times.rg.push(ripgrep()),
      () =>
        inThread(async (indexer) => {
          for (const each of tiny) await restore(indexer, each);
          const begin = performance.now();
          await restore(indexer, root);
          times.ours.push(performance.now() - begin);
        }),
    ]);
    return times;
  } finally {
    rmSync(scratch, { recursive: true });
  }

  async function store(indexer: WorkerPool<IndexJobs>, each: Root, count: number) {
    await indexer.run('keepText', { root: each, indexFolder }, call());
    const end = performance.now() + maxMs;
    while (countIndexes() < count && performance.now() < end) await setTimeout(50);
  }

  async function restore(indexer: WorkerPool<IndexJobs>, each: Root) {
    await indexer.run('keepText', { root: each, indexFolder }, call());
    const { found } = await indexer.run('findKeptText', { root: each, ...literal(nowhere), ...page }, call());
    if (!found) throw new Error('The stored index did not answer.');
  }

  function countIndexes(): number {
    return existsSync(indexFolder) ? readdirSync(indexFolder).filter((name) => name.endsWith('.index')).length : 0;
  }
}

function makeProject(scratch: string): Root {
  const folder = realpathSync(mkdtempSync(join(scratch, 'tiny-')));
  writeFileSync(join(folder, 'file.txt'), 'text\n');
  return { folder, refuseHardLinks: false };
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
