import type { Selectable } from 'kysely';
import { UserError } from '../../errors.ts';
import type { ConversationsTable } from '../../store/chat-schema.ts';
import type { Database, Write } from '../../store/store.ts';
import { readJson } from '../../text/json.ts';
import { canonicalJson } from '../../text/merge-patch.ts';
import { type Conversation, type ConversationDocument, conversationDocument, conversationId } from '../chat.ts';

const maxDocumentCharacters = 200_000;

export const states = ['active', 'archived', 'deleted'] as const;
export type State = (typeof states)[number];

export function stateOf({ archived, deleted }: ConversationDocument): State {
  if (deleted) return 'deleted';
  return archived ? 'archived' : 'active';
}

/** @throws UserError `not_found` for one that is not there or deleted, unless `evenDeleted` */
export async function loadConversation(
  db: Database,
  projectId: string,
  number: number,
  options: { evenDeleted?: boolean } = {},
): Promise<Conversation> {
  const row = await db
    .selectFrom('conversations')
    .selectAll()
    .where('project_id', '=', projectId)
    .where('number', '=', number)
    .executeTakeFirst();
  if (!row) throw noConversation(number, await lastNumber(db, projectId));
  const conversation = toConversation(row);
  if (!conversation) throw unreadable(number);
  if (conversation.document.deleted && !options.evenDeleted) throw deletedConversation(number);
  return conversation;
}

/** `undefined` for what is none of ours: another program wrote it, or a newer Octant. */
export function toConversation(row: Selectable<ConversationsTable>): Conversation | undefined {
  const { data: document } = conversationDocument.safeParse(readJson(row.document));
  return (
    document && {
      ...{ projectId: row.project_id, number: row.number, version: row.version, document },
      ...{ createdAt: row.created_at, updatedAt: row.updated_at, messages: row.messages, branches: row.branches },
      ...{ main: row.main_branch, depth: row.depth, tokens: row.tokens, cost: row.cost },
    }
  );
}

export function toRow(conversation: Conversation) {
  const { projectId, number, version, createdAt, updatedAt, messages, branches, main, depth, tokens, cost } =
    conversation;
  const text = canonicalJson(conversation.document);
  if (text.length > maxDocumentCharacters) {
    throw new UserError(
      'limit',
      `What is known of a conversation beside its messages may have ${maxDocumentCharacters} characters in all.`,
    );
  }
  return {
    ...{ project_id: projectId, number, version, title: conversation.document.title, messages, branches, depth },
    ...{ state: stateOf(conversation.document), created_at: createdAt, updated_at: updatedAt, main_branch: main },
    ...{ tokens, cost, document: text },
  };
}

export async function takeNumber({ db }: Write, projectId: string): Promise<number> {
  const { next_conversation: next } = await db
    .updateTable('projects')
    .set(({ eb }) => ({ next_conversation: eb('next_conversation', '+', 1) }))
    .where('id', '=', projectId)
    .returning('next_conversation')
    .executeTakeFirstOrThrow();
  return next - 1;
}

async function lastNumber(db: Database, projectId: string): Promise<number | undefined> {
  const last = await db
    .selectFrom('conversations')
    .select(({ fn }) => fn.max('number').as('number'))
    .where('project_id', '=', projectId)
    .executeTakeFirst();
  return last?.number ?? undefined;
}

/** @param last the last one that there is */
export function noConversation(number: number, last: number | undefined): UserError {
  const known =
    last === undefined
      ? 'It has none yet; make one with create_conversation'
      : `The last one is ${conversationId(last)}`;
  return new UserError(
    'not_found',
    `There is no ${conversationId(number)} in this project. ${known}; find conversations with list_conversations.`,
  );
}

function deletedConversation(number: number): UserError {
  return new UserError(
    'not_found',
    `${conversationId(number)} is deleted. Bring it back with delete_conversation and "restore": true.`,
  );
}

function unreadable(number: number): UserError {
  return new UserError(
    'unavailable',
    `${conversationId(number)} cannot be read: what is stored of it is no conversation. Others are not concerned; put back a backup for this one.`,
  );
}
