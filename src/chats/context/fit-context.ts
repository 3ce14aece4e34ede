import { UserError } from '../../errors.ts';
import { type AskCall, UnusableAnswer } from '../../models/question.ts';
import { estimateTokens } from '../../text/estimate-tokens.ts';
import type { ContextMode } from '../chat.ts';
import {
  type Context,
  type ContextRules,
  type ContextSource,
  type ContextStrategy,
  chooseContext,
  endOfOldPart,
  filesOf,
  fillOf,
  type PathSummary,
} from './context.ts';
import { failureFrom } from './failure-advice.ts';
import type { ModelRoom } from './model-room.ts';
import { type Summarizer, usualRoom } from './summarize.ts';

/** What is to be fitted into the room of a model. */
export interface WantedContext {
  source: ContextSource;
  mode: ContextMode;
  strategy: ContextStrategy;
  /** Of an answer that was cut off: it is gone on with, and sent as well. */
  begun?: string | undefined;
}

export type NewSummary = PathSummary & { model: string };

export interface Fitted {
  context: Context;
  /** That had to be made for it. */
  summary: NewSummary | undefined;
  notes: string[];
}

const summaryMs = 120_000;
const summaryTokens = 1024;
const roomShare = 0.8;
/** From here on a summary is made ahead of need. */
const fullShare = 0.8;
/** A summary that saves less than this is none. */
const leastSaving = 0.05;

/**
 * All that can be sent to a model, with a summary made now where there is no room without one.
 *
 * @throws UserError `limit` with numbers where it does not fit, and the reason of the signal
 */
export async function fitContext(
  wanted: WantedContext,
  room: ModelRoom,
  summarizer: Summarizer,
  call: AskCall,
): Promise<Fitted> {
  const upTo = summaryNeeded(wanted, room);
  if (upTo === undefined) return { context: contextWithin(wanted, room), summary: undefined, notes: [] };
  try {
    const summary = await summarizeUpTo(upTo, wanted.source, room, summarizer, call);
    return { context: contextWithin(withSummary(wanted, summary), room), summary, notes: [] };
  } catch (error) {
    call.signal.throwIfAborted();
    const failure = failureFrom(error);
    if (!failure) throw error;
    const note = `No summary of the earlier messages could be made: ${failure.why}`;
    return { context: contextWithin(wanted, room), summary: undefined, notes: [note] };
  }
}

/** The message up to which a summary has to be made before all fits; nothing where none has to, or none would help. */
export function summaryNeeded(wanted: WantedContext, room: ModelRoom): number | undefined {
  const first = chooseContext(wanted.source, rulesOf(wanted, room));
  return first.fits ? undefined : first.summarizeUpTo;
}

export function withSummary<Wanted extends WantedContext>(wanted: Wanted, summary: PathSummary | undefined): Wanted {
  return summary ? { ...wanted, source: { ...wanted.source, summary } } : wanted;
}

/**
 * All that can be sent without a call of a model: the oldest messages are left out where a summary is wanted and there is none.
 *
 * @throws UserError `limit` with numbers where it does not fit
 */
export function contextWithin(wanted: WantedContext, room: ModelRoom): Context {
  const rules = rulesOf(wanted, room);
  const first = chooseContext(wanted.source, rules);
  if (first.fits) return first.context;
  const isAuto = wanted.strategy === 'auto';
  const last = isAuto ? chooseContext(wanted.source, { ...rules, strategy: 'window' }) : first;
  if (last.fits) return last.context;
  const way = wanted.strategy === 'none' ? 'Leave out "overflow": "none", use' : 'Shorten the message, use';
  throw new UserError(
    'limit',
    `The conversation takes about ${last.needed} tokens, and ${room.model} has room for ${last.allowed}. ${way} clear_context, or take a model with a larger window: list_models.`,
  );
}

/**
 * A summary for the next turns, made while nobody waits for it; nothing where there is room still.
 *
 * @throws as `Asker.ask`
 */
export async function summarizeAhead(
  wanted: WantedContext,
  room: ModelRoom,
  summarizer: Summarizer,
  call: AskCall,
): Promise<NewSummary | undefined> {
  const rules = rulesOf(wanted, room);
  const isWanted = wanted.mode !== 'minimal' && (wanted.strategy === 'auto' || wanted.strategy === 'summary');
  if (!isWanted || fillOf(wanted.source, rules) < fullShare) return undefined;
  const { path, summary, clearedUpTo = 0 } = wanted.source;
  const since = Math.max(clearedUpTo, summary?.upTo ?? 0);
  const open = path.filter(({ number }) => number > since);
  const upTo = endOfOldPart(open, rules);
  return upTo === undefined ? undefined : summarizeUpTo(upTo, wanted.source, room, summarizer, call);
}

async function summarizeUpTo(
  upTo: number,
  { path, summary, clearedUpTo = 0 }: ContextSource,
  room: ModelRoom,
  summarizer: Summarizer,
  call: AskCall,
): Promise<NewSummary> {
  const since = Math.max(clearedUpTo, summary?.upTo ?? 0);
  const messages = path.filter(({ number }) => number > since && number <= upTo);
  const before = summary && summary.upTo > clearedUpTo ? summary : undefined;
  const files = filesOf([...messages, ...(before ? [before] : [])]);
  const answered = await summarizer.summarize(
    {
      ...{ earlier: before?.text, messages, files, model: room.model, maxTokens: summaryTokens },
      room: Math.floor(Math.min(usualRoom, (room.budget ?? usualRoom) / room.ratio) * roomShare),
    },
    { ...call, withinMs: Math.min(summaryMs, call.withinMs), purpose: 'chat summary' },
  );
  const replaced = messages.reduce((sum, { text }) => sum + estimateTokens(text), estimateTokens(before?.text ?? ''));
  if (estimateTokens(answered.value) > replaced * (1 - leastSaving)) throw noSaving(answered.model);
  return { upTo, text: answered.value, model: answered.model, files };
}

function noSaving(model: string): UnusableAnswer {
  return new UnusableAnswer(`${model} wrote a summary that is as long as what it stands for.`);
}

function rulesOf({ mode, strategy, begun = '' }: WantedContext, { budget, ratio }: ModelRoom): ContextRules {
  const taken = Math.ceil(estimateTokens(begun) * ratio);
  return { mode, strategy, budget: budget === undefined ? undefined : Math.max(1, budget - taken), ratio };
}
