import { setTimeout as delay } from 'node:timers/promises';
import { UserError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Answered, AskCall } from '../models/question.ts';
import type { ProjectName } from '../projects/records.ts';
import type { JobProgress } from '../projects/worker-job.ts';
import { NoModel } from '../providers/models.ts';
import { estimateTokens } from '../text/estimate-tokens.ts';
import type { AnswerEars, Answerer, ChatAnswer, ChatQuestion } from './answer.ts';
import type { Branch, ChatAuthor, Conversation, Message, MessageDetails } from './chat.ts';
import type { Chats } from './chats.ts';
import { asRecord } from './compose-context.ts';
import type { ContextSource, ContextStrategy } from './context.ts';
import { failureFrom } from './failure-advice.ts';
import type { NewSummary } from './fit-context.ts';
import { keepPartial } from './keep-partial.ts';
import { createPace } from './pace.ts';
import { type Place, readSource, summaryDetails, toPathMessage } from './read-source.ts';
import type { Summarizer } from './summarize.ts';
import { brokenOff, endOfAnswer, readOutcome, type TurnOutcome } from './turn-outcome.ts';
import type { Turn, TurnBegin, TurnEnd } from './turns.ts';

/** What is asked of a model in a conversation. */
export interface Wanted {
  /** Default: the main one. */
  branch?: string | undefined;
  /**
   * Looked for once it is known that no earlier call of the same request id has asked it. `earlier` is the question of one
   * that came to nothing, and is tried again.
   */
  find(earlier: Turn | undefined): Promise<FoundQuestion>;
  ifHead?: number | undefined;
  /** `provider/model` or a tier; default: of the branch, of the conversation, or a tier that has one. */
  model?: string | undefined;
  temperature?: number | undefined;
  maxTokens?: number | undefined;
  stop?: readonly string[] | undefined;
  strategy: ContextStrategy;
}

export interface FoundQuestion {
  conversation: number;
  question: TurnBegin['question'];
  /** A message that was cut off, to go on with. */
  continueFrom?: Message | undefined;
}

/** What a branch has found, and what the user wants to know of it. */
export interface ToldOther {
  messages: readonly Message[];
  focus: string;
  model?: string | undefined;
}

type Asking = Wanted & Partial<FoundQuestion>;

export interface DialogueCall {
  signal: AbortSignal;
  withinMs: number;
  onProgress?: ((update: JobProgress) => void) | undefined;
  /** The turn is in the store, by this call or an earlier one. */
  onTurn?: ((turn: Turn) => void) | undefined;
}

/** A turn as it is told: the same for the call that began it and for one that repeats its request id. */
export interface ToldTurn {
  conversation: Conversation;
  branch: Branch;
  /** The branch had gone on meanwhile; the turn is on one of its own. */
  isConflict: boolean;
  turn: Turn;
  question: Message;
  answer: Message | undefined;
  outcome: TurnOutcome;
  isRepeated: boolean;
}

/** Asks models in conversations. */
export interface Dialogue {
  /**
   * One turn: the question is kept whatever comes of it. Given a request id again, it reports the turn of the first call, and
   * waits for it; a turn that failed, broke off or was left by its process is tried again.
   *
   * @throws the reason of the signal, after what had come is kept; UserError for what the caller can mend
   */
  send(project: ProjectName, wanted: Wanted, author: ChatAuthor, call: DialogueCall): Promise<ToldTurn>;
  /** What one branch is to tell another. @throws as `Asker.ask` */
  tellOther(project: ProjectName, wanted: ToldOther, author: ChatAuthor, call: DialogueCall): Promise<Answered<string>>;
  /** A message with material that is attached to it, marked as data. */
  withMaterial(text: string, parts: readonly string[]): string;
  /** Ends all that runs, and keeps what has come. */
  close(): Promise<void>;
}

const closeMs = 3000;
const lookMs = 1000;
const aheadMs = 120_000;
const mostAttempts = 100;
const shutDown = new Error('the server ends');

