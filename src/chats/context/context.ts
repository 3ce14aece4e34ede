import type { SentFile } from '../../models/question.ts';
import { estimateTokens } from '../../text/estimate-tokens.ts';
import type { ContextMode } from '../chat.ts';
import { trimmed } from './trim-text.ts';

/** A message on the way from the root to a head, along first parents, as a context needs it. */
export interface PathMessage {
  number: number;
  role: 'user' | 'assistant';
  text: string;
  /** What was brought into the branch from another one. */
  isMerge: boolean;
  /** Those whose text is in it. */
  files: readonly SentFile[];
}

/** Stands for all messages up to one, that one included. */
export interface PathSummary {
  upTo: number;
  text: string;
  /** Those whose text was in the messages. */
  files: readonly SentFile[];
}

/** What is done where not all fits: a summary, the newest messages, the one or else the other, or nothing but to refuse. */
export const contextStrategies = ['auto', 'summary', 'window', 'none'] as const;
export type ContextStrategy = (typeof contextStrategies)[number];

export interface ContextSource {
  system: string;
  /** The oldest first; the last is what is to be answered. Without deleted ones. */
  path: readonly PathMessage[];
  /** There are more before it, which were not read, since they fit into no window. */
  isCut?: boolean;
  pins: ReadonlySet<number>;
  /** Messages up to this one were cleared from the context. */
  clearedUpTo?: number | undefined;
  summary?: PathSummary | undefined;
  /** Where the branch was forked off. */
  base?: number | undefined;
}

export interface ContextRules {
  mode: ContextMode;
  strategy: ContextStrategy;
  /** Tokens of all that is sent; none where nobody knows the window of the model. */
  budget: number | undefined;
  /** What the estimate has to be multiplied by, as learnt of the model. */
  ratio: number;
}

/** What goes to the model, before it is put into words. */
export interface Context {
  system: string;
  /** Pinned messages and merge notes that come before `messages`. */
  notes: readonly PathMessage[];
  summary: PathSummary | undefined;
  messages: readonly PathMessage[];
  /** Estimated. */
  tokens: number;
  leftOut: LeftOut;
}

/** How many messages are not sent as they are, by why. */
export interface LeftOut {
  cleared: number;
  /** Not of the part that the mode lets through. */
  byMode: number;
  summarized: number;
  /** For want of room. */
  dropped: number;
  trimmed: number;
  /** Pins, for which there is no room either. */
  pins: number;
}

export type Chosen =
  | { fits: true; context: Context }
  /** With a summary up to this message it would, as far as can be told. */
  | { fits: false; summarizeUpTo: number | undefined; needed: number; allowed: number };

const partialMessages = 50;
const pinShare = 0.2;
const longShare = 0.25;
const perMessage = 4;
const perAnswer = 3;

/**
 * Chooses what of a conversation a model gets to see: all where it fits, else less and less of the oldest. What is pinned or
 * was merged, the instructions and the last turn always stay.
 */
export function chooseContext(source: ContextSource, rules: ContextRules): Chosen {
  const { budget = Number.POSITIVE_INFINITY, strategy } = rules;
  const whole = inMode(source, rules);
  if (fits(whole)) return { fits: true, context: whole };
  const refusal = { fits: false as const, needed: whole.tokens, allowed: budget };
  if (strategy === 'none') return { ...refusal, summarizeUpTo: undefined };

  const short = withShortMessages(whole, rules);
  if (fits(short)) return { fits: true, context: short };
  if (strategy !== 'window') {
    const summarized = withSummary(short, source, rules);
    if (fits(summarized)) return { fits: true, context: summarized };
    const summarizeUpTo = endOfOldPart(summarized.messages, rules);
    return { ...refusal, needed: summarized.tokens, summarizeUpTo };
  }
  return slide(withSummary(short, source, rules), source, rules);

  function fits({ tokens }: Context) {
    return tokens <= budget;
  }
}

/** How much of the budget a conversation takes, so that a summary can be made before there is no room. */
export function fillOf(source: ContextSource, rules: ContextRules): number {
  if (rules.budget === undefined) return 0;
  return withSummary(inMode(source, rules), source, rules).tokens / rules.budget;
}

function inMode(source: ContextSource, rules: ContextRules): Context {
  const { path, clearedUpTo = 0, base } = source;
  const open = path.filter(({ number }) => number > clearedUpTo);
  const messages = open.filter(({ number }, index) => {
    if (rules.mode === 'partial') return index >= open.length - partialMessages;
    return rules.mode === 'full' || base === undefined || number >= base;
  });
  const leftOut = { ...nothing, cleared: path.length - open.length, byMode: open.length - messages.length };
  const context = { system: source.system, notes: [], summary: undefined, messages, tokens: 0, leftOut };
  const summarized = rules.mode === 'partial' ? withSummary(context, source, rules) : context;
  return withNotes(summarized, source, rules);
}

const nothing: LeftOut = { cleared: 0, byMode: 0, summarized: 0, dropped: 0, trimmed: 0, pins: 0 };

