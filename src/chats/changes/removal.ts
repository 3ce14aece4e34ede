import { sql } from 'kysely';
import * as z from 'zod';
import { UserError } from '../../errors.ts';
import { ensureRecord, type ProjectName } from '../../projects/records.ts';
import { purgeRunsOfTurns } from '../../runs/runs.ts';
import { findRequest } from '../../store/requests.ts';
import type { Store, Write } from '../../store/store.ts';
import { withoutAbsent } from '../../text/absent.ts';
import { type ChatAuthor, type Message, messageId } from '../chat.ts';
import { loadConversation } from '../rows/conversation-rows.ts';
import type { Done, Edit, Editor } from '../rows/edit.ts';
import { dropMessages, loadMessage, markDeleted, messagesOf, overwrite } from '../rows/message-rows.ts';
import { dropSummariesOver } from '../rows/summaries.ts';
import { titleOf, untitled } from '../rows/title.ts';

const conversationResult = z.strictObject({ state: z.enum(['deleted', 'restored', 'purged']) });
type RemovedConversation = Done<z.infer<typeof conversationResult>>;
const messageResult = z.strictObject({
  message: z.int(),
  state: z.enum(['deleted', 'restored', 'purged']),
  /** Copies on other branches that were overwritten with it. */
  copies: z.int(),
});

export interface MessageRemoval {
  how: 'delete' | 'restore' | 'purge';
  reason?: string | undefined;
}

/** What takes conversations and messages away: from sight, or for good. */
export interface Removals {
  /** A deleted conversation is in no list and no search; `purge` removes all that is stored of it. */
  remove(
    project: ProjectName,
    number: number,
    how: MessageRemoval['how'],
    author: ChatAuthor,
  ): Promise<RemovedConversation>;
  /** A deleted message keeps its place, so that what is behind it goes on; `purge` overwrites its text and its copies'. */
  removeMessage(
    project: ProjectName,
    number: number,
    message: number,
    removal: MessageRemoval,
    author: ChatAuthor,
  ): Promise<Done<z.infer<typeof messageResult>>>;
}

export function createRemovals(store: Store, editor: Editor): Removals {
  return {
    remove: (project, number, how, author) => {
      if (how === 'purge') return store.write(project.id, (write) => purge(write, project, number, author));
      const isRestored = how === 'restore';
      const state = isRestored ? 'restored' : 'deleted';
      const action = { name: state, result: conversationResult, evenDeleted: isRestored };
      return editor.change(project, number, author, action, async (edit) => {
        const { deleted, ...document } = edit.conversation.document;
        edit.set({ document: isRestored ? document : { ...document, deleted: true } });
        return { result: { state } as const, isUnchanged: isRestored && !deleted };
      });
    },

    removeMessage: (project, number, message, removal, author) =>
      editor.change(
        ...([project, number, author] as const),
        { name: `message_${removal.how}`, result: messageResult, forgets: removal.how === 'purge' },
        (edit) => removeMessage(edit, message, removal),
      ),
  };
}

async function removeMessage(edit: Edit, number: number, { how, reason }: MessageRemoval) {
  const message = await loadMessage(edit.tree, number);
  await dropSummariesOver(edit, number);
  if (how === 'purge') {
    const copies = await copiesOf(edit, number);
    await purgeTitle(edit, [message, ...copies]);
    await purgeRunsAbout(edit, [message, ...copies]);
    for (const each of [message, ...copies]) await purgeMessage(edit, each, reason);
    return { result: { message: number, state: 'purged', copies: copies.length } as const };
  }
  const { delete_reason: _, ...details } = message.details;
  if (how === 'delete') {
    await markDeleted(edit, message, withoutAbsent({ ...details, delete_reason: reason }), edit.now);
    return { result: { message: number, state: 'deleted', copies: 0 } as const };
  }
  if (details.is_purged) {
    throw new UserError('conflict', `${messageId(edit.tree.number, number)} was purged: its text is gone for good.`);
  }
  await markDeleted(edit, message, details, null);
  return { result: { message: number, state: 'restored', copies: 0 } as const };
}

/** What was known of it may hold its text as well: how a model thought, what was sent. */
async function purgeMessage(edit: Edit, message: Message, reason: string | undefined) {
  const { by, model } = message.details;
  await dropSummariesOver(edit, message.number);
  await overwrite(edit, message, withoutAbsent({ by, model, delete_reason: reason, is_purged: true as const }));
}