export function createDialogue(services: {
  chats: Chats;
  answerer: Answerer;
  summarizer: Summarizer;
  /** Where nobody names a model; none where no tier has any. */
  defaultModel: string | undefined;
  log: Log;
  words: {
    /** With `{{mark}}` and `{{text}}`. */
    attached: string;
  };
}): Dialogue {
  const { chats, answerer, summarizer, defaultModel, log, words } = services;
  const { turns } = chats;
  const closing = new AbortController();
  const running = new Set<Promise<unknown>>();

  return {
    async send(project, wanted, author, call) {
      let earlier: Turn | undefined;
      for (let attempt = 1; attempt <= mostAttempts; attempt++) {
        const by = asAttempt(author, attempt);
        let turn = await turns.repeated(project, by);
        if (!turn) {
          const found = await wanted.find(earlier);
          const { branch, ifHead } = wanted;
          const begin = { branch, ifHead: earlier ? undefined : ifHead, question: found.question, details: {} };
          const begun = await turns.begin(project, found.conversation, begin, by);
          call.onTurn?.(begun);
          if (!begun.isRepeated) return perform(project, begun, { ...wanted, ...found }, author, call);
          turn = begun;
        }
        call.onTurn?.(turn);
        const ended = turn.status === 'running' ? await follow(turn, call.signal) : turn;
        const hasSaidMore = readOutcome(ended.details).end !== undefined;
        const isReported = ended.status === 'done' || (turn.status === 'running' && hasSaidMore);
        if (isReported) return tell(ended, undefined, true);
        earlier = ended;
      }
      throw new UserError('limit', `This request_id was tried ${mostAttempts} times. Take a new one.`);
    },

    async tellOther(project, { messages, focus, model = defaultModel }, { source }, { signal, withinMs }) {
      if (model === undefined) throw new NoModel('medium');
      const call = { signal, withinMs, project, actor: source, purpose: 'chat merge' };
      return summarizer.tellOther(messages.flatMap(toPathMessage), focus, model, call);
    },

    withMaterial(text, parts) {
      if (parts.length === 0) return text;
      const material = parts.map((part) => ({ text: part, isData: true }));
      return `${text}\n\n${asRecord(words.attached, material)}`;
    },

    async close() {
      closing.abort(shutDown);
      await Promise.race([Promise.allSettled([...running]), delay(closeMs, undefined, { ref: false })]);
    },
  };

  /** Another process or call does it. One that its process has left is settled by whoever looks. */
  async function follow(turn: Turn, signal: AbortSignal): Promise<Turn> {
    let change = Promise.withResolvers<void>();
    const release = chats.watch(
      (projectId, number) => projectId === turn.projectId && number === turn.conversation,
      () => change.resolve(),
    );
    try {
      for (;;) {
        change = Promise.withResolvers();
        await turns.settleLeft(turn.projectId, turn.conversation);
        const now = await turns.get(turn.projectId, turn.conversation, turn.id);
        if (now.status !== 'running') return now;
        await Promise.race([change.promise, delay(lookMs, undefined, { signal })]);
      }
    } finally {
      release();
    }
  }

  function perform(
    project: ProjectName,
    turn: Turn,
    wanted: Asking,
    author: ChatAuthor,
    call: DialogueCall,
  ): Promise<ToldTurn> {
    const work = converse(project, turn, wanted, author, call);
    keepRunning(work);
    return work;
  }

  async function converse(
    project: ProjectName,
    turn: Turn,
    wanted: Asking,
    author: ChatAuthor,
    call: DialogueCall,
  ): Promise<ToldTurn> {
    const signal = AbortSignal.any([call.signal, closing.signal]);
    const begun = wanted.continueFrom?.text ?? '';
    const partial = keepPartial(turn, { turns, log, begun });
    let pace: ReturnType<typeof createPace> | undefined;
    let asked = wanted.model;
    let end: TurnEnd | undefined;
    let branch: number;
    try {
      const place = await placeOf(turn);
      asked ??= place.branch.details.model ?? place.conversation.document.model ?? defaultModel;
      const { onProgress = () => {} } = call;
      pace = createPace({ report: onProgress, waiting: `Waiting for ${asked ?? 'nobody'}` });
      const onText = (text: string) => {
        partial.add(text);
        pace?.add(text);
      };
      const askCall = { signal, withinMs: call.withinMs, project, actor: author.source, purpose: 'chat' };
      const answer = asked === undefined ? unanswered : await answerOf(place, asked, wanted, askCall, onText);
      await partial.stop();
      end = endOfAnswer(asked, answer, { text: begun + answer.text, details: detailsOf(asked, wanted) });
      ({ branch } = await turns.end(turn, end, { source: author.source }));
    } catch (error) {
      await partial.stop();
      const text = partial.text() === begun ? '' : partial.text();
      const why = closing.signal.aborted ? 'shutdown' : signal.aborted ? 'cancelled' : 'fault';
      await breakOff(turn, end ?? brokenOff(asked, why, { text, details: detailsOf(asked, wanted) }), author);
      throw error;
    } finally {
      pace?.end();
    }
    if (asked !== undefined && end.status === 'done') prepareNext(turn, asked, wanted, project, author);
    return tell(turn, branch, false);
  }

  /** Nobody waits for it, and nobody misses it where it fails: the next turn makes its own. */
  function prepareNext(turn: Turn, model: string, wanted: Asking, project: ProjectName, { source }: ChatAuthor): void {
    const call = { signal: closing.signal, withinMs: aheadMs, project, actor: source, purpose: 'chat summary' };
    const work = async () => {
      const { answer } = await turns.get(turn.projectId, turn.conversation, turn.id);
      const place = await placeOf({ ...turn, question: answer ?? turn.question });
      const question = await questionOf(place, model, { ...wanted, continueFrom: undefined });
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
    wanted: Asking,
    call: AskCall,
    onText: AnswerEars['onText'],
  ): Promise<ChatAnswer> {
    const question = await questionOf(place, model, wanted);
    const onSummary = (summary: NewSummary) => keepSummary(place.conversation, question.source, summary, call);
    return answerer.answer(question, call, { onText, onSummary });
  }

  async function questionOf(place: Place, model: string, wanted: Asking): Promise<ChatQuestion> {
    const { temperature, maxTokens, stop, strategy, continueFrom } = wanted;
    return {
      ...{ model, temperature, maxTokens, stop, strategy, source: await readSource(chats, place) },
      mode: place.branch.details.context_mode ?? 'full',
      begun: continueFrom?.text,
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

  async function tell(turn: Turn, branch: number | undefined, isRepeated: boolean): Promise<ToldTurn> {
    const { projectId, conversation: number, id } = turn;
    const now = await turns.get(projectId, number, id);
    const at = branch ?? (await chats.branchOver(projectId, number, now.answer ?? now.question, now.branch));
    const { conversation, branch: found } = await chats.at(projectId, number, at);
    return {
      ...{ conversation, branch: found, isConflict: found.id !== now.branch, turn: now, isRepeated },
      question: await chats.message(projectId, number, now.question),
      answer: now.answer === undefined ? undefined : await chats.message(projectId, number, now.answer),
      outcome: readOutcome(now.details),
    };
  }
}

function asAttempt({ source, request }: ChatAuthor, attempt: number): ChatAuthor {
  if (!request || attempt === 1) return { source, request };
  return { source, request: { ...request, id: `${request.id}~${attempt}` } };
}

/** Where there is none to ask. */
const unanswered: ChatAnswer = {
  ...{ text: '', reasoning: '', end: undefined, context: undefined, notes: [], ms: 0 },
  failure: failureFrom(new NoModel('medium')),
};

/** What an answer keeps of how it was asked for. */
function detailsOf(
  model: string | undefined,
  { temperature, maxTokens, stop, continueFrom }: Asking,
): Pick<MessageDetails, 'params' | 'supersedes'> {
  const params = {
    ...(model !== undefined && { model }),
    ...(temperature !== undefined && { temperature }),
    ...(maxTokens !== undefined && { max_tokens: maxTokens }),
    ...(stop && { stop: [...stop] }),
  };
  return { params, ...(continueFrom && { supersedes: continueFrom.number }) };
}
