import { cutOffIssue } from '../models/read-answer.ts';
import { SpendingLimit } from '../models/spending-limit.ts';
import type { ProviderFailure } from '../providers/failure.ts';
import type { FinishReason, Message } from '../providers/provider.ts';
import { cut } from '../text/cut.ts';
import type { AgentTool } from './agent-tool.ts';
import type { Allowance, Limit } from './allowance.ts';
import { boundedCall, type CallNote, createToolCaller } from './call-tools.ts';
import { type Converse, type TurnAnswer, takeTurn, tokensOf } from './turn.ts';

export interface LoopOptions<Result> {
  /** What the agent is told, and its task. */
  messages: readonly Message[];
  tools: readonly AgentTool[];
  converse: Converse;
  allowance: Allowance;
  /** Of who wants the answer; the time of the allowance ends the loop, too. */
  signal: AbortSignal;
  /** Marks what comes from outside as data. */
  mark(text: string): string;
  /** What the model is told when it gets no more calls. */
  lastTurn: string;
  /** Reads the answer; or says what is wrong with it. */
  accept(text: string): { value: Result } | { issue: string };
  /** What the model is told of that. */
  correct(issue: string): string;
  onStep(step: Step): void;
}

/** One turn, as it is shown and kept. */
export interface Step {
  calls: CallNote[];
  /** What the model wrote, cut. */
  text: string;
  model: string;
  tokens: { input: number; output: number };
  ms: number;
}

/** `text` is what the model wrote last: a part of the answer at best. The cause is that of a call that could not be made. */
export type LoopEnd<Result> =
  | { end: 'done'; result: Result }
  | { end: 'limited' | 'failed'; why: string; text: string; cause?: ProviderFailure | SpendingLimit };

const maxStepText = 500;

/**
 * Lets a model work with tools until it answers. Whatever the model does, this ends: each turn takes from the allowance, and
 * on the last one no tools are offered. One answer that cannot be read or has another form is sent back.
 *
 * @throws the reason of the signal, and faults of ours
 */
export async function runLoop<Result>(options: LoopOptions<Result>): Promise<LoopEnd<Result>> {
  const { allowance, signal, accept, correct, onStep } = options;
  const ended = AbortSignal.any([signal, allowance.deadline]);
  const caller = createToolCaller(options.tools, options.mark);
  const offers = options.tools.map(({ offer }) => offer);
  const messages = [...options.messages];
  let text = '';
  let isOver = false; // no more calls, whatever is left
  let badTurns = 0;
  let corrections = 0;

  for (;;) {
    const turn = allowance.takeTurn(tokensOf({ messages, tools: offers }));
    if ('limit' in turn) return limited(turn.limit, text);
    const isLast = isOver || turn.isLast;
    if (isLast && offers.length > 0) messages.push({ role: 'user', text: options.lastTurn });
    const request = { messages, tools: isLast ? [] : offers, maxTokens: turn.maxTokens, signal: ended };
    const answer = await takeTurn(options.converse, request);
    text = answer.text || text;
    signal.throwIfAborted();

    if ('failure' in answer) {
      if (answer.failure === 'ended') return limited('time', text);
      const { message: why } = answer.failure;
      if (answer.failure instanceof SpendingLimit) return { end: 'limited', why, text, cause: answer.failure };
      if (answer.failure.kind !== 'bad_response' || corrections++ > 0) {
        return { end: 'failed', why, text, cause: answer.failure };
      }
      messages.push({ role: 'user', text: correct(unreadable) });
    } else if (answer.calls.length > 0 && !isLast) {
      const called = await orAtEnd(caller.call(answer.calls, ended), allowance.deadline);
      signal.throwIfAborted();
      if (!called) return limited('time', text);
      onStep(stepOf(answer, called.notes));
      messages.push({ role: 'assistant', text: answer.text, toolCalls: answer.calls.map(boundedCall) });
      messages.push(...called.messages);
      badTurns = called.areAllBad ? badTurns + 1 : 0;
      isOver ||= called.isStuck || badTurns > 1;
    } else {
      onStep(stepOf(answer, []));
      if (answer.calls.length > 0) return limited(isOver ? 'repeats' : turn.limitAhead, text);
      const accepted = isWhole(answer.finish) ? accept(answer.text) : { issue: partIssues[answer.finish] };
      if ('value' in accepted) return { end: 'done', result: accepted.value };
      if (corrections++ > 0) return { end: 'failed', why: accepted.issue, text };
      messages.push({ role: 'assistant', text: answer.text }, { role: 'user', text: correct(accepted.issue) });
    }
  }
}

function limited(limit: Limit | 'repeats', text: string): LoopEnd<never> {
  return { end: 'limited', why: limitWords[limit], text };
}

const limitWords: Record<Limit | 'repeats', string> = {
  steps: 'It took all the steps that it may take.',
  tokens: 'It took all the tokens that it may take.',
  time: 'It took all the time that it may take.',
  repeats: 'It made the same calls, or wrong ones, again and again.',
};

/** Nothing where the time was over first. */
async function orAtEnd<Result>(work: Promise<Result>, deadline: AbortSignal): Promise<Result | undefined> {
  try {
    return await work;
  } catch (error) {
    if (deadline.aborted) return undefined;
    throw error;
  }
}

const unreadable = 'It could not be read: too large, or not in the agreed form. Answer in fewer words.';

type Whole = 'stop' | 'tool_calls';

function isWhole(finish: FinishReason): finish is Whole {
  return finish === 'stop' || finish === 'tool_calls';
}

const partIssues: Record<Exclude<FinishReason, Whole>, string> = {
  length: cutOffIssue,
  filtered: "The provider's filter held a part of it back.",
  other: 'It did not come whole.',
};

function stepOf({ text, model, usage, ms }: TurnAnswer, calls: CallNote[]): Step {
  const { input = 0, output = 0 } = usage ?? {};
  return { calls, text: cut(text, maxStepText), model, tokens: { input, output }, ms };
}
