import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { UserError } from '../../errors.ts';
import type { ProjectName } from '../../projects/records.ts';
import type { Store } from '../../store/store.ts';
import { timeId } from '../../store/time-id.ts';
import { cleanText } from '../../text/clean.ts';
import { canonicalJson } from '../../text/merge-patch.ts';
import { type Branch, type ChatAuthor, type Message, type MessageDetails, messageId } from '../chat.ts';
import {
  addBranch,
  automaticName,
  checkHead,
  findBranch,
  forwardHead,
  loadBranch,
  moveHead,
} from '../rows/branch-rows.ts';
import type { Done, Edit, Editor } from '../rows/edit.ts';
import { addMessage, loadMessage, type NewMessage } from '../rows/message-rows.ts';
import { onPath } from '../rows/path.ts';
import { titleOf } from '../rows/title.ts';
import { findTurn, forgetWriting, runningTurns, type Turn, type TurnStatus } from '../rows/turn-rows.ts';

export interface TurnBegin {
  /** Default: the main one. */
  branch?: string | undefined;
  /** A new message behind the head of the branch, or one on its path that is to be answered, or answered anew. */
  question: { text: string; details?: MessageDetails } | { message: number };
  /** Refuses where the branch does not end there; 0 for a branch without messages. */
  ifHead?: number | undefined;
  details: Turn['details'];
}

export interface TurnEnd {
  /** `failed`: there is no answer; an `interrupted` one without text is none either. */
  status: Exclude<TurnStatus, 'running'>;
  answer?: Pick<NewMessage, 'text' | 'tokens' | 'cost' | 'details'> | undefined;
  /** What is kept of the turn from now on. */
  details: Turn['details'];
  /** Changes nothing of a turn that has an end already: whoever says it does not know whether an earlier word has arrived. */
  isIfRunning?: boolean;
}

const began = z.strictObject({ turn: z.string() });
const ended = z.strictObject({
  turn: z.string(),
  /** Where the branch ends now: at the answer, or at the question where there is none. */
  head: z.int(),
  branch: z.int(),
  /** The branch had gone on meanwhile, or was deleted: the turn is on an automatic branch. */
  is_conflict: z.boolean(),
});
export type EndedTurn = Done<z.infer<typeof ended>>;

/**
 * A turn is a begin, which writes the question; a time in which nothing is written but signs of life and the answer as far
 * as it has come; and an end, which writes the answer and moves the branch. The branch stays where it is in between: it
 * goes on to the answer if it still is where the begin found it. Otherwise the turn becomes an automatic branch
 * (`main~2`): no answer is put behind what its model has not seen.
 */
export interface Turns {
  /** Given a request id again, it is the turn that the first call began, as it is now. */
  begin(
    project: ProjectName,
    number: number,
    begin: TurnBegin,
    author: ChatAuthor,
  ): Promise<Turn & { isRepeated: boolean }>;
  /** The turn of an earlier call of the same request id, before anything else is looked at. */
  repeated(project: ProjectName, author: ChatAuthor): Promise<Turn | undefined>;
  /**
   * A sign of life, every few seconds, with the answer so far where it has grown. It changes nothing of a turn that has
   * ended, and says false of one that was purged.
   */
  beat(turn: Turn, partial?: string): Promise<boolean>;
  /** The last word on a turn. One that was taken for left and settled meanwhile gets its answer on an automatic branch. */
  end(turn: Turn, end: TurnEnd, author: ChatAuthor): Promise<EndedTurn>;
  /** @throws UserError `not_found` */
  get(projectId: string, number: number, id: string): Promise<Turn>;
  /** Those that are running, in the order in which they began. */
  running(projectId: string, number: number): Promise<Turn[]>;
  /** Ends, as interrupted, the turns that their processes have left. Costs one look where there are none. */
  settleLeft(projectId: string, number: number): Promise<void>;
}

export function createTurns(store: Store, editor: Editor): Turns {
  const owner = randomUUID();

  return {
    async begin(project, number, begin, author) {
      await settleLeft(project.id, number);
      let isRepeated = true;
      const { turn, projectId } = await editor.change(project, number, author, beginAction, async (edit) => {
        isRepeated = false;
        return { result: { turn: await beginTurn(edit, begin, owner) } };
      });
      return { ...(await get(projectId, number, turn)), isRepeated };
    },

    async repeated(project, author) {
      const done = await editor.repeated(project, author, beginAction);
      return done && get(done.projectId, done.number, done.turn);
    },

    async beat({ id, projectId, conversation, version }, partial) {
      return store.write(projectId, async (write) => {
        const changed = partial === undefined ? {} : { partial: cleanText(partial) };
        const row = await write.db
          .updateTable('chat_turns')
          .set({ beat_at: write.now, ...changed })
          .where('id', '=', id)
          .where('status', '=', 'running')
          .where('owner', '=', owner)
          .returning('id')
          .executeTakeFirst();
        if (row && partial !== undefined) {
          await write.append({
            ...{ projectId, entity: 'chat_turn', entityId: `${conversation}/${id}`, version, action: 'wrote' },
            ...{ actor: 'agent', before: 'null', after: 'null' },
          });
        }
        return (
          row !== undefined ||
          (await findTurn({ db: write.db, projectId, number: conversation }, id, write.now)) !== undefined
        );
      });
    },

    end: (turn, end, author) =>
      editor.change(turn, turn.conversation, author, endAction, (edit) => endTurn(edit, turn.id, end)),

    get,

    async running(projectId, number) {
      if (!store.exists()) return [];
      return store.read(({ db, now }) => runningTurns({ db, projectId, number }, now));
    },

    settleLeft,
  };

  function get(projectId: string, number: number, id: string): Promise<Turn> {
    return store.read(async ({ db, now }) => {
      const turn = await findTurn({ db, projectId, number }, id, now);
      if (turn) return turn;
      throw new UserError('not_found', `There is no turn ${JSON.stringify(id)} in C-${number}.`);
    });
  }

  async function settleLeft(projectId: string, number: number): Promise<void> {
    if (!store.exists()) return;
    const running = await store.read(({ db, now }) => runningTurns({ db, projectId, number }, now));
    for (const turn of running.filter(({ isLeft }) => isLeft)) {
      const action = { ...endAction, name: 'turn_left' };
      await editor.change({ projectId }, number, { source: 'agent' }, action, (edit) => settle(edit, turn.id));
    }
  }
}

