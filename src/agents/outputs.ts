import * as z from 'zod';

/*
 * The forms of what agents answer, by the name that an agent's file gives as `output`. An answer without a model has the
 * same form, with what can be known without one.
 */

const text = z.string();
const list = z.array(text).default([]);
const places = z
  .array(z.object({ path: text, why: text }))
  .default([])
  .describe('Paths of files of this project, each with why it is named');

export const outputs = {
  answer: z.object({
    answer: text.describe('The answer, in plain words, naming paths and lines for what it claims'),
    files: places,
    open_questions: list.describe('What could not be found out'),
  }),
  file_list: z.object({ files: places, not_found: list.describe('What was looked for and is not there') }),
  summary: z.object({
    summary: text.describe('What it is for and how it works'),
    parts: z
      .array(z.object({ name: text, purpose: text }))
      .default([])
      .describe('Its main parts'),
    gotchas: list.describe('What a reader would not expect'),
  }),
  plan: z.object({
    approach: text.describe('The approach in a paragraph, with the alternative that was set aside'),
    steps: z
      .array(z.object({ title: text, files: list, done_when: text.default('') }))
      .default([])
      .describe('In order; done_when says how to tell that a step is done'),
    files: places,
    risks: list,
    open_questions: list,
  }),
  ticket: z.object({
    title: text.describe('One line, in the imperative'),
    overview: text,
    files: places,
    tasks: list,
    acceptance: list.describe('Statements that can be checked'),
    open_questions: list,
  }),
  tasks: z.object({
    tasks: z
      .array(
        z.object({ title: text, description: text.default(''), files: list, depends_on: z.array(z.int()).default([]) }),
      )
      .describe('In order; depends_on has the numbers of earlier tasks, from 1'),
    open_questions: list,
  }),
  review: z.object({
    findings: z
      .array(
        z.object({
          path: text,
          line: z.int().optional(),
          severity: z.enum(['high', 'medium', 'low']),
          problem: text.describe('What goes wrong, and with which input'),
          fix: text.default('').describe('The smallest one'),
        }),
      )
      .default([])
      .describe('The gravest first'),
    checked: list.describe('What was looked at'),
  }),
  prompt: z.object({ prompt: text.describe('The improved prompt, whole'), changes: list, open_questions: list }),
  commit_message: z.object({
    subject: text.describe('One line of at most 72 characters, in the imperative'),
    body: text.default('').describe('Why, where the subject does not say it'),
  }),
} as const;

/** Of any of these. */
export type AgentResult = Record<string, unknown>;

export type OutputName = keyof typeof outputs;
export const outputNames = [
  'answer',
  'file_list',
  'summary',
  'plan',
  'ticket',
  'tasks',
  'review',
  'prompt',
  'commit_message',
] as const satisfies readonly OutputName[];
