import { setTimeout as delay } from 'node:timers/promises';
import { agentReference } from '../../agents/agent-file.ts';
import { UserError } from '../../errors.ts';
import type { Log } from '../../log.ts';
import type { AskCall } from '../../models/question.ts';
import type { ProjectName } from '../../projects/records.ts';
import type { JobProgress } from '../../projects/worker-job.ts';
import { NoModel } from '../../providers/models.ts';
import { estimateTokens } from '../../text/estimate-tokens.ts';
import { type ChatAuthor, type Conversation, conversationId, type Message, messageId } from '../chat.ts';
import type { Chats } from '../chats.ts';
import type { ContextSource, ContextStrategy } from '../context/context.ts';
import { failureFrom } from '../context/failure-advice.ts';
import type { NewSummary } from '../context/fit-context.ts';
import { type Place, readSource, summaryDetails } from '../context/read-source.ts';
import type { Turn } from '../rows/turn-rows.ts';
import type { AnswerEars, Answerer, ChatAnswer, ChatQuestion } from './answer.ts';
import type { Speaker } from './ask-agent.ts';
import { keepPartial } from './keep-partial.ts';
import { createPace } from './pace.ts';
import { brokenOff, endOfAnswer, type ShownAnswer } from './turn-outcome.ts';
import type { TurnEnd } from './turns.ts';

/** How a question is to be answered. */
export interface AnswerWish {
  /** `provider/model` or a tier; default: of the branch, of the conversation, or a tier that has one. */
  model?: string | undefined;
  temperature?: number | undefined;
  maxTokens?: number | undefined;
  stop?: readonly string[] | undefined;
  strategy: ContextStrategy;
  /** A message that was cut off, to go on with. */
  continueFrom?: Message | undefined;
  /** An agent that answers, and the model that it gets where nobody names one. */
  speaker?: (Speaker & { usualModel: string | undefined }) | undefined;
}

export interface AnswerCall {
  signal: AbortSignal;
  withinMs: number;
  onProgress?: ((update: JobProgress) => void) | undefined;
}

/** A turn that was begun, and how it is to be answered. */
export interface Attempt {
  project: ProjectName;
  turn: Turn;
  wish: AnswerWish;
  author: ChatAuthor;
  call: AnswerCall;
}

/** Has the questions of turns answered. */
export interface TurnAnswers {
  /**
   * Ends the turn, whatever comes of it, and gives the branch that it is on.
   *
   * @throws the reason of the signal, after what had come is kept; UserError for what the caller can mend
   */
  answer(attempt: Attempt): Promise<number>;
  /** Ends all that runs, and keeps what has come. */
  close(): Promise<void>;
}

const closeMs = 3000;
const aheadMs = 120_000;
const shutDown = new Error('the server ends');