const beginAction = { name: 'turn_began', result: began };
const endAction = { name: 'turn_ended', result: ended, evenDeleted: true };

async function beginTurn(edit: Edit, begin: TurnBegin, owner: string): Promise<string> {
  const { tree, conversation } = edit;
  const branch = await findBranch(tree, begin.branch, conversation.main);
  checkHead(branch, begin.ifHead);
  const question = await askedMessage(edit, branch, begin.question);
  giveTitle(edit, question);
  const id = timeId();
  await tree.db
    .insertInto('chat_turns')
    .values({
      ...{ id, project_id: tree.projectId, conversation: tree.number, version: edit.version, branch: branch.id },
      ...{ head: branch.head ?? null, question: question.number, answer: null, status: 'running' },
      ...{ created_at: edit.now, ended_at: null, owner, beat_at: edit.now, is_cancelled: 0 },
      ...{ details: canonicalJson(begin.details), partial: '' },
    })
    .execute();
  return id;
}

/** The first words of the first question, to a conversation that nobody has given a title. */
function giveTitle({ conversation, set }: Edit, { text }: Message): void {
  const { is_untitled: isUntitled, ...document } = conversation.document;
  if (isUntitled) set({ document: { ...document, title: titleOf(text) } });
}

async function askedMessage(edit: Edit, branch: Branch, question: TurnBegin['question']): Promise<Message> {
  const { tree, author } = edit;
  if ('text' in question) {
    const details = { by: author.source, ...question.details };
    return addMessage(edit, {
      ...{ parent: branch.head, branch: branch.id, role: 'user', text: question.text, details },
    });
  }
  const message = await loadMessage(tree, question.message);
  const id = messageId(tree.number, message.number);
  checkQuestion(message, id);
  if (!(await onPath(tree, branch.head, [message.number])).has(message.number)) {
    const name = JSON.stringify(branch.name);
    throw new UserError('bad_input', `${id} is not on branch ${name}. Fork there first, with create_branch.`);
  }
  return message;
}

/** @throws UserError `bad_input` for what no model can answer */
export function checkQuestion({ role, deletedAt }: Message, id: string): void {
  if (role === 'user' && deletedAt === undefined) return;
  throw new UserError('bad_input', `${id} is no question that can be answered; name a message of the user.`);
}

async function settle(edit: Edit, id: string) {
  const turn = await findTurn(edit.tree, id, edit.now);
  if (turn?.status !== 'running') return { result: nothingEnded(id, turn), isUnchanged: true };
  const answer = turn.partial === '' ? undefined : { text: turn.partial, details: {} };
  return endTurn(edit, id, { status: 'interrupted', answer, details: turn.details });
}

function nothingEnded(id: string, turn: Turn | undefined) {
  return { turn: id, head: turn?.answer ?? turn?.question ?? 0, branch: turn?.branch ?? 0, is_conflict: false };
}

async function endTurn(edit: Edit, id: string, { status, answer: given, details, isIfRunning = false }: TurnEnd) {
  const { tree, now } = edit;
  const turn = await findTurn(tree, id, now);
  if (!turn) throw new UserError('not_found', `There is no turn ${JSON.stringify(id)} in C-${tree.number}.`);
  const isLate = turn.status !== 'running';
  const hasAnswer = given !== undefined && given.text !== '';
  if (isLate && (isIfRunning || !hasAnswer)) return { result: nothingEnded(id, turn), isUnchanged: true };
  const answer = hasAnswer
    ? await addMessage(edit, {
        ...{ parent: turn.question, branch: turn.branch, role: 'assistant', ...given },
        status: status === 'done' ? 'complete' : 'interrupted',
      })
    : undefined;
  const head = answer?.number ?? turn.question;
  const end = await moveBranch(edit, turn, head, isLate);
  await tree.db
    .updateTable('chat_turns')
    .set({ status, answer: answer?.number ?? null, ended_at: now, partial: '', details: canonicalJson(details) })
    .where('id', '=', id)
    .execute();
  await forgetWriting(tree, id);
  return { result: { turn: id, head, ...end } };
}

/** Where a turn without an answer had an earlier question, there is nothing to go on to. */
async function moveBranch(edit: Edit, turn: Turn, head: number, isLate: boolean) {
  const branch = await loadBranch(edit.tree, turn.branch);
  if ((await onPath(edit.tree, branch.head, [head])).has(head)) return { branch: branch.id, is_conflict: false };
  const isAsLeft = branch.head === (isLate ? turn.question : turn.head);
  if (isAsLeft && branch.deletedAt === undefined) {
    const isForward = (branch.head ?? 0) <= turn.question;
    if (isForward) await forwardHead(edit, branch, head);
    else await moveHead(edit, branch, head);
    return { branch: branch.id, is_conflict: false };
  }
  const name = await automaticName(edit.tree, branch.name);
  const details = { ...branch.details, is_automatic: true } as const;
  const kept = await addBranch(edit, { name, head, base: turn.head, from: branch.id, details });
  return { branch: kept.id, is_conflict: true };
}
