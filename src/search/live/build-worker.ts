import { parentPort, workerData } from 'node:worker_threads';
import { createSliceReader, type SliceJob, type SliceOrder } from './read-slices.ts';

/** The program of a thread that indexes files for the one that keeps them, slice by slice, and is then ended. */
const job: SliceJob = workerData;
const read = createSliceReader(job);

parentPort?.on('message', (order: SliceOrder) => parentPort?.postMessage(read(order)));
