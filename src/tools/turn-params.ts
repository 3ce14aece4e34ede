import * as z from 'zod';
import { conversationId, type MessageDetails, messageId } from '../chats/chat.ts';
import type { Chats } from '../chats/chats.ts';
import { describeAdvice, type Failure } from '../chats/context/failure-advice.ts';
import type { Previewed } from '../chats/turns/answer.ts';
import type { ToldTurn } from '../chats/turns/dialogue.ts';
import type { Planned } from '../chats/turns/preview.ts';
import { describeContext } from '../chats/turns/turn-outcome.ts';
import { modelFields } from '../models/model-or-offline.ts';
import type { RunAbout } from '../runs/run.ts';
import { describeStep } from '../runs/run-view.ts';
import { counted } from '../text/count.ts';
import { cut } from '../text/cut.ts';
import { goingFields } from './run-params.ts';

/** What the tools share that ask a model in a conversation. */

export const temperature = z.number().min(0).max(2).optional().describe('0 to 2');
export const maxTokens = z.int().min(1).max(200_000).optional().describe('Of the answer');

export const turnOutput = z.looseObject({
  project: z.string(),
  conversation: z.string().optional(),
  branch: z.string().optional(),
  status: z.string().describe('answered, cut, unanswered, cancelled, running'),
  ...modelFields,
  run_id: goingFields.run_id,
  question: z.int().optional(),
  answer: z.int().optional(),
  text: z.string().optional(),
});

/** What stands around the text of an answer, in characters. */
const overhead = 2600;

/** Both faces of a turn. */
export function showTurn(told: ToldTurn, maxCharacters: number) {
  const { conversation, branch, question, answer, outcome, isConflict, isRepeated } = told;
  const { details, text: whole = '' } = answer ?? { details: {} };
  const { model, agent, finish_reason: finish, usage, context = outcome.context } = details;
  const calls = describeCalls(details.calls);
  const text = whole.slice(0, Math.max(0, maxCharacters - overhead)).toWellFormed();
  const notes = notesOf(told, whole.length - text.length);
  const data = {
    project: conversation.projectId,
    conversation: conversationId(conversation.number),
    branch: branch.name,
    status: statusOf(told),
    mode: answer ? ('model' as const) : ('offline' as const),
    ...(model !== undefined && { model }),
    ...(agent !== undefined && { agent }),
    ...(notes !== '' && { note: notes }),
    ...(calls.length > 0 && { calls }),
    question: question.number,
    ...(answer && { answer: answer.number, text }),
    ...(finish !== undefined && finish !== 'stop' && { finish }),
    ...(outcome.failure && { failure: retryOf(outcome.failure) }),
    ...(isConflict && { conflict: true }),
    ...(isRepeated && { repeated: true }),
    ...(usage && { tokens: { input: usage.input ?? 0, output: usage.output ?? 0 } }),
    ...(answer?.cost !== undefined && { cost: answer.cost }),
    ...(context && { context }),
  };
  const heading = `${messageId(conversation.number, answer?.number ?? question.number)} on ${branch.name}, ${data.status}${by(model, usage)}${agent === undefined ? '' : ` as ${agent}`}`;
  return { data, text: [heading, text, calls.join('\n'), notes].filter(Boolean).join('\n\n') };
}

