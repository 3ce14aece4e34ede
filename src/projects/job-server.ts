import { parentPort } from 'node:worker_threads';
import { messageOf, UserError } from '../errors.ts';
import { checkRoot, type Root } from './door.ts';
import { createJobControl, type JobControl } from './job-control.ts';
import type { JobMessage, JobReply } from './worker-job.ts';

/** Makes this thread a worker: answers each message of `runOn` with the output of its job or with why there is none. */
export function serveJobs<Message extends JobMessage<string, object>>(
  run: (message: Message, control: JobControl) => unknown,
): void {
  parentPort?.on('message', async (message: Message) => {
    parentPort?.postMessage(await answer(message, run));
  });
}

async function answer<Message extends JobMessage<string, object & { root?: Root }>>(
  message: Message,
  run: (message: Message, control: JobControl) => unknown,
): Promise<JobReply<unknown>> {
  const control = createJobControl({
    budgetMs: message.budgetMs,
    stopFlag: message.stopFlag,
    report: (update) => parentPort?.postMessage({ kind: 'progress', update }),
  });
  try {
    if (message.input.root) checkRoot(message.input.root);
    return { kind: 'done', output: await run(message, control) };
  } catch (error) {
    if (error instanceof UserError) return { kind: 'refused', code: error.code, message: error.message };
    return { kind: 'failed', message: messageOf(error), stack: error instanceof Error ? error.stack : undefined };
  }
}
