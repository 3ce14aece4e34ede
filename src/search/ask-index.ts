import type { Log } from '../log.ts';
import type { JobCall } from '../projects/worker-job.ts';

/** What the index may take of a call's time; the rest is for the files. */
const indexShare = 0.4;

/** Asks the index. Whatever goes wrong with it, the files have the answer. @returns undefined where it has none */
export async function askIndex<Found>(
  ask: (call: JobCall) => Promise<{ found?: Found }>,
  { signal, budgetMs }: JobCall,
  log: Log,
): Promise<Found | undefined> {
  try {
    return (await ask({ signal, budgetMs: budgetMs * indexShare })).found;
  } catch (error) {
    signal.throwIfAborted();
    log.debug({ err: error }, 'the index could not answer');
    return undefined;
  }
}
