import { Worker, type WorkerOptions } from 'node:worker_threads';
import type { LookSweep } from '../../projects/look-sweep.ts';
import type { Arena } from '../engine/arena.ts';
import { createScanCrew, type ScanCrew } from '../engine/scan-crew.ts';

/* Threads that help the one that keeps texts, and sleep in between; it does without them where they fail. */

/** Less text is scanned before a thread is awake. */
const leastBytes = 16 * 1024 * 1024;

/** One more thread for long scans of the texts in an arena; none where these are few, or the arena is full. */
export function createScanHelper(arena: Arena): ScanCrew | undefined {
  const crew = arena.usedBytes() < leastBytes ? undefined : createScanCrew(arena.handle);
  const limits = { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 2 };
  if (crew) startHelper('scan-worker', { workerData: crew.handle, resourceLimits: limits });
  return crew;
}

/** Lets another thread take part in a sweep. */
export type LookHelper = (sweep: LookSweep) => void;

/** One more thread for looks at very many files. */
export function createLookHelper(): LookHelper {
  const limits = { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 8 };
  const helper = startHelper('look-worker', { resourceLimits: limits });
  return ({ handle }) => helper.postMessage(handle);
}

function startHelper(program: string, options: WorkerOptions): Worker {
  const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const helper = new Worker(new URL(`./${program}.${ending}`, import.meta.url), options);
  helper.unref();
  helper.on('error', () => {});
  return helper;
}
