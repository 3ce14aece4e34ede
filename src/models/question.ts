import type { ProjectName } from '../projects/records.ts';
import type { ModelEvent } from '../providers/models.ts';
import type { ChatRequest, FinishReason, Usage } from '../providers/provider.ts';
import type { Budget } from './budget.ts';

/** Its model is `provider/model` or a tier; `askFor` sets its schema. */
export interface Question extends Omit<ChatRequest, 'form'> {
  /** Those whose text is in the messages. */
  files: readonly SentFile[];
}

export interface SentFile {
  /** Within its project. */
  path: string;
  /** Lines from 1, both included; the whole file where there are none. */
  ranges?: ReadonlyArray<{ from: number; to: number }>;
  /** SHA-256 of the whole file, in hexadecimal. */
  hash?: string;
}

export interface AskCall {
  signal: AbortSignal;
  withinMs: number;
  /** The agent, or what it is asked for; in the receipt. */
  purpose: string;
  /** `agent:NAME`, for whom. */
  actor?: string;
  project?: ProjectName;
  runId?: string;
  budget?: Budget;
}

export interface Answered<Value> {
  value: Value;
  /** `provider/model` that answered. */
  model: string;
  usage: Usage | undefined;
  /** US dollars, where known. */
  cost: number | undefined;
  /** What somebody who reads the answer should know, a sentence each. */
  notes: string[];
}

/** The end comes once, last, and after the receipt was written. */
export type AnswerEvent = Exclude<ModelEvent, { type: 'end' }> | AnswerEnd;
export type AnswerEnd = Extract<ModelEvent, { type: 'end' }> &
  Pick<Answered<unknown>, 'cost' | 'notes'> & {
    /** The id of its receipt. */
    receipt: string;
  };

/** A model has answered, and it is of no use. Nothing that it wrote is in the message. */
export class UnusableAnswer extends Error {
  override readonly name = 'UnusableAnswer';
}

const endings: Record<FinishReason, string> = {
  stop: 'has answered',
  tool_calls: 'called a tool where an answer was asked for',
  length: 'was cut off at the longest answer that it may give',
  filtered: 'gave an answer that its provider held back',
  other: 'ended its answer for a reason that is not known',
};

export function describeEnd({ model, finish }: AnswerEnd): string {
  return `${model} ${endings[finish]}.`;
}

export async function collectAnswer(events: AsyncIterable<AnswerEvent>): Promise<{ text: string; end: AnswerEnd }> {
  let text = '';
  let end: AnswerEnd | undefined;
  for await (const event of events) {
    if (event.type === 'text') text += event.text;
    if (event.type === 'end') end = event;
  }
  if (!end) throw new Error('an answer without an end');
  return { text, end };
}
