import * as z from 'zod';
import { UserError } from '../errors.ts';
import { ProviderFailure } from '../providers/failure.ts';
import { NoModel } from '../providers/models.ts';
import { type Answered, UnusableAnswer } from './question.ts';

/** What every result says that a model may have made; fields of a tool's output. */
export const modelFields = {
  mode: z.enum(['model', 'offline']),
  /** `provider/model` that answered. */
  model: z.string().optional(),
  /** Why there is no answer of a model, or what to know of the one there is. */
  note: z.string().optional(),
};

export type Made<Value> = { value: Value } & (
  | { mode: 'model'; model: string; note?: string }
  | { mode: 'offline'; note: string }
);

/**
 * What a model makes of it, or else what can be done without one, saying why. A caller who went away gets neither, and
 * what the caller can mend (a model that nobody has) is told as it is.
 */
export async function modelOrOffline<Value>(
  signal: AbortSignal,
  withModel: () => Promise<Answered<Value>>,
  offline: (why: string) => Value | Promise<Value>,
): Promise<Made<Value>> {
  try {
    const { value, model, notes } = await withModel();
    return { value, mode: 'model', model, ...(notes.length > 0 && { note: notes.join(' ') }) };
  } catch (error) {
    signal.throwIfAborted();
    const note = whyOffline(error);
    if (note === undefined) throw error;
    return { value: await offline(note), mode: 'offline', note };
  }
}

/** One sentence or two; nothing for what is no reason to go on without a model. */
export function whyOffline(error: unknown): string | undefined {
  if (error instanceof NoModel || error instanceof ProviderFailure || error instanceof UnusableAnswer) {
    return `Made without a model: ${error.message}`;
  }
  const isPassing = error instanceof UserError && passing.has(error.code);
  return isPassing ? `Made without a model: ${error.message}` : undefined;
}

/** Limits of spending and of runs, and a store that cannot take a receipt. */
const passing: ReadonlySet<UserError['code']> = new Set(['limit', 'unavailable', 'storage_full']);
