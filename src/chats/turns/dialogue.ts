import { setTimeout as delay } from 'node:timers/promises';
import { UserError } from '../../errors.ts';
import type { Log } from '../../log.ts';
import type { Answered } from '../../models/question.ts';
import type { ProjectName } from '../../projects/records.ts';
import { NoModel } from '../../providers/models.ts';
import type { Branch, ChatAuthor, Conversation, Message } from '../chat.ts';
import type { Chats } from '../chats.ts';
import { asRecord } from '../context/compose-context.ts';
import { toPathMessage } from '../context/read-source.ts';
import type { Summarizer } from '../context/summarize.ts';
import type { Turn } from '../rows/turn-rows.ts';
import type { Answerer, Previewed } from './answer.ts';
import { type AnswerCall, type AnswerWish, createTurnAnswers } from './answer-turn.ts';
import { type Planned, previewTurn } from './preview.ts';
import { readOutcome, type TurnOutcome } from './turn-outcome.ts';
import type { TurnBegin } from './turns.ts';

/** What is asked of a model in a conversation. */
export interface Wanted extends Omit<AnswerWish, 'continueFrom'> {
  /** Default: the main one. */
  branch?: string | undefined;
  /**
   * Looked for once it is known that no earlier call of the same request id has asked it. `earlier` is the question of one
   * that came to nothing, and is tried again.
   */
  find(earlier: Turn | undefined): Promise<FoundQuestion>;
  ifHead?: number | undefined;
}

export interface FoundQuestion extends Pick<AnswerWish, 'continueFrom'> {
  conversation: number;
  question: TurnBegin['question'];
}

/** What a branch has found, and what the user wants to know of it. */
export interface ToldOther {
  messages: readonly Message[];
  focus: string;
  model?: string | undefined;
}

export interface DialogueCall extends AnswerCall {
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
  /** What a turn would send. @throws as `previewTurn` */
  preview(planned: Planned, signal: AbortSignal): Promise<Previewed>;
  /** What one branch is to tell another. @throws as `Asker.ask` */
  tellOther(project: ProjectName, wanted: ToldOther, author: ChatAuthor, call: DialogueCall): Promise<Answered<string>>;
  /** A message with material that is attached to it, marked as data. */
  withMaterial(text: string, parts: readonly string[]): string;
  /** Ends all that runs, and keeps what has come. */
  close(): Promise<void>;
}

const lookMs = 1000;
const mostAttempts = 100;

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
  const { chats, summarizer, defaultModel, words } = services;
  const { turns } = chats;
  const answers = createTurnAnswers(services);

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
          if (!begun.isRepeated) {
            const wish = { ...wanted, ...found };
            return tell(begun, await answers.answer({ project, turn: begun, wish, author, call }), false);
          }
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

    preview: (planned, signal) => previewTurn(planned, signal, services),

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

    close: () => answers.close(),
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
