import * as z from 'zod';
import { modelFields } from '../models/model-or-offline.ts';

/** Fields that the tools of runs share. */

export function waitFor(seconds: number) {
  return z.int().min(0).max(45).default(seconds).describe('Seconds, 0 to 45');
}

/** The heart of an answer; beside it stand agent, model, partial, steps, tokens and cost. */
export const runOutput = {
  run_id: z.string().optional(),
  status: z.string().describe('running, done, limited, failed, cancelled or interrupted'),
  mode: modelFields.mode,
  note: modelFields.note,
  result: z.looseObject({}).optional(),
};
