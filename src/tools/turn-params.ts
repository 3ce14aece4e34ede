import * as z from 'zod';
import { conversationId, messageId } from '../chats/chat.ts';
import type { ToldTurn } from '../chats/dialogue.ts';
import { describeAdvice, type Failure } from '../chats/failure-advice.ts';
import { modelFields } from '../models/model-or-offline.ts';
import { cut } from '../text/cut.ts';
import { goingFields } from './run-params.ts';

/** What the tools share that ask a model in a conversation. */

export const temperature = z.number().min(0).max(2).optional().describe('0 to 2');
export const maxTokens = z.int().min(1).max(200_000).optional().describe('Of the answer, 1 to 200000');

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
const overhead = 2000;

/** Both faces of a turn. */
export function showTurn(told: ToldTurn, maxCharacters: number) {
  const { conversation, branch, question, answer, outcome, isConflict, isRepeated } = told;
  const { details, text: whole = '' } = answer ?? { details: {} };
  const { model, finish_reason: finish, usage, context = outcome.context } = details;
  const text = whole.slice(0, Math.max(0, maxCharacters - overhead)).toWellFormed();
  const notes = notesOf(told, whole.length - text.length);
  const data = {
    project: conversation.projectId,
    conversation: conversationId(conversation.number),
    branch: branch.name,
    status: statusOf(told),
    mode: answer ? ('model' as const) : ('offline' as const),
    ...(model !== undefined && { model }),
    ...(notes !== '' && { note: notes }),
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
  const heading = `${messageId(conversation.number, answer?.number ?? question.number)} on ${branch.name}, ${data.status}${by(model, usage)}`;
  return { data, text: [heading, text, notes].filter(Boolean).join('\n\n') };
}

/** A turn that nobody has ended in order was cut, or has no answer. */
function statusOf({ turn, outcome: { end }, answer }: ToldTurn): string {
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

const maxNote = 1200;

/** The most important first. */
function notesOf(
  { conversation, branch, answer, question, outcome, turn, isConflict }: ToldTurn,
  left: number,
): string {
  const { failure, end, notes } = outcome;
  const id = answer && messageId(conversation.number, answer.number);
  const isCut = answer?.status === 'interrupted' || answer?.details.finish_reason === 'length';
  const advice = failure && describeAdvice(failure as Failure);
  return cut(
    [
      failure && `${answer ? 'The answer broke off' : 'No model answered'}: ${failure.why} ${advice}`,
      end === 'cancelled' ? 'The turn was cancelled.' : undefined,
      turn.status === 'running' ? 'The turn goes on.' : undefined,
      answer
        ? undefined
        : `The message is kept as ${messageId(conversation.number, question.number)}: send_message without text, or with the same request_id, has it answered.`,
      isCut && id ? `What had come is kept as ${id}; "continue_from": ${answer?.number} goes on with it.` : undefined,
      isConflict
        ? `The branch had gone on meanwhile, so that this turn is on ${JSON.stringify(branch.name)}.`
        : undefined,
      left > 0 ? `${left} more characters: raise max_characters, or read it with get_conversation.` : undefined,
      ...notes,
    ]
      .filter(Boolean)
      .join(' '),
    maxNote,
  );
}
