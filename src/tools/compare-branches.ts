import * as z from 'zod';
import { conversationId } from '../chats/chat.ts';
import type { Apart } from '../chats/looks/apart.ts';
import { type BranchComparison, compareBranches as compare } from '../chats/turns/compare-branches.ts';
import { comparisonView, comparisonWords, describeComparison } from '../chats/turns/comparison-view.ts';
import { askSideBySide, findSideQuestion, type SideAnswer } from '../chats/turns/side-by-side.ts';
import { deadlinesMs } from '../deadlines.ts';
import { UserError } from '../errors.ts';
import { modelFields } from '../models/model-or-offline.ts';
import { redactText } from '../packing/redact.ts';
import type { Project } from '../projects/registry.ts';
import type { RunAbout } from '../runs/run.ts';
import type { RunView } from '../runs/run-view.ts';
import { counted } from '../text/count.ts';
import { cut, cutJson } from '../text/cut.ts';
import { asRun } from './as-run.ts';
import { authorOf, requestId } from './change-params.ts';
import * as fields from './chat-params.ts';
import { project } from './params.ts';
import { goingFields } from './run-params.ts';
import { type Call, defineTool } from './tool.ts';
import { describeFailure, describeLeft, spentBy, statusOf, turnsThere } from './turn-params.ts';

const mostMessages = 100;
const mostBranches = 8;

const input = z.strictObject({
  conversation: fields.conversation,
  branches: z
    .array(fields.branchName)
    .max(mostBranches)
    .default([])
    .describe('Names. Default: those that answer message'),
  message: fields.message.optional().describe('A question. Default: the last'),
  models: z
    .array(z.string().min(1).max(200))
    .max(mostBranches)
    .default([])
    .describe('PROVIDER/MODEL or tier, to answer it anew, each on a branch of its own'),
  request_id: requestId,
  project,
});
type Input = z.output<typeof input>;

const output = z.looseObject({
  project: z.string(),
  id: z.string(),
  ...modelFields,
  ...goingFields,
  branches: z.array(z.looseObject({ branch: z.string() })).optional(),
  answers: z.array(z.looseObject({ model: z.string() })).optional(),
});

export const compareBranches = defineTool({
  name: 'compare_branches',
  title: 'Compare branches',
  description:
    'What branches share and dispute behind their fork: files, identifiers, numbers, verdicts and claims, found by words. ' +
    'With models: has several answer one question side by side first.',
  toolset: 'chat',
  effect: 'model',
  deadlineMs: deadlinesMs.modelTool,
  input,
  output,

  async run(asked, call) {
    const { project: found, number } = await fields.findConversation(asked, call.projects);
    if (asked.models.length > 0) return withModels(asked, found, number, call);
    const { branches, message } = asked;
    const names = branches.length > 0 ? branches : await answering(found, number, message, call);
    return show(await compared(found, number, { names }, call));
  },
});

/** Those of the answers that there are. */
async function answering({ id }: Project, number: number, message: number | undefined, { chats }: Call) {
  const question = await findSideQuestion(chats, id, number, message);
  const branches = await chats.answering(id, number, question.number, mostBranches);
  return branches.map(({ name }) => name);
}

async function withModels(asked: Input, found: Project, number: number, call: Call) {
  const { chats, panel, models, caller, projects } = call;
  const members = panel.membersOf(asked.models);
  for (const model of members) models.named(model);
  if (members.length + asked.branches.length > mostBranches) {
    throw new UserError('bad_input', `Name ${mostBranches} branches and models together at most.`);
  }
  const kept = await projects.findKept(found.id);
  await chats.turns.settleLeft(kept.id, number);
  const question = await findSideQuestion(chats, kept.id, number, asked.message);
  const author = authorOf('compare_branches', asked, caller);
  const ids = new Set<string>();
  const turns = (): RunAbout['turns'] => ({ conversation: number, ids: [...ids] });
  const wanted = { project: kept, number, question, models: members };
  const about = { tool: 'compare_branches', task: cut(question.text, maxTask), paths: [], asked: members.join(', ') };
  return asRun(
    {
      ...{ project: kept, about, show },
      turns: () => turnsThere(chats, kept.id, turns()),
      left: () => describeLeft(chats, kept.id, turns()),
      ...{ output, showGoing: (run: RunView) => ({ ...run, id: conversationId(number) }) },
      spent: ({ answers = [] }) => spentBy(answers.flatMap((each) => ('told' in each ? each.told : []))),
      async do({ job: { signal, budgetMs: withinMs, onProgress } }) {
        const onTurn = ({ id }: { id: string }) => void ids.add(id);
        const answers = await askSideBySide(wanted, author, { signal, withinMs, onProgress, onTurn }, call);
        const whole = answers.filter(isWhole).map(({ branch }) => branch);
        const names = [...asked.branches, ...whole];
        const all = names.length > 1 ? names : await answering(kept, number, question.number, call);
        return compared(kept, number, { names: all, question: question.number, answers }, call);
      },
    },
    call,
  );
}

