import type { Agents } from '../../agents/agents.ts';
import type { CallNote } from '../../agents/call-tools.ts';
import type { Asker } from '../../models/asker.ts';
import { type AnswerEnd, type AskCall, describeEnd, type SentFile } from '../../models/question.ts';
import { splitThoughts } from '../../models/split-thoughts.ts';
import { partsOf } from '../../models/tally.ts';
import { ProviderFailure } from '../../providers/failure.ts';
import type { Message } from '../../providers/provider.ts';
import { cleanText } from '../../text/clean.ts';
import { type ContextWords, composeContext } from '../context/compose-context.ts';
import { type Context, filesOf } from '../context/context.ts';
import { type Failure, failureFrom } from '../context/failure-advice.ts';
import {
  contextWithin,
  fitContext,
  type NewSummary,
  summarizeAhead,
  summaryNeeded,
  type WantedContext,
  withSummary,
} from '../context/fit-context.ts';
import { type ModelRoom, type ModelRooms, wasCut } from '../context/model-room.ts';
import type { Summarizer } from '../context/summarize.ts';
import { askAgent, type Speaker } from './ask-agent.ts';

/** A question of a conversation to a model. */
export interface ChatQuestion extends WantedContext {
  /** `provider/model` or a tier. */
  model: string;
  temperature?: number | undefined;
  maxTokens?: number | undefined;
  stop?: readonly string[] | undefined;
  /** Who answers in place of the model alone. */
  speaker?: Speaker | undefined;
}

/** Who hears of what happens while a model answers. */
export interface AnswerEars {
  onText(text: string): void;
  /** What an agent does before it answers. */
  onStep(words: string): void;
  /** It serves the next turns as well. */
  onSummary(summary: NewSummary): Promise<void>;
}

/** What came of a question. An answer that broke off is one, as far as it came. */
export interface ChatAnswer {
  text: string;
  reasoning: string;
  end: AnswerEnd | undefined;
  /** Why it is no whole answer, or none at all. */
  failure: Failure | undefined;
  context: SentContext | undefined;
  notes: string[];
  /** The ids of the receipts of what it took. */
  receipts: string[];
  /** What an agent called, and the files that it has read. */
  calls: CallNote[];
  files: SentFile[];
  ms: number;
}

/** What a model was shown, in numbers of messages and in tokens. */
export interface SentContext extends Pick<Context, 'tokens' | 'leftOut'> {
  /** The first message that was sent in its place, and how many were. */
  from: number | undefined;
  messages: number;
  /** Sent before it, since they are pinned or were merged. */
  kept: number[];
  summarizedUpTo: number | undefined;
  room: ModelRoom;
}

export interface AnswererWords extends ContextWords {
  /** What a model is told that is to go on with its answer. */
  continue: string;
}

export interface Answerer {
  /** @throws the reason of the signal, UserError for what the caller can mend, and faults of ours */
  answer(question: ChatQuestion, call: AskCall, ears: AnswerEars): Promise<ChatAnswer>;
  /** A summary for the next turns, where there will soon be no room without one. @throws as `Asker.ask` */
  ahead(question: ChatQuestion, call: AskCall): Promise<NewSummary | undefined>;
  /** What would be sent, without a call of a model. @throws UserError `limit` with numbers where it does not fit */
  preview(question: ChatQuestion, signal: AbortSignal): Promise<Previewed>;
}

export interface Previewed {
  context: SentContext;
  /** Up to this message a summary would be made first. */
  summarizeUpTo: number | undefined;
}

export type Draft = Omit<ChatAnswer, 'ms'>;

/** An agent may read as much again as it was told. */
const speakerShare = 0.5;

