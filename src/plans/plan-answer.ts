import * as z from 'zod';
import { cut } from '../text/cut.ts';
import { fileActions, type PlanDocument, type Step, stepSizes } from './plan.ts';

const lines = (most: number, about: string) => z.array(z.string()).max(most).default([]).describe(about);

/** What a model is asked for: a plan without what the program knows better. */
export const planAnswer = z.object({
  title: z.string().describe('One line: the thing and the outcome'),
  approach: z.string().describe('What will be done and why so'),
  alternatives: lines(6, 'What was set aside, and why'),
  assumptions: lines(12, 'What the plan takes for granted'),
  questions: z
    .array(z.object({ text: z.string(), assumed: z.string().optional().describe('What the plan assumes meanwhile') }))
    .max(6)
    .default([])
    .describe('Only those whose answer would change the plan'),
  steps: z
    .array(
      z.object({
        number: z.int().describe('As the instructions say'),
        title: z.string(),
        why: z.string(),
        files: z.array(z.object({ path: z.string(), action: z.enum(fileActions) })).max(20),
        depends_on: z.array(z.int()).default([]).describe('Numbers of steps that must be done first'),
        acceptance: z
          .array(
            z.object({ text: z.string(), check: z.string().optional().describe('A command or the name of a test') }),
          )
          .max(10),
        size: z.enum(stepSizes),
        risk: z.string().optional(),
      }),
    )
    .min(1)
    .max(30),
  test_plan: lines(12, 'How the whole is tested'),
  rollout: lines(8, 'What has to happen when it is shipped; empty where nothing does'),
});
export type PlanAnswer = z.infer<typeof planAnswer>;

/** Answers are as long as models like; what is stored is not. */
const most = { title: 160, text: 1200, line: 500, path: 1000 };

/** A plan out of an answer; goal, ticket, constraints and what was answered are those of the draft. */
export function toDocument(answer: PlanAnswer, draft: PlanDocument, kept: readonly Step[] = []): PlanDocument {
  const answered = draft.questions.filter((question) => question.answer !== undefined);
  const open = answer.questions.filter(({ text }) => !answered.some((known) => known.text === text));
  const first = draft.next_question;
  const questions = open.map(({ text, assumed }, at) => ({
    id: `Q${first + at}`,
    text: cut(text, most.line),
    ...(assumed && { assumed: cut(assumed, most.line) }),
  }));
  const steps = [...kept, ...toSteps(answer.steps, kept, kept.length > 0 ? draft.next_step : 1)];
  const { model: _, ...rest } = draft;
  return {
    ...rest,
    title: cut(answer.title, most.title),
    mode: 'model',
    approach: cut(answer.approach, most.text),
    alternatives: shortened(answer.alternatives),
    assumptions: shortened(answer.assumptions),
    questions: [...answered, ...questions],
    steps,
    test_plan: shortened(answer.test_plan),
    rollout: shortened(answer.rollout),
    next_step: Math.max(draft.next_step, ...steps.map(({ id }) => id + 1)),
    next_question: first + questions.length,
  };
}

/** Numbered as they were to be, whatever the model has counted. */
function toSteps(answered: PlanAnswer['steps'], kept: readonly Step[], first: number): Step[] {
  const ids = new Map<number, number>();
  for (const { id } of kept) ids.set(id, id);
  for (const [at, { number }] of answered.entries()) if (!ids.has(number)) ids.set(number, first + at);
  return answered.map((step, at) => {
    const dependencies = [...new Set(step.depends_on.map((id) => ids.get(id) ?? id))];
    return { ...toStep(step), id: first + at, depends_on: dependencies };
  });
}

function toStep({
  title,
  why,
  files,
  acceptance,
  size,
  risk,
}: PlanAnswer['steps'][number]): Omit<Step, 'id' | 'depends_on'> {
  return {
    title: cut(title, most.title),
    why: cut(why, most.text),
    files: files.map(({ path, action }) => ({ path: cut(path.trim(), most.path), action })),
    acceptance: acceptance.map(({ text, check }) => ({
      text: cut(text, most.line),
      ...(check && { check: cut(check, most.line) }),
    })),
    size,
    ...(risk && { risk: cut(risk, most.line) }),
  };
}

function shortened(texts: readonly string[]): string[] {
  return texts.map((text) => cut(text, most.line));
}
