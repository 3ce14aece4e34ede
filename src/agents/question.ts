import type { ProjectName } from '../projects/records.ts';
import type { ModelEvent } from '../providers/models.ts';
import type { Message, ToolOffer, Usage } from '../providers/provider.ts';
import type { Budget } from './budget.ts';

export interface Question {
  /** `provider/model` or a tier. */
  model: string;
  messages: readonly Message[];
  tools?: readonly ToolOffer[];
  /** Of the answer. */
  maxTokens?: number;
  temperature?: number;
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
export type AnswerEnd = Extract<ModelEvent, { type: 'end' }> & Pick<Answered<unknown>, 'cost' | 'notes'>;

/** A model has answered, and it is of no use. Nothing that it wrote is in the message. */
export class UnusableAnswer extends Error {
  override readonly name = 'UnusableAnswer';
}
