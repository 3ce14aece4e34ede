import * as z from 'zod';
import { cleanText } from '../../text/clean.ts';
import type { Json } from '../../text/merge-patch.ts';
import type { MessageDetails } from '../chat.ts';
import type { ChatAnswer, SentContext } from './answer.ts';
import { plainFile } from './plain-file.ts';
import type { TurnEnd } from './turns.ts';

/** What a turn is about, and what came of it: what its row keeps beside the messages. */
const stored = z.object({
  /** The model or tier that was to answer. */
  asked: z.string().optional(),
  agent: z.string().optional(),
  /** Absent where the process did not live to say it. */
  end: z.enum(['answered', 'cut', 'unanswered', 'cancelled', 'fault']).optional(),
  failure: z
    .object({
      kind: z.string(),
      why: z.string(),
      again: z.enum(['now', 'later', 'no']),
      after: z.number().optional(),
    })
    .optional(),
  notes: z.array(z.string()).default([]),
  context: z.record(z.string(), z.json()).optional(),
});
export type TurnOutcome = z.infer<typeof stored>;

export function readOutcome(details: { [key: string]: Json | undefined }): TurnOutcome {
  return stored.safeParse(details).data ?? { notes: [] };
}

/** That are kept of an agent. */
const mostCalls = 100;

/** As a turn ends with what a model has said, or has not. */
export function endOfAnswer(asked: string | undefined, answer: ChatAnswer, shown: ShownAnswer): TurnEnd {
  const { failure, end, context, notes } = answer;
  const hasText = cleanText(shown.text).trim() !== '';
  const isWhole = failure === undefined;
  return {
    status: isWhole ? 'done' : hasText ? 'interrupted' : 'failed',
    ...(hasText && {
      answer: {
        text: shown.text,
        tokens: end?.usage?.output,
        cost: end?.cost,
        details: {
          ...{ mode: 'model' as const, by: 'agent', ms: answer.ms, ...shown.details },
          ...(end && { model: end.model, finish_reason: end.finish }),
          ...(end?.usage && { usage: { ...end.usage } }),
          ...(answer.receipts.length > 0 && { receipts: answer.receipts }),
          ...(answer.calls.length > 0 && { calls: answer.calls.slice(-mostCalls) }),
          ...(answer.files.length > 0 && { files: answer.files.map(plainFile) }),
          ...(answer.reasoning && { reasoning: cleanText(answer.reasoning) }),
          ...(context && { context: describeContext(context) }),
        },
      },
    }),
    details: {
      asked,
      agent: shown.details.agent,
      end: isWhole ? 'answered' : hasText ? 'cut' : 'unanswered',
      ...(failure && { failure: { ...failure } }),
      notes,
      ...(context && { context: describeContext(context) }),
    },
  };
}

const whyBroken = {
  cancelled: { end: 'cancelled', notes: [] },
  shutdown: { end: 'fault', notes: ['The server ended meanwhile.'] },
  fault: { end: 'fault', notes: [] },
};

/** As a turn ends whose answer nobody waits for any more, or that a fault has ended. */
export function brokenOff(
  asked: string | undefined,
  why: keyof typeof whyBroken,
  { text, details }: ShownAnswer,
): TurnEnd {
  return {
    status: 'interrupted',
    ...(text.trim() !== '' && { answer: { text, details: { mode: 'model', by: 'agent', ...details } } }),
    details: { asked, agent: details.agent, ...whyBroken[why] },
  };
}

export interface ShownAnswer {
  text: string;
  details: Pick<MessageDetails, 'agent' | 'params' | 'supersedes'>;
}

/** What of it counts, without what is nothing. */
export function describeContext(context: SentContext): NonNullable<MessageDetails['context']> {
  const { messages, tokens, from, kept, summarizedUpTo, leftOut, room } = context;
  const { cleared, byMode: by_mode, summarized, dropped, trimmed, pins } = leftOut;
  const counts = Object.entries({ cleared, by_mode, summarized, dropped, trimmed, pins }).filter(
    ([, count]) => count > 0,
  );
  return {
    ...{ messages, tokens },
    ...(from !== undefined && { from }),
    ...(kept.length > 0 && { kept }),
    ...(summarizedUpTo !== undefined && { summarized_up_to: summarizedUpTo }),
    ...(counts.length > 0 && { left_out: Object.fromEntries(counts) }),
    ...(room.window !== undefined && { window: room.window }),
    ...(room.budget !== undefined && { budget: room.budget }),
  };
}