/** A title that was made of one of these messages goes too, from the history as well, since an undo would bring it back. */
async function purgeTitle({ tree, conversation, set }: Edit, messages: readonly Message[]): Promise<void> {
  const { title } = conversation.document;
  const isOfThem = messages.some(({ text }) => text.split('\n').some((line) => titleOf(line) === title));
  if (title === untitled || !isOfThem) return;
  set({ document: { ...conversation.document, title: untitled, is_untitled: true } });
  const [old, empty] = [JSON.stringify(title), JSON.stringify(untitled)];
  const without = (column: 'before' | 'after') => sql<string>`replace(${sql.ref(column)}, ${old}, ${empty})`;
  await tree.db
    .updateTable('events')
    .set({ before: without('before'), after: without('after') })
    .where('project_id', '=', tree.projectId)
    .where('entity', '=', 'conversation')
    .where('entity_id', '=', String(tree.number))
    .where(sql<boolean>`(before <> ${without('before')} or after <> ${without('after')})`)
    .execute();
}

/** A turn that took long is a run too, which holds its question and its answer. */
async function purgeRunsAbout(edit: Edit, messages: readonly Message[]): Promise<void> {
  const { db, projectId, number } = edit.tree;
  const numbers = messages.map((message) => message.number);
  const rows = await db
    .selectFrom('chat_turns')
    .select('id')
    .where('project_id', '=', projectId)
    .where('conversation', '=', number)
    .where(({ or, eb }) => or([eb('question', 'in', numbers), eb('answer', 'in', numbers)]))
    .execute();
  await purgeRunsOfTurns(edit, projectId, number, new Set(rows.map(({ id }) => id)));
}

/** Of copies too. */
async function copiesOf({ tree }: Edit, number: number): Promise<Message[]> {
  const rows = await messagesOf(tree)
    .select(['number', 'copied_from'])
    .where('copied_from', 'is not', null)
    .orderBy('number')
    .execute();
  const family = new Set([number]);
  for (const row of rows) if (row.copied_from !== null && family.has(row.copied_from)) family.add(row.number);
  family.delete(number);
  return Promise.all([...family].map((copy) => loadMessage(tree, copy)));
}

async function purge(
  write: Write,
  project: ProjectName,
  number: number,
  author: ChatAuthor,
): Promise<RemovedConversation> {
  const { id: projectId } = await ensureRecord(write, project, author.source);
  const earlier = await findRequest(write.db, projectId, author.request);
  const done = { projectId, number, state: 'purged' } as const;
  if (earlier) return { ...done, version: earlier.version };
  const { version } = await loadConversation(write.db, projectId, number, { evenDeleted: true });
  await dropConversation(write, projectId, number);
  await write.append({
    ...{ projectId, entity: 'conversation', entityId: String(number), version: version + 1, action: 'purged' },
    ...{ actor: author.source, request: author.request, before: '{}', after: '{"result":{"state":"purged"}}' },
  });
  return { ...done, version: version + 1 };
}

/** All that is stored of it but that it was there: titles and labels stand in its events. */
async function dropConversation(write: Write, projectId: string, number: number): Promise<void> {
  const { db } = write;
  await dropMessages(write, projectId, number);
  await purgeRunsOfTurns(write, projectId, number);
  for (const table of ['chat_turns', 'chat_summaries', 'chat_branches'] as const) {
    await db.deleteFrom(table).where('project_id', '=', projectId).where('conversation', '=', number).execute();
  }
  await db.deleteFrom('conversations').where('project_id', '=', projectId).where('number', '=', number).execute();
  await db
    .updateTable('events')
    .set({ before: '{}', after: '{}' })
    .where('project_id', '=', projectId)
    .where('entity', '=', 'conversation')
    .where('entity_id', '=', String(number))
    .execute();
}

/** Removes all conversations of a project for good. */
export async function purgeChats(write: Write, projectId: string): Promise<void> {
  await dropMessages(write, projectId);
  for (const table of ['chat_turns', 'chat_summaries', 'chat_branches'] as const) {
    await write.db.deleteFrom(table).where('project_id', '=', projectId).execute();
  }
  await write.db.deleteFrom('conversations').where('project_id', '=', projectId).execute();
}
