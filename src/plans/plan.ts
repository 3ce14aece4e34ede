import * as z from 'zod';
import { UserError } from '../errors.ts';
import { finding } from './plan-facts.ts';

export const stepSizes = ['small', 'medium', 'large'] as const;
export const fileActions = ['edit', 'new', 'delete'] as const;

/** A file that a step touches, as it was when the plan was made: a new one has no hash. */
const stepFile = z.strictObject({ path: z.string(), action: z.enum(fileActions), hash: z.string().optional() });
export type StepFile = z.infer<typeof stepFile>;

/** A statement that must be shown true, and how: a command, a test's name, a place to look at. */
const acceptance = z.strictObject({ text: z.string(), check: z.string().optional() });
export type Acceptance = z.infer<typeof acceptance>;

const step = z.strictObject({
  /** Its own for good: `P-3/2` names step 2 of plan 3 in every revision, wherever it stands. */
  id: z.int(),
  title: z.string(),
  why: z.string(),
  files: z.array(stepFile),
  /** Ids of steps that must be done first. */
  depends_on: z.array(z.int()),
  acceptance: z.array(acceptance),
  size: z.enum(stepSizes),
  risk: z.string().optional(),
});
export type Step = z.infer<typeof step>;

const question = z.strictObject({
  /** `Q1`; never used twice. */
  id: z.string(),
  text: z.string(),
  /** What the plan takes for granted while nobody answers. */
  assumed: z.string().optional(),
  answer: z.string().optional(),
});
export type Question = z.infer<typeof question>;

/** What its maker was told beside it. */
const told = z.strictObject({
  note: z.string().optional(),
  findings: z.array(finding),
  facts: z.strictObject({
    /** By part, of what was gathered. */
    tokens: z.strictObject({
      ...{ files: z.int(), documents: z.int(), commands: z.int(), tickets: z.int(), commits: z.int() },
    }),
    files: z.array(z.string()),
    conventions: z.array(z.string()),
    commands: z.array(z.string()),
    tickets: z.array(z.string()),
  }),
});
export type Told = z.infer<typeof told>;

/** A plan as it is stored, whole, with each revision; what is absent is left out, never null. */
export const planDocument = z.strictObject({
  title: z.string(),
  goal: z.string(),
  constraints: z.array(z.string()),
  /** Made from the code alone, or by a model. */
  mode: z.enum(['offline', 'model']),
  model: z.string().optional(),
  /** The ticket that it is for, such as `T-12`. */
  ticket: z.string().optional(),
  assumptions: z.array(z.string()),
  questions: z.array(question),
  approach: z.string(),
  alternatives: z.array(z.string()),
  /** In the order in which they are to be read; what must come first is said by `depends_on`. */
  steps: z.array(step),
  test_plan: z.array(z.string()),
  rollout: z.array(z.string()),
  /** The commit that was checked out when the files were looked at. */
  commit: z.string().optional(),
  /** What the next step and question are called. */
  next_step: z.int(),
  next_question: z.int(),
  /** Of the first revision alone, where its caller may repeat the call. */
  told: told.optional(),
});
export type PlanDocument = z.infer<typeof planDocument>;

/** A revision of a plan with what the store knows beside it. */
export interface Plan {
  projectId: string;
  number: number;
  revision: number;
  createdAt: number;
  updatedAt: number;
  document: PlanDocument;
}

export function planId(number: number): string {
  return `P-${number}`;
}

/** As tickets cite it: `P-3/2`. */
export function stepId(number: number, step: number): string {
  return `${planId(number)}/${step}`;
}

/** Across projects: `octant://plans/shop.P-3`. */
export function planUri(projectId: string, number: number): string {
  return `octant://plans/${projectId}.${planId(number)}`;
}

/**
 * Reads `P-3`, `p-3`, `3` or `shop.P-3`.
 *
 * @throws UserError `bad_input`
 */
export function parsePlanId(text: string): { project: string | undefined; number: number } {
  const match = /^(?:([^/?#%\s]{1,200})\.)?(?:P-)?([1-9]\d{0,8})$/i.exec(text.trim());
  if (match?.[2]) return { project: match[1], number: Number(match[2]) };
  throw new UserError('bad_input', `${JSON.stringify(text.slice(0, 60))} is no plan id. Ids look like "P-3".`);
}
