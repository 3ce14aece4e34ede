import { type Selectable, sql } from 'kysely';
import { UserError } from '../../errors.ts';
import type { ChatMessagesTable } from '../../store/chat-schema.ts';
import { dropWords, indexWords } from '../../store/full-text.ts';
import type { Database, StoreKind, Write } from '../../store/store.ts';
import { withoutAbsent } from '../../text/absent.ts';
import { cleanText } from '../../text/clean.ts';
import { estimateTokens } from '../../text/estimate-tokens.ts';
import { readJson } from '../../text/json.ts';
import { canonicalJson } from '../../text/merge-patch.ts';
import {
  type Message,
  type MessageDetails,
  type MessageKind,
  type MessageStatus,
  maxMessageCharacters,
  messageDetails,
  messageId,
  messageKinds,
  messageStatuses,
  type Role,
  roles,
} from '../chat.ts';
import type { Edit } from './edit.ts';
import { jumpOf, type Place, type Tree } from './path.ts';

const columns = [
  ...(['number', 'parent', 'second_parent', 'depth', 'branch', 'role', 'kind', 'status', 'created_at'] as const),
  ...(['version', 'sibling', 'copied_from', 'deleted_at', 'tokens', 'cost', 'details'] as const),
];
const placeColumns = ['number', 'depth', 'jump', 'jump_depth', 'lane', 'path_tokens', 'path_cost'] as const;

/** The messages of a conversation, to choose columns and an order of. */
export function messagesOf({ db, projectId, number }: Tree) {
  return db.selectFrom('chat_messages').where('project_id', '=', projectId).where('conversation', '=', number);
}

/** What a message is made of, with the first characters of its text. */
function rowsOf(tree: Tree, most: number | undefined) {
  const rows = messagesOf(tree).select(columns);
  if (most === undefined) return rows.select(['text', sql<number>`0`.as('unread')]);
  const limit = sql.lit(Math.max(1, Math.floor(most)));
  return rows.select([
    sql<string>`substr(text, 1, ${limit})`.as('text'),
    sql<number>`case when length(text) > ${limit} then length(text) - ${limit} else 0 end`.as('unread'),
  ]);
}

/** @throws UserError `not_found` */
export async function loadMessage(tree: Tree, message: number): Promise<Message> {
  const row = await rowsOf(tree, undefined).where('number', '=', message).executeTakeFirst();
  if (row) return toMessage(row);
  const last = await messagesOf(tree)
    .select(({ fn }) => fn.max('number').as('number'))
    .executeTakeFirst();
  const known = last?.number == null ? 'It has no message yet' : `Its messages are 1 to ${last.number}`;
  throw new UserError('not_found', `There is no ${messageId(tree.number, message)}. ${known}; see get_conversation.`);
}

const mostAtOnce = 1000;

/**
 * In the order in which they are asked for; those that are not there are left out.
 *
 * @param most characters that are read of each text; default: all
 */
export async function loadMessages(tree: Tree, numbers: readonly number[], most?: number): Promise<Message[]> {
  const byNumber = new Map<number, Message>();
  for (let start = 0; start < numbers.length; start += mostAtOnce) {
    const part = numbers.slice(start, start + mostAtOnce);
    const rows = await rowsOf(tree, most).where('number', 'in', part).execute();
    for (const row of rows) byNumber.set(row.number, toMessage(row));
  }
  return numbers.flatMap((number) => byNumber.get(number) ?? []);
}

/** Written, deleted or restored behind a version and a number of it, in that order. */
export async function messagesSince(
  tree: Tree,
  [version, number]: readonly [version: number, number: number],
  limit: number,
  most: number,
): Promise<Message[]> {
  const rows = await rowsOf(tree, most)
    .where(sql<boolean>`(version, number) > (${version}, ${number})`)
    .orderBy('version')
    .orderBy('number')
    .limit(limit)
    .execute();
  return rows.map(toMessage);
}

/** How many were written, deleted or restored behind a version. */
export async function countSince(tree: Tree, version: number): Promise<number> {
  const query = messagesOf(tree).where('version', '>', version);
  const { count } = await query.select(({ fn }) => fn.countAll().as('count')).executeTakeFirstOrThrow();
  return Number(count);
}

/** All of a conversation in the order of their numbers. */
export async function messagesAfter(tree: Tree, number: number, limit: number, most: number): Promise<Message[]> {
  const query = rowsOf(tree, most).where('number', '>', number);
  return (await query.orderBy('number').limit(limit).execute()).map(toMessage);
}

export interface NewMessage {
  parent: number | undefined;
  secondParent?: number | undefined;
  /** The branch on which it is written. */
  branch: number;
  role: Role;
  kind?: MessageKind;
  status?: MessageStatus;
  text: string;
  /** Where a provider has counted them. */
  tokens?: number | undefined;
  cost?: number | undefined;
  copiedFrom?: number | undefined;
  details: MessageDetails;
}

/**
 * Writes a message at the end of some path. What branches begin or end there is left as it is. Whoever has written it, a
 * model or a file, it is kept as a store can keep it and an import takes it.
 */