const maxTask = 1000;

interface Asked {
  /** Of the branches. */
  names: readonly string[];
  question?: number;
  /** Absent where no model was to be asked. */
  answers?: readonly SideAnswer[];
}

interface Compared extends Asked {
  project: string;
  number: number;
  apart: Apart;
  comparison: BranchComparison;
}

/** What fewer than two branches have in common is nothing. */
async function compared({ id }: Project, number: number, asked: Asked, { chats }: Call): Promise<Compared> {
  const isAlone = new Set(asked.names).size < 2 && asked.question !== undefined;
  const apart = isAlone
    ? { base: asked.question, parts: [] }
    : await chats.apart(id, number, asked.names, mostMessages);
  const texts = apart.parts.map(({ messages }) =>
    Promise.all(messages.map(async (each) => ({ ...each, text: (await redactText(each.text)).text }))),
  );
  return { project: id, number, ...asked, apart, comparison: compare(await Promise.all(texts)) };
}

function isWhole(each: SideAnswer): boolean {
  return 'told' in each && each.told.answer?.status === 'complete';
}

const maxCharacters = 9500;
const maxAnswers = 4000;

function show({ project, number, question, answers, apart, comparison }: Compared) {
  const whole = answers?.filter(isWhole) ?? [];
  const start = {
    ...{ project, id: conversationId(number), mode: whole.length > 0 ? ('model' as const) : ('offline' as const) },
    ...(whole.length > 0 && { model: cut(whole.map(({ model }) => model).join(', '), 400) }),
    note: noteOf(apart, answers, whole.length),
    ...(question !== undefined && { question }),
    ...(apart.base !== undefined && { base: apart.base }),
    branches: apart.parts.map(({ branch, messages, total }) => {
      return { branch: branch.name, head: branch.head ?? 0, messages: total, compared: messages.length };
    }),
    ...(answers && { answers: answers.map((each) => answerView(each, Math.floor(maxAnswers / answers.length))) }),
  };
  const names = start.branches.map(({ branch }) => branch);
  const view = comparisonView(comparison, names, maxCharacters - JSON.stringify(start).length);
  const heads = start.branches.map(
    (each) => `${each.branch} (${counted(each.messages, 'message')}, ends at #${each.head})`,
  );
  const text = [
    `${start.id}, behind #${apart.base ?? 0}: ${heads.join(', ') || 'nothing to compare'}`,
    ...(start.answers ?? []).map(describeAnswer),
    ...describeComparison(view),
    start.note,
  ];
  return { data: { ...start, ...view }, text: text.join('\n') };
}

function noteOf({ parts }: Apart, answers: readonly SideAnswer[] | undefined, whole: number): string {
  const isMissing = answers !== undefined && whole < answers.length;
  return [
    ...(answers?.length === 0 ? ['No model is set up under that name; see list_models.'] : []),
    ...(isMissing ? [`${whole} of ${answers.length} models have answered in full. ${askAgain}`] : []),
    ...(answers && whole < 2 && parts.length > 1 ? ['The answers that there are are compared.'] : []),
    parts.length > 1 ? comparisonWords : 'There are no two answers to compare.',
  ].join(' ');
}

const askAgain = 'send_message with the "branch" of another, and without "text", asks it again.';

function answerView(each: SideAnswer, most: number) {
  const { model, branch } = each;
  if ('refusal' in each) return { model, branch, status: 'unanswered', failure: cut(each.refusal, 300) };
  const { answer, outcome } = each.told;
  const failure = describeFailure(outcome);
  return {
    ...{ model, branch, status: statusOf(each.told) },
    ...(answer && { answer: answer.number, text: cutJson(answer.text, most) }),
    ...(failure !== undefined && { failure: cut(failure, 300) }),
  };
}

function describeAnswer({ model, branch, status, answer, text, failure }: ReturnType<typeof answerView>): string {
  const at = answer === undefined ? '' : `, #${answer}`;
  return [`${model} (${status}, branch ${JSON.stringify(branch)}${at}):`, text, failure].filter(Boolean).join(' ');
}