export function createAnswerer(services: {
  asker: Asker;
  agents: Pick<Agents, 'speak'>;
  rooms: ModelRooms;
  summarizer: Summarizer;
  words: AnswererWords;
}): Answerer {
  const { asker, agents, rooms, summarizer, words } = services;

  return {
    async answer(question, call, ears) {
      const begun = performance.now();
      const draft: Draft = {
        ...{ text: '', reasoning: '', notes: [], receipts: [], calls: [], files: [] },
        ...{ end: undefined, failure: undefined, context: undefined },
      };
      try {
        await fitAndAsk(question, call, ears, draft);
      } catch (error) {
        call.signal.throwIfAborted();
        draft.failure = failureFrom(error);
        if (!draft.failure) throw error;
      }
      return { ...draft, ms: Math.round(performance.now() - begun) };
    },

    async ahead(question, call) {
      return summarizeAhead(question, await roomOf(question, call.signal), summarizer, call);
    },

    async preview(question, signal) {
      const room = await roomOf(question, signal);
      const upTo = summaryNeeded(question, room);
      const wanted = upTo === undefined ? question : withSummary(question, { upTo, text: '', files: [] });
      return { context: report(contextWithin(wanted, room), room), summarizeUpTo: upTo };
    },
  };

  /** Once more with less, where the provider says that it was too much: it knows better. */
  async function fitAndAsk(asked: ChatQuestion, call: AskCall, ears: AnswerEars, draft: Draft): Promise<void> {
    let question = asked;
    for (let tried = 1; ; tried++) {
      const room = await roomOf(question, call.signal);
      const { context, summary, notes } = await fitContext(question, room, summarizer, call);
      if (summary) await ears.onSummary(summary);
      draft.notes.push(...notes);
      draft.context = report(context, room);
      try {
        const files = filesOf([...context.notes, ...context.messages, ...(context.summary ? [context.summary] : [])]);
        const sent = { messages: toMessages(context, question), files };
        const { speaker } = question;
        if (!speaker) return await ask(sent, question, call, ears, draft);
        return await askAgent({ ...sent, speaker, model: question.model }, call, { agents, ears, draft });
      } catch (error) {
        const isTooLong = error instanceof ProviderFailure && error.kind === 'too_long';
        if (!isTooLong || tried > 1 || question.strategy === 'none') throw error;
        await rooms.learnRefusal(room.model, context.tokens);
        question = withSummary(question, summary);
      }
    }
  }

  async function roomOf({ model, maxTokens, speaker }: ChatQuestion, signal: AbortSignal): Promise<ModelRoom> {
    const room = await rooms.find(model, maxTokens, signal);
    if (!speaker || room.budget === undefined) return room;
    return { ...room, budget: Math.floor(room.budget * speakerShare) };
  }

  function toMessages(context: Context, { begun }: ChatQuestion): Message[] {
    const messages = composeContext(context, words);
    if (begun === undefined) return messages;
    return [...messages, { role: 'assistant', text: begun }, { role: 'user', text: words.continue.trim() }];
  }

  async function ask(
    { messages, files }: { messages: readonly Message[]; files: readonly SentFile[] },
    { model, temperature, maxTokens, stop = [] }: ChatQuestion,
    call: AskCall,
    ears: AnswerEars,
    draft: Draft,
  ): Promise<void> {
    const question = {
      ...{ model, messages, files },
      ...(temperature !== undefined && { temperature }),
      ...(maxTokens !== undefined && { maxTokens }),
      ...(stop.length > 0 && { stop }),
    };
    const said = splitThoughts({
      onText(text) {
        draft.text += text;
        ears.onText(text);
      },
      onThought(text) {
        draft.reasoning += text;
      },
    });
    try {
      for await (const event of asker.stream(question, call)) {
        if (event.type === 'text') said.add(event.text);
        if (event.type === 'reasoning') draft.reasoning += event.text;
        if (event.type === 'end') draft.end = event;
      }
    } finally {
      said.end();
    }
    if (draft.end) await judge(draft.end, messages, draft);
  }

  async function judge(end: AnswerEnd, messages: readonly Message[], draft: Draft): Promise<void> {
    draft.notes.push(...end.notes);
    draft.receipts.push(end.receipt);
    if (cleanText(draft.text).trim() === '') {
      draft.failure = { kind: 'unusable', why: `${end.model} has written nothing.`, again: 'now' };
    } else if (end.finish !== 'stop') draft.notes.push(describeEnd(end));
    const counted = end.usage?.input ?? 0;
    if (counted === 0) return;
    const parts = partsOf({ model: end.model, messages, files: [] });
    const estimated = Object.values(parts).reduce((sum, each) => sum + each, 0);
    if (wasCut(estimated, counted)) draft.notes.push(describeCut(end.model, counted, estimated));
    await rooms.learn(end.model, estimated, counted);
  }
}

function report({ notes, summary, messages, tokens, leftOut }: Context, room: ModelRoom): SentContext {
  return {
    ...{ from: messages[0]?.number, messages: messages.length, tokens, leftOut, room },
    kept: notes.map(({ number }) => number),
    summarizedUpTo: summary?.upTo,
  };
}

function describeCut(model: string, counted: number, estimated: number): string {
  return `${model} counted ${counted} tokens where about ${estimated} were sent: its server has most likely cut off the beginning. Load it with a larger window.`;
}
