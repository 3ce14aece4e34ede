import { parentPort, workerData } from 'node:worker_threads';
import { createSliceReader } from './read-slices.ts';
import type { SliceAnswer, SliceOrder, ThreadJob } from './slice-threads.ts';

/** The program of a thread that indexes files for the one that keeps them, slice by slice, and is then ended. */
const job: ThreadJob = workerData;
const read = createSliceReader(job);

parentPort?.on('message', (order: SliceOrder) => parentPort?.postMessage(answer(order)));

function answer({ plan, claim }: SliceOrder): SliceAnswer {
  const isTaken = claim !== undefined && Atomics.exchange(job.claims, claim, 1) !== 0;
  return isTaken ? 'taken' : read(plan);
}