export function createTurnAnswers(services: {
  chats: Chats;
  answerer: Answerer;
  /** Where nobody names a model; none where no tier has any. */
  defaultModel: string | undefined;
  log: Log;
}): TurnAnswers {
  const { chats, answerer, defaultModel, log } = services;
  const { turns } = chats;
  const closing = new AbortController();
  const running = new Set<Promise<unknown>>();

  return {
    answer(attempt) {
      const work = answerTurn(attempt);
      keepRunning(work);
      return work;
    },

    async close() {
      closing.abort(shutDown);
      await Promise.race([Promise.allSettled([...running]), delay(closeMs, undefined, { ref: false })]);
    },
  };

  async function answerTurn(attempt: Attempt): Promise<number> {
    const { project, turn, wish, author, call } = attempt;
    const gone = new AbortController();
    const signal = AbortSignal.any([call.signal, closing.signal, gone.signal]);
    const begun = wish.continueFrom?.text ?? '';
    const partial = keepPartial(turn, { turns, log, begun, onGone: () => gone.abort(purged(turn.conversation)) });
    let pace: ReturnType<typeof createPace> | undefined;
    let asked = wish.model;
    let end: TurnEnd | undefined;
    let branch: number;
    try {
      const place = await placeOf(turn);
      asked = modelFor(wish, place) ?? defaultModel;
      const { onProgress = () => {} } = call;
      pace = createPace({ report: onProgress, waiting: `Waiting for ${asked ?? 'nobody'}` });
      const onText = (text: string) => {
        partial.add(text);
        pace?.add(text);
      };
      const onStep = (words: string) => pace?.note(words);
      const askCall = { signal, withinMs: call.withinMs, project, actor: author.source, purpose: 'chat' };
      const answer = asked === undefined ? unanswered : await answerOf(place, asked, wish, askCall, { onText, onStep });
      await partial.stop();
      end = endOfAnswer(asked, answer, { text: begun + answer.text, details: detailsOf(asked, wish) });
      ({ branch } = await turns.end(turn, end, { source: author.source }));
    } catch (error) {
      await partial.stop();
      if (gone.signal.aborted) throw gone.signal.reason;
      const text = partial.text() === begun ? '' : partial.text();
      const why = closing.signal.aborted ? 'shutdown' : signal.aborted ? 'cancelled' : 'fault';
      await breakOff(turn, end ?? brokenOff(asked, why, { text, details: detailsOf(asked, wish) }), author);
      throw why === 'fault' ? withQuestion(error, turn) : error;
    } finally {
      pace?.end();
    }
    if (asked !== undefined && end.status === 'done') prepareNext(attempt, asked);
    return branch;
  }

  /** Nobody waits for it, and nobody misses it where it fails: the next turn makes its own. */
  function prepareNext({ project, turn, wish, author }: Attempt, model: string): void {
    const call = {
      ...{ signal: closing.signal, withinMs: aheadMs },
      ...{ project, actor: author.source, purpose: 'chat summary' },
    };
    const work = async () => {
      const { answer } = await turns.get(turn.projectId, turn.conversation, turn.id);
      const place = await placeOf({ ...turn, question: answer ?? turn.question });
      const question = await questionOf(place, model, { ...wish, continueFrom: undefined });
      const summary = await answerer.ahead(question, call);
      if (summary) await keepSummary(place.conversation, question.source, summary, call);
    };
    keepRunning(
      work().catch((error) => {
        if (!closing.signal.aborted) log.debug({ err: error }, 'no summary was made ahead of need');
      }),
    );
  }

  function keepRunning(work: Promise<unknown>): void {
    running.add(work);
    work.catch(() => {}).finally(() => running.delete(work));
  }

  async function answerOf(
    place: Place,
    model: string,
    wish: AnswerWish,
    call: AskCall,
    ears: Omit<AnswerEars, 'onSummary'>,
  ): Promise<ChatAnswer> {
    const question = await questionOf(place, model, wish);
    const onSummary = (summary: NewSummary) => keepSummary(place.conversation, question.source, summary, call);
    return answerer.answer(question, call, { ...ears, onSummary });
  }

  async function questionOf(place: Place, model: string, wish: AnswerWish): Promise<ChatQuestion> {
    const { temperature, maxTokens, stop, strategy, continueFrom, speaker } = wish;
    return {
      ...{ model, temperature, maxTokens, stop, strategy, source: await readSource(chats, place) },
      mode: place.branch.details.context_mode ?? 'full',
      ...{ begun: continueFrom?.text, speaker },
    };
  }

  async function keepSummary(
    { projectId, number, version }: Conversation,
    { clearedUpTo = 0 }: ContextSource,
    { upTo, text, model, files }: NewSummary,
    { actor = 'agent' }: AskCall,
  ): Promise<void> {
    const details = summaryDetails.parse({ model, cleared: clearedUpTo, files });
    const summary = { message: upTo, text, tokens: estimateTokens(text), asOf: version, details };
    await chats.keepSummary(projectId, number, summary, { source: actor });
  }

  async function placeOf({ projectId, conversation, branch, question }: Turn): Promise<Place> {
    const found = await chats.at(projectId, conversation, branch);
    return { ...found, question: await chats.message(projectId, conversation, question) };
  }

  /** What the store cannot take now, it takes when somebody settles the turn: its last sign of life has the text. */
  async function breakOff(turn: Turn, end: TurnEnd, { source }: ChatAuthor): Promise<void> {
    await turns.end(turn, { ...end, isIfRunning: true }, { source }).catch((error) => {
      log.warn({ err: error }, 'the end of a turn was not kept');
    });
  }
}

/** What does not fit is refused, and kept all the same. */
function withQuestion(error: unknown, { conversation, question }: Turn): unknown {
  if (!(error instanceof UserError) || error.code !== 'limit') return error;
  return new UserError('limit', `${error.message} The message is kept as ${messageId(conversation, question)}.`);
}

function purged(conversation: number): UserError {
  return new UserError('not_found', `${conversationId(conversation)} was purged while its question was answered.`);
}

/** As it is named nearest; nothing where nobody names one. */
export function modelFor(
  { model, speaker }: AnswerWish,
  place: Pick<Place, 'branch' | 'conversation'> | undefined,
): string | undefined {
  return model ?? place?.branch.details.model ?? place?.conversation.document.model ?? speaker?.usualModel;
}

/** Where there is none to ask. */
const unanswered: ChatAnswer = {
  ...{
    text: '',
    reasoning: '',
    end: undefined,
    context: undefined,
    notes: [],
    receipts: [],
    calls: [],
    files: [],
    ms: 0,
  },
  failure: failureFrom(new NoModel('medium')),
};

/** What an answer keeps of how it was asked for. */
function detailsOf(
  model: string | undefined,
  { temperature, maxTokens, stop, continueFrom, speaker }: AnswerWish,
): ShownAnswer['details'] {
  const params = {
    ...(model !== undefined && { model }),
    ...(temperature !== undefined && { temperature }),
    ...(maxTokens !== undefined && { max_tokens: maxTokens }),
    ...(stop && { stop: [...stop] }),
  };
  const agent = speaker && agentReference(speaker.agent);
  return { params, ...(agent !== undefined && { agent }), ...(continueFrom && { supersedes: continueFrom.number }) };
}
