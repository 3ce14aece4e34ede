import * as z from 'zod';
import { modelFields } from '../agents/model-or-offline.ts';
import { runStatuses } from '../agents/run.ts';

/** Fields that the tools of runs share. */

export function waitFor(seconds: number) {
  return z.int().min(0).max(45).default(seconds).describe('Seconds to wait for the end (0 to 45)');
}

export const runOutput = {
  run_id: z.string().optional(),
  agent: z.string(),
  status: z.enum(runStatuses),
  ...modelFields,
  result: z.looseObject({}).optional(),
  partial: z.string().optional(),
  steps: z.array(z.string()),
  tokens: z.int().optional(),
  cost: z.number().optional(),
};
