import { Worker } from 'node:worker_threads';
import type { Arena } from '../engine/arena.ts';
import { createScanCrew, type ScanCrew } from '../engine/scan-crew.ts';

/** Less text is scanned before a thread is awake. */
const leastBytes = 16 * 1024 * 1024;

/** One more thread for long scans of the texts in an arena; none where these are few, or the arena is full. */
export function createScanHelper(arena: Arena): ScanCrew | undefined {
  const crew = arena.usedBytes() < leastBytes ? undefined : createScanCrew(arena.handle);
  if (!crew) return undefined;
  const entry = new URL(import.meta.url.endsWith('.ts') ? './scan-worker.ts' : './scan-worker.js', import.meta.url);
  const limits = { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 2 };
  const helper = new Worker(entry, { workerData: crew.handle, resourceLimits: limits });
  helper.unref();
  helper.on('error', () => {}); // a scan does without it
  return crew;
}
