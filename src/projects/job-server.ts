import { parentPort } from 'node:worker_threads';
import { messageOf, UserError } from '../errors.ts';
import { checkRoot, type Root } from './door.ts';
import { createFolderMemory, type FolderMemory } from './folder-memory.ts';
import { createJobControl, type JobControl } from './job-control.ts';
import type { JobMessage, JobReply } from './worker-job.ts';

/** What a thread can do, by name; `Inputs` has what each job is given. */
type JobFunctions<Inputs> = { [Name in keyof Inputs]: (input: Inputs[Name], control: JobControl) => unknown };

/** Inputs and outputs of the jobs of a thread, by name, as those who run them in it see them. */
export type JobTableOf<Functions extends Record<string, (input: never, control: JobControl) => unknown>> = {
  [Name in keyof Functions]: {
    input: Parameters<Functions[Name]>[0];
    output: Awaited<ReturnType<Functions[Name]>>;
  };
};

/** Makes this thread a worker: answers each message of `runOn` with the output of its job or with why there is none. */
export function serveJobs<Inputs extends Record<string, object>>(jobs: JobFunctions<Inputs>): void {
  const memory = createFolderMemory();
  parentPort?.on('message', async (message: JobMessage<keyof Inputs, Inputs[keyof Inputs]>) => {
    parentPort?.postMessage(await answer(message, memory, (control) => jobs[message.name](message.input, control)));
  });
}

async function answer(
  { input, budgetMs, stopFlag }: JobMessage<unknown, object & { root?: Root }>,
  memory: FolderMemory,
  run: (control: JobControl) => unknown,
): Promise<JobReply<unknown>> {
  const control = createJobControl({
    budgetMs,
    stopFlag,
    memory,
    report: (update) => parentPort?.postMessage({ kind: 'progress', update }),
  });
  try {
    if (input.root) checkRoot(input.root);
    return { kind: 'done', output: await run(control) };
  } catch (error) {
    if (error instanceof UserError) return { kind: 'refused', code: error.code, message: error.message };
    return { kind: 'failed', message: messageOf(error), stack: error instanceof Error ? error.stack : undefined };
  }
}