/** The pins and merge notes that are not among the messages, the newest of the pins where there is no room for all. */
function withNotes(context: Context, { path, pins }: ContextSource, rules: ContextRules): Context {
  const first = context.messages[0]?.number ?? Number.POSITIVE_INFINITY;
  const earlier = path.filter(({ number }) => number < first);
  const merges = earlier.filter(({ isMerge }) => isMerge).map((message) => shortened(message, rules));
  let room = (rules.budget ?? Number.POSITIVE_INFINITY) * pinShare;
  const pinned = earlier.filter(({ number, isMerge }) => pins.has(number) && !isMerge);
  const kept = pinned.toReversed().filter((message) => {
    room -= tokensOf(message, rules);
    return room >= 0;
  });
  const notes = [...merges, ...kept].sort((a, b) => a.number - b.number);
  const leftOut = { ...context.leftOut, pins: pinned.length - kept.length };
  return counted({ ...context, notes, leftOut }, rules);
}

function counted(context: Context, rules: ContextRules): Context {
  const { system, notes, summary, messages } = context;
  const texts = [system, summary?.text ?? ''].filter(Boolean);
  const fixed = texts.reduce((sum, text) => sum + scaled(estimateTokens(text), rules) + perMessage, perAnswer);
  const tokens = [...notes, ...messages].reduce((sum, message) => sum + tokensOf(message, rules), fixed);
  return { ...context, tokens };
}

/** Of the text of messages and summaries, each once. */
export function filesOf(texts: ReadonlyArray<{ files: readonly SentFile[] }>): SentFile[] {
  return [...new Map(texts.flatMap(({ files }) => files).map((file) => [JSON.stringify(file), file])).values()];
}

export function tokensOf({ text }: Pick<PathMessage, 'text'>, rules: Pick<ContextRules, 'ratio'>): number {
  return scaled(estimateTokens(text), rules) + perMessage;
}

function scaled(tokens: number, { ratio }: Pick<ContextRules, 'ratio'>): number {
  return Math.ceil(tokens * ratio);
}

/** The last one stays whole: it is the question. */
function withShortMessages(context: Context, rules: ContextRules): Context {
  const last = context.messages.length - 1;
  const messages = context.messages.map((message, index) => (index === last ? message : shortened(message, rules)));
  const trimmedOnes = messages.filter((message, index) => message !== context.messages[index]).length;
  return counted({ ...context, messages, leftOut: { ...context.leftOut, trimmed: trimmedOnes } }, rules);
}

function shortened(message: PathMessage, rules: ContextRules): PathMessage {
  const most = Math.floor((rules.budget ?? Number.POSITIVE_INFINITY) * longShare);
  if (tokensOf(message, rules) <= most) return message;
  return { ...message, text: trimmed(message.text, Math.floor((most - perMessage) / rules.ratio)) };
}

function withSummary(context: Context, source: ContextSource, rules: ContextRules): Context {
  const { summary, clearedUpTo = 0 } = source;
  const first = context.messages[0]?.number ?? 0;
  if (!summary || context.summary || summary.upTo <= clearedUpTo || (rules.mode === 'minimal' && summary.upTo < first))
    return context;
  const messages = context.messages.filter(({ number }) => number > summary.upTo);
  const summarized = context.messages.length - messages.length;
  const covered = source.path.filter(({ number }) => number > clearedUpTo && number <= summary.upTo).length;
  const leftOut = { ...context.leftOut, summarized: covered, byMode: context.leftOut.byMode - (covered - summarized) };
  return withNotes({ ...context, summary, messages, leftOut }, source, rules);
}

const keptTurns = 4;
const keptShare = 0.3;

/** The last message of what a summary is to stand for: all but the last turns, which stay word for word. */
export function endOfOldPart(messages: readonly PathMessage[], rules: ContextRules): number | undefined {
  const { budget = Number.POSITIVE_INFINITY } = rules;
  let room = budget * keptShare;
  let turns = 0;
  let start = messages.length;
  for (let index = messages.length - 1; index >= 0; index--) {
    const message = messages[index];
    if (!message) break;
    room -= tokensOf(message, rules);
    if (turns > 0 && room < 0) break;
    if (!startsTurn(messages, index)) continue;
    start = index;
    if (++turns === keptTurns) break;
  }
  return messages[start - 1]?.number;
}

/** A question whose answer is not torn from it: the first of the messages of the user that follow one another. */
function startsTurn(messages: readonly PathMessage[], index: number): boolean {
  return messages[index]?.role === 'user' && messages[index - 1]?.role !== 'user';
}

/** The newest turns that fit. */
function slide(context: Context, source: ContextSource, rules: ContextRules): Chosen {
  const { budget = Number.POSITIVE_INFINITY } = rules;
  const { messages, leftOut } = context;
  const starts = messages.flatMap((_, index) => (startsTurn(messages, index) ? [index] : []));
  const from = (start: number) =>
    withNotes({ ...context, messages: messages.slice(start), leftOut: { ...leftOut, dropped: start } }, source, rules);
  // The later the start the less it takes, since what is left out takes no more as a note than as a message.
  let [tooEarly, fits] = [-1, starts.length - 1];
  while (fits - tooEarly > 1) {
    const middle = (tooEarly + fits) >> 1;
    if (from(starts[middle] ?? 0).tokens <= budget) fits = middle;
    else tooEarly = middle;
  }
  const newest = from(starts[fits] ?? 0);
  if (newest.tokens <= budget) return { fits: true, context: newest };
  return { fits: false, summarizeUpTo: undefined, needed: newest.tokens, allowed: budget };
}