export async function addMessage(edit: Edit, message: NewMessage): Promise<Message> {
  const { tree, now } = edit;
  const text = cleanText(message.text);
  if (text.length > maxMessageCharacters) throw tooLong(text.length);
  const { messages, depth: deepest, tokens: allTokens, cost: allCost } = edit.conversation;
  const number = messages + 1;
  const parent = await placeOf(tree, message.parent);
  const { tokens = estimateTokens(text), cost } = message;
  const sibling = await nextSibling(tree, message.parent);
  const depth = parent ? parent.depth + 1 : 0;
  const row = {
    ...{ number, parent: message.parent ?? null, second_parent: message.secondParent ?? null, depth },
    ...{ branch: message.branch, role: message.role, kind: message.kind ?? 'message' },
    ...{ status: message.status ?? 'complete', created_at: now, version: edit.version, sibling },
    ...{ copied_from: message.copiedFrom ?? null, deleted_at: null, tokens, cost: cost ?? null },
    details: canonicalJson(withoutAbsent(message.details)),
    text,
  };
  const { rowId } = await tree.db
    .insertInto('chat_messages')
    .values({
      ...{ project_id: tree.projectId, conversation: tree.number, ...row },
      ...jumpOf(number, parent, parent && (await placeOf(tree, parent.jump))),
      lane: parent && sibling === 0 ? parent.lane : number,
      path_tokens: (parent?.path_tokens ?? 0) + tokens,
      path_cost: (parent?.path_cost ?? 0) + (cost ?? 0),
    })
    .returning('row_id as rowId')
    .executeTakeFirstOrThrow();
  await indexWords(edit, 'chat_text', { rowId: sql`${rowId}`, text, isNew: true });
  edit.set({
    ...{ messages: number, depth: Math.max(deepest, depth) },
    ...{ tokens: allTokens + tokens, cost: allCost + (cost ?? 0) },
  });
  return toMessage({ ...row, unread: 0 });
}

async function placeOf(tree: Tree, number: number | undefined): Promise<Place | undefined> {
  if (number === undefined) return undefined;
  return messagesOf(tree).select(placeColumns).where('number', '=', number).executeTakeFirstOrThrow();
}

async function nextSibling(tree: Tree, parent: number | undefined): Promise<number> {
  const children = messagesOf(tree).where('parent', parent === undefined ? 'is' : '=', parent ?? null);
  const last = await children.select('sibling').orderBy('sibling', 'desc').limit(1).executeTakeFirst();
  return last ? last.sibling + 1 : 0;
}

function tooLong(length: number): UserError {
  return new UserError(
    'limit',
    `The message has ${length} characters, and may have ${maxMessageCharacters}. Put what is long into a file and name it.`,
  );
}

/** Hides a message, or shows it again. */
export async function markDeleted(edit: Edit, message: Message, details: MessageDetails, deletedAt: number | null) {
  const changed = { deleted_at: deletedAt, version: edit.version, details: canonicalJson(withoutAbsent(details)) };
  await updateMessage(edit, message.number, changed);
}

/** Overwrites the text of a message, and all that was known of it, for good. */
export async function overwrite(edit: Edit, message: Message, details: MessageDetails): Promise<void> {
  const { tree } = edit;
  await updateMessage(edit, message.number, {
    ...{ text: '', details: canonicalJson(withoutAbsent(details)), version: edit.version },
    deleted_at: message.deletedAt ?? edit.now,
  });
  const rowId = messagesOf(tree).select('row_id').where('number', '=', message.number);
  await dropWords(edit, 'chat_text', sql`${rowId}`);
}

async function updateMessage({ tree }: Edit, number: number, changed: Partial<Selectable<ChatMessagesTable>>) {
  await tree.db
    .updateTable('chat_messages')
    .set(changed)
    .where('project_id', '=', tree.projectId)
    .where('conversation', '=', tree.number)
    .where('number', '=', number)
    .execute();
}

/** After many were written at once: without statistics PostgreSQL takes any index, and reads whole conversations. */
export async function analyzeMessages(db: Database, kind: StoreKind): Promise<void> {
  if (kind === 'postgres') await sql`analyze chat_messages`.execute(db);
}

/** Removes all messages of some conversations for good. */
export async function dropMessages(write: Write, projectId: string, number?: number): Promise<void> {
  const all = write.db.selectFrom('chat_messages').select('row_id').where('project_id', '=', projectId);
  await dropWords(write, 'chat_text', sql`${number === undefined ? all : all.where('conversation', '=', number)}`);
  const query = write.db.deleteFrom('chat_messages').where('project_id', '=', projectId);
  await (number === undefined ? query : query.where('conversation', '=', number)).execute();
}

type Row = Pick<Selectable<ChatMessagesTable>, (typeof columns)[number] | 'text'> & Pick<Message, 'unread'>;

function toMessage(row: Row): Message {
  return {
    ...{ number: row.number, parent: row.parent ?? undefined, secondParent: row.second_parent ?? undefined },
    ...{ depth: row.depth, branch: row.branch, createdAt: row.created_at, version: row.version },
    ...{ sibling: row.sibling, copiedFrom: row.copied_from ?? undefined, deletedAt: row.deleted_at ?? undefined },
    ...{ tokens: row.tokens, cost: row.cost ?? undefined, text: row.text, unread: row.unread },
    role: roles.find((role) => role === row.role) ?? 'user',
    kind: messageKinds.find((kind) => kind === row.kind) ?? 'message',
    status: messageStatuses.find((status) => status === row.status) ?? 'complete',
    details: messageDetails.safeParse(readJson(row.details)).data ?? {},
  };
}
