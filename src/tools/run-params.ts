import * as z from 'zod';
import { modelFields } from '../models/model-or-offline.ts';
import type { Run } from '../runs/run.ts';
import { describeRun, type RunView, viewRun } from '../runs/run-view.ts';

/** What the tools share whose work may become a run. */

export function waitFor(seconds: number) {
  return z.int().min(0).max(45).default(seconds).describe('Seconds, 0 to 45');
}

/** The heart of an answer; beside it stand agent or tool, model, partial, steps, tokens and cost. */
export const runOutput = {
  run_id: z.string().optional(),
  status: z.string().describe('running, done, limited, failed, cancelled or interrupted'),
  mode: modelFields.mode,
  note: modelFields.note,
  result: z.looseObject({}).optional(),
};

/** Where other tools answer with a run in place of their own result; beside them stand tool and mode. */
export const goingFields = { run_id: runOutput.run_id, status: z.string().optional() };

/** Both faces of the answer of a call whose work goes on, or was ended by somebody else. */
export function showGoing(run: Run): { data: RunView; text: string } {
  const note = run.status === 'running' ? goesOn(run) : endedEarly[run.status];
  const { steps: _, ...view } = { ...viewRun(run, 10_000), ...(note && { note }) };
  return { data: view, text: describeRun(view) };
}

const endedEarly: Partial<Record<Run['status'], string>> = {
  cancelled: 'It was cancelled with get_run.',
  interrupted: 'The server ended. Call again.',
};

export function goesOn({ id }: Run): string {
  return `It goes on. Wait for it with get_run, id "${id}"; cancel: true ends it.`;
}

/** Whether work has ended before its caller has waited so long. Who cancels until then is told to `cancel`. */
export async function endsWithin(
  work: Promise<unknown>,
  ms: number,
  { signal, cancel }: { signal: AbortSignal; cancel(): void },
): Promise<boolean> {
  const patience = Promise.withResolvers<false>();
  const timer = setTimeout(() => patience.resolve(false), ms);
  signal.addEventListener('abort', cancel, { once: true });
  if (signal.aborted) cancel();
  const end = () => true;
  try {
    return await Promise.race([work.then(end, end), patience.promise]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', cancel);
  }
}