/** Both faces of what a turn would send. */
export function showPreview(
  { projectId, conversation: number, branch }: Planned,
  { context, summarizeUpTo }: Previewed,
) {
  const sent = describeContext(context);
  const { room, leftOut } = context;
  const summary =
    summarizeUpTo === undefined
      ? []
      : [`A summary of the messages up to #${summarizeUpTo} would be made first, by a call of its own.`];
  const note = [...summary, 'Nothing was asked, and nothing is kept.'].join(' ');
  const data = {
    ...{ project: projectId, ...(number !== undefined && { conversation: conversationId(number) }) },
    ...{ ...(branch !== undefined && { branch }), status: 'preview', mode: 'offline' as const, dry_run: true },
    ...{ asks: room.model, note, context: sent },
  };
  const left = Object.entries(leftOut).flatMap(([why, count]) => (count > 0 ? `${count} ${whyLeft[why]}` : []));
  const text = [
    `${counted(context.messages, 'message')} of about ${counted(context.tokens, 'token')} would go to ${room.model}, ` +
      `whose window is ${room.window ?? 'not known'}${room.budget === undefined ? '' : `, ${room.budget} of it for them`}.`,
    ...(left.length > 0 ? [`Not as they are: ${left.join(', ')}.`] : []),
    ...(context.kept.length > 0 ? [`Kept before them: ${context.kept.map((each) => `#${each}`).join(', ')}.`] : []),
    note,
  ];
  return { data, text: text.join(' ') };
}

const whyLeft: Readonly<Record<string, string>> = {
  ...{ cleared: 'cleared', byMode: 'by the context mode', summarized: 'in the summary', dropped: 'for want of room' },
  ...{ trimmed: 'shortened', pins: 'pins without room' },
};

const mostCalls = 5;

/** The last ones, a line each: what an agent has looked up. */
function describeCalls(calls: MessageDetails['calls'] = []): string[] {
  const lines = calls.slice(-mostCalls).map((call) => cut(describeStep({ calls: [call], text: '' }), 120));
  return calls.length > mostCalls ? [`${calls.length - mostCalls} earlier calls`, ...lines] : lines;
}

/** A turn that nobody has ended in order was cut, or has no answer. */
export function statusOf({ turn, outcome: { end }, answer }: ToldTurn): string {
  if (turn.status === 'running') return 'running';
  if (end === 'answered' || end === 'cancelled') return end;
  return answer ? 'cut' : 'unanswered';
}

function by(model: string | undefined, usage: Readonly<Record<string, number>> | undefined): string {
  if (model === undefined) return '';
  return usage ? ` by ${model} (${usage.input} tokens in, ${usage.output} out)` : ` by ${model}`;
}

function retryOf({ kind, again, after }: NonNullable<ToldTurn['outcome']['failure']>) {
  return { kind, again, ...(after !== undefined && { after_seconds: after }) };
}

/** What turns have taken, as a run tells it. */
export function spentBy(turns: readonly ToldTurn[]) {
  const usages = turns.map(({ answer }) => answer?.details.usage ?? {});
  return {
    tokens: usages.reduce((sum, { input = 0, output = 0 }) => sum + input + output, 0),
    cost: turns.reduce((sum, { answer }) => sum + (answer?.cost ?? 0), 0),
  };
}

/** Why a model has not answered, or not in full, and whether it makes sense to ask again. */
export function describeFailure({ failure }: ToldTurn['outcome']): string | undefined {
  return failure && `${failure.why} ${describeAdvice(failure as Failure)}`;
}

const maxNote = 1200;

/** The most important first. */
function notesOf(
  { conversation, branch, answer, question, outcome, turn, isConflict }: ToldTurn,
  left: number,
): string {
  const { end, notes } = outcome;
  const id = answer && messageId(conversation.number, answer.number);
  const isCut = answer?.status === 'interrupted' || answer?.details.finish_reason === 'length';
  const failure = describeFailure(outcome);
  return cut(
    [
      failure && `${answer ? 'The answer broke off' : 'No model answered'}: ${failure}`,
      end === 'cancelled' ? 'The turn was cancelled.' : undefined,
      turn.status === 'running' ? 'The turn goes on.' : undefined,
      answer
        ? undefined
        : `The message is kept as ${messageId(conversation.number, question.number)}: send_message without text, or with the same request_id, has it answered.`,
      isCut && id ? `What had come is kept as ${id}; "continue_from": ${answer?.number} goes on with it.` : undefined,
      isConflict
        ? `The branch had gone on meanwhile, so that this turn is on ${JSON.stringify(branch.name)}.`
        : undefined,
      branch.status === 'archived'
        ? 'The branch is archived; update_branch with "status": "active" brings it back.'
        : undefined,
      left > 0 ? `${left} more characters: raise max_characters, or read it with get_conversation.` : undefined,
      ...notes,
    ]
      .filter(Boolean)
      .join(' '),
    maxNote,
  );
}

/** The same turns, as long as nobody has purged one: what a run keeps of them would outlive it. @throws UserError */
export async function turnsThere(
  chats: Chats,
  projectId: string,
  turns: RunAbout['turns'],
): Promise<RunAbout['turns']> {
  for (const id of turns?.ids ?? []) await chats.turns.get(projectId, turns?.conversation ?? 0, id);
  return turns;
}

/** What is kept of turns that somebody has ended, and how to go on with them. */
export async function describeLeft(chats: Chats, projectId: string, turns: RunAbout['turns']): Promise<string> {
  const { conversation = 0, ids = [] } = turns ?? {};
  const left = ids.map(async (id) => {
    const { question, answer, status } = await chats.turns.get(projectId, conversation, id);
    if (answer === undefined) {
      return `${messageId(conversation, question)} is kept unanswered: send_message without text has it answered.`;
    }
    const at = messageId(conversation, answer);
    if (status === 'done') return `The answer is kept as ${at}.`;
    return `What had come is kept as ${at}: send_message with "continue_from": ${answer} goes on with it.`;
  });
  return (await Promise.all(left)).join(' ');
}
