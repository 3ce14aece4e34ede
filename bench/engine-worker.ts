/** A thread for `engine.ts`: runs the jobs of the search engine as the program's own worker threads would. */
import { parentPort } from 'node:worker_threads';
import { createJobControl } from '../src/projects/job-control.ts';
import { type BuildInput, buildSlices } from '../src/search/engine/build-index.ts';
import { feedPaths } from '../src/search/engine/feed-paths.ts';
import { helpScanning, type ScanCrewHandle } from '../src/search/engine/scan-crew.ts';

export type EngineJob =
  | { kind: 'build'; input: BuildInput; isWalker: boolean }
  | { kind: 'help'; input: ScanCrewHandle };

parentPort?.on('message', (job: EngineJob) => parentPort?.postMessage(run(job)));

function run(job: EngineJob): unknown {
  const stopFlag = new Int32Array(new SharedArrayBuffer(4));
  const control = createJobControl({ budgetMs: 120_000, stopFlag, report: () => undefined });
  if (job.kind === 'help') return helpScanning(job.input);
  if (job.isWalker) feedPaths({ ...job.input, include: [], exclude: [] }, control);
  return buildSlices(job.input, control);
}
