import * as z from 'zod';
import { type Agreement, type Claim, compareAnswers } from '../agents/agreement.ts';
import type { Answered, PanelAnswer, Verdict } from '../agents/panel.ts';
import { deadlinesMs } from '../deadlines.ts';
import { modelFields } from '../models/model-or-offline.ts';
import { nothingSetUp } from '../providers/describe.ts';
import { cut } from '../text/cut.ts';
import { defineTool } from './tool.ts';

const answersMs = 32_000;
const judgeMs = 14_000;
const answerCharacters = 4800;
const maxQuestion = 600;
const maxCharacters = 9300;
const most = { shared: 8, opposed: 4, alone: 6 };

const claimOutput = z.object({ claim: z.string(), models: z.array(z.string()) });
const output = z.object({
  ...modelFields,
  question: z.string(),
  answers: z.array(
    z.object({
      model: z.string(),
      text: z.string().optional(),
      failure: z.string().optional(),
      tokens: z.int().optional(),
      ms: z.int().optional(),
    }),
  ),
  shared: z.array(claimOutput),
  opposed: z.array(z.object({ one: claimOutput, other: claimOutput })),
  alone: z.array(claimOutput),
  judge: z
    .object({
      model: z.string(),
      best: z.string().optional(),
      why: z.string().optional(),
      failure: z.string().optional(),
    })
    .optional(),
});
type Output = z.output<typeof output>;

export const askModels = defineTool({
  name: 'ask_models',
  title: 'Ask models',
  description:
    'One question to several models at once, and what their answers share, by a count of words. They see no files; for that use ' +
    'run_agent.',
  toolset: 'agents',
  effect: 'model',
  deadlineMs: deadlinesMs.modelTool,
  input: z.strictObject({
    question: z.string().min(1).max(100_000).describe('All that they must know'),
    models: z
      .array(z.string().min(1).max(200))
      .max(8)
      .default([])
      .describe('PROVIDER/MODEL, or tier for all of its. Default: medium'),
    judge: z.string().min(1).max(200).optional().describe('PROVIDER/MODEL or tier to say which is best'),
    max_tokens: z.int().min(16).max(8000).default(1000).describe('Of each, 16 to 8000'),
    max_cost: z.number().positive().max(1000).optional().describe('US dollars'),
  }),
  output,

  async run({ question, models, judge, max_tokens: maxTokens, max_cost: cost }, { panel, asker, caller, job }) {
    const members = panel.membersOf(models);
    if (members.length === 0) return toAnswer(offline(question, `No tier has a model. ${nothingSetUp}`));
    const shared = { signal: job.signal, actor: caller.source, maxTokens, budget: asker.budget({ cost }) };
    const answers = await panel.ask(question, members, { ...shared, withinMs: answersMs, purpose: 'ask_models' });
    const good = answers.filter((each) => 'text' in each);
    job.onProgress?.({ done: good.length, message: `${good.length} of ${members.length} models have answered` });
    if (good.length === 0) return toAnswer({ ...offline(question, 'No model answered.'), answers });
    const isJudged = judge !== undefined && good.length > 1;
    const verdict = isJudged
      ? await panel.judge(question, good, judge, { ...shared, withinMs: judgeMs, purpose: 'judge' })
      : undefined;
    return toAnswer(compared(question, answers, good, verdict));
  },
});

function offline(question: string, why: string): Output {
  const note = `${why} The question is left for you to answer.`;
  return {
    mode: 'offline',
    note,
    question: cut(question, maxQuestion),
    answers: [],
    shared: [],
    opposed: [],
    alone: [],
  };
}

function compared(
  question: string,
  answers: readonly PanelAnswer[],
  good: readonly Answered[],
  judge: Verdict | undefined,
): Output {
  const room = Math.floor(answerCharacters / good.length);
  const { shared, opposed, alone } = compareAnswers(good.map(({ text }) => text));
  const named = ({ claim, by }: Claim) => ({ claim, models: by.flatMap((index) => good[index]?.model ?? []) });
  const measure =
    good.length > 1
      ? 'Claims are taken for the same where they have half of their words in common, and the same numbers and negations; nobody has checked whether they are true.'
      : 'One answer alone cannot be compared.';
  const isCut = good.some(({ text }) => text.length > room);
  return {
    mode: 'model',
    model: good.map(({ model }) => model).join(', '),
    note: isCut ? `${measure} Long answers are cut; ask fewer models for all of them.` : measure,
    question: cut(question, maxQuestion),
    answers: answers.map((each) => ('text' in each ? { ...each, text: cut(each.text, room) } : each)),
    ...tableOf({ shared, opposed, alone }, named),
    ...(judge && { judge: 'why' in judge ? { ...judge, why: cut(judge.why, 1200) } : judge }),
  };
}

function tableOf({ shared, opposed, alone }: Agreement, named: (claim: Claim) => z.output<typeof claimOutput>) {
  return {
    shared: shared.slice(0, most.shared).map(named),
    opposed: opposed.slice(0, most.opposed).map(({ one, other }) => ({ one: named(one), other: named(other) })),
    alone: alone.slice(0, most.alone).map(named),
  };
}

/** Without the last claims, where there is no room for them. */
function fitting(data: Output): Output {
  const lists = { alone: [...data.alone], shared: [...data.shared], opposed: [...data.opposed] };
  const fitted = { ...data, ...lists };
  for (const list of [lists.alone, lists.opposed, lists.shared]) {
    while (list.length > 0 && JSON.stringify(fitted).length > maxCharacters) list.pop();
  }
  return fitted;
}

function toAnswer(all: Output) {
  const data = fitting(all);
  const { mode, note, answers, shared, opposed, alone, judge } = data;
  const lines = [
    ...answers.map(({ model, text, failure }) =>
      text === undefined ? `${model}: no answer. ${failure}` : `${model}:\n${text}`,
    ),
    ...listed('Shared:', shared.map(describeClaim)),
    ...listed(
      'Opposed:',
      opposed.map(({ one, other }) => `${describeClaim(one)} / ${describeClaim(other)}`),
    ),
    ...listed('By one alone:', alone.map(describeClaim)),
    ...(judge ? [describeJudge(judge)] : []),
    note ?? '',
    ...(mode === 'offline' ? [`Question: ${data.question}`] : []),
  ];
  return { data, text: lines.filter(Boolean).join('\n\n') };
}

function listed(heading: string, lines: readonly string[]): string[] {
  return lines.length > 0 ? [[heading, ...lines.map((line) => `- ${line}`)].join('\n')] : [];
}

function describeClaim({ claim, models }: z.output<typeof claimOutput>): string {
  return `${claim} (${models.join(', ')})`;
}

function describeJudge({ model, best, why, failure }: NonNullable<Output['judge']>): string {
  return failure === undefined
    ? `${model} judges ${best ?? 'none'} best: ${why}`
    : `${model} has not judged. ${failure}`;
}
