import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { packageFolder } from '../../package.ts';
import type { Root } from '../../projects/door.ts';
import { type ArenaHandle, openArena } from '../engine/arena.ts';
import { createSliceBuilder, type ReadFile, type Slice, type TextLimits } from '../engine/build-slice.ts';
import { createEntryReader, type TextEntry } from './entry-reader.ts';

/** What a thread has to know to index files into a shared arena; can be posted to it. */
export interface SliceJob {
  root: Root;
  arena: ArenaHandle;
  limits: TextLimits;
}

/** Neighbouring files to index, the first of them by its number. */
export interface SliceOrder {
  first: number;
  paths: string[];
}

export interface BuiltSlice {
  slice: Slice;
  entries: TextEntry[];
}

const threadCount = 2;
const largestSlice = 4096;
const stepMs = 8;
/** What a thread throws away after each file is little, and would else stay in memory until it ends. */
const youngMb = 8;

/** For one slice after the other, in one go. */
export function createSliceReader(job: SliceJob): (order: SliceOrder) => BuiltSlice | 'full' {
  const stepsOf = createSteps(job);
  return (order) => {
    const steps = stepsOf(order);
    for (let step = steps.next(); ; step = steps.next()) if (step.done) return step.value;
  };
}

/**
 * Indexes files in path order. What fits into one slice is read in this thread, in short steps between which it does other
 * things; more is shared by threads of their own, whose memory goes back with them.
 *
 * @param pause tells whether to go on
 */
export async function readSlices(
  job: SliceJob,
  paths: string[],
  pause: () => Promise<boolean>,
): Promise<BuiltSlice[] | 'full' | 'stopped'> {
  if (paths.length > largestSlice) return buildInThreads(job, paths, pause);
  const steps = createSteps(job)({ first: 0, paths });
  let until = performance.now() + stepMs;
  for (let step = steps.next(); ; step = steps.next()) {
    if (step.done) return step.value === 'full' ? step.value : [step.value];
    if (performance.now() < until) continue;
    if (!(await pause())) return 'stopped';
    until = performance.now() + stepMs;
  }
}

function createSteps({ root, arena, limits }: SliceJob) {
  const readEntry = createEntryReader(root);
  let entries: TextEntry[] = [];
  const builder = createSliceBuilder(openArena(arena), readOne, limits);

  return function* ({ first, paths }: SliceOrder): Generator<void, BuiltSlice | 'full'> {
    entries = [];
    const slice = yield* builder.steps(first, paths);
    return slice === 'full' ? slice : { slice, entries };
  };

  function readOne(path: string, room: Buffer): ReadFile | undefined {
    const { entry, file } = readEntry(path, room);
    entries.push(entry);
    return file;
  }
}

async function buildInThreads(
  job: SliceJob,
  paths: string[],
  pause: () => Promise<boolean>,
): Promise<BuiltSlice[] | 'full' | 'stopped'> {
  const size = Math.min(largestSlice, Math.ceil(paths.length / (2 * threadCount)));
  const slices: BuiltSlice[] = [];
  let next = 0;
  const threads = Array.from({ length: threadCount }, () => startThread(job));
  try {
    const ends = await Promise.all(threads.map(keepBusy));
    const early = ends.find((end) => end !== undefined);
    return early ?? slices.sort((a, b) => a.slice.first - b.slice.first);
  } finally {
    await Promise.all(threads.map((thread) => thread.terminate()));
  }

  async function keepBusy(thread: Worker): Promise<'full' | 'stopped' | undefined> {
    while (next < paths.length) {
      if (!(await pause())) return 'stopped';
      const order: SliceOrder = { first: next, paths: paths.slice(next, next + size) };
      next += size;
      const built = await ask(thread, order);
      if (built === 'full') return built;
      slices.push(built);
    }
    return undefined;
  }
}

/** The program lies in `dist/`, for the sources too: to strip its types would take longer than to read a middling project. */
function startThread(workerData: SliceJob): Worker {
  const entry = join(packageFolder, 'dist', 'build-worker.js');
  return new Worker(entry, { workerData, resourceLimits: { maxYoungGenerationSizeMb: youngMb } });
}

/** @throws what ended the thread */
async function ask(thread: Worker, order: SliceOrder): Promise<BuiltSlice | 'full'> {
  thread.postMessage(order);
  const [built] = await once(thread, 'message');
  return built;
}
