import { sql } from 'kysely';
import { askedWords, rowsWithWords } from '../../store/full-text.ts';
import type { Read } from '../../store/store.ts';
import type { Branch, Conversation, Message } from '../chat.ts';
import { branchesOf, toBranch } from '../rows/branch-rows.ts';
import { type State, toConversation } from '../rows/conversation-rows.ts';
import { loadMessages } from '../rows/message-rows.ts';
import { headsOver, onPath, type Tree } from '../rows/path.ts';

export const conversationOrders = ['updated', 'created'] as const;

export interface ConversationQuestion {
  state: State;
  order: (typeof conversationOrders)[number];
  limit: number;
  /** The sort key and the number of the last one that was shown. */
  after?: readonly [key: number, number: number] | undefined;
}

/** A page of conversations, the newest first: one range of an index, whatever their number. */
export async function listConversations(
  { db }: Read,
  projectId: string,
  { state, order, limit, after }: ConversationQuestion,
): Promise<{ rows: Conversation[]; hasMore: boolean }> {
  const key = order === 'updated' ? 'updated_at' : 'number';
  let query = db.selectFrom('conversations').selectAll().where('project_id', '=', projectId).where('state', '=', state);
  if (after && order === 'updated')
    query = query.where(sql<boolean>`(updated_at, number) < (${after[0]}, ${after[1]})`);
  else if (after) query = query.where('number', '<', after[1]);
  const rows = await query
    .orderBy(key, 'desc')
    .orderBy('number', 'desc')
    .limit(limit + 1)
    .execute();
  return { rows: rows.slice(0, limit).flatMap((row) => toConversation(row) ?? []), hasMore: rows.length > limit };
}

/** A message that has the words, and a branch on which it can be read. */
export interface SearchHit {
  /** Where a next page goes on. */
  row: number;
  conversation: number;
  title: string;
  message: Message;
  branch: Branch;
}

export interface SearchQuestion {
  text: string;
  state: State;
  limit: number;
  /** The row of the last message that was looked at. */
  after?: number | undefined;
}

/**
 * The newest messages that have all words of a text, each as written or as the beginning of a word, of those that are on a
 * branch: what was deleted, with its branch or by itself, is not found.
 */
export async function searchMessages(
  { db, kind }: Read,
  projectId: string,
  { text, state, limit, after }: SearchQuestion,
): Promise<{ hits: SearchHit[]; next: number | undefined }> {
  const words = askedWords(text);
  if (words.length === 0) return { hits: [], next: undefined };
  const query = db
    .selectFrom('chat_messages as m')
    .innerJoin('conversations as c', (join) =>
      join.onRef('c.project_id', '=', 'm.project_id').onRef('c.number', '=', 'm.conversation'),
    )
    .select(['m.row_id', 'm.conversation', 'm.number', 'm.branch', 'c.title'])
    .where('m.project_id', '=', projectId)
    .where('m.deleted_at', 'is', null)
    .where('c.state', '=', state)
    .where(sql<boolean>`m.row_id in (${rowsWithWords(kind, 'chat_text', words)})`)
    .orderBy('m.row_id', 'desc')
    .limit(limit + 1);
  const rows = await (after === undefined ? query : query.where('m.row_id', '<', after)).execute();
  const page = rows.slice(0, limit);
  const hits: SearchHit[] = [];
  for (const conversation of new Set(page.map((row) => row.conversation))) {
    const tree = { db, projectId, number: conversation };
    const here = page.filter((row) => row.conversation === conversation);
    const branches = await branchesHolding(tree, here);
    for (const message of await loadMessages(
      tree,
      here.map(({ number }) => number),
    )) {
      const branch = branches.get(message.number);
      const row = here.find(({ number }) => number === message.number)?.row_id ?? 0;
      if (branch) hits.push({ row, conversation, title: here[0]?.title ?? '', message, branch });
    }
  }
  hits.sort((a, b) => b.row - a.row);
  return { hits, next: rows.length > limit ? page.at(-1)?.row_id : undefined };
}

const mostBranches = 500;

/** Mostly the branch on which a message was written; else the one that was last changed of those that have it. */
async function branchesHolding(
  tree: Tree,
  messages: ReadonlyArray<{ number: number; branch: number }>,
): Promise<Map<number, Branch>> {
  const live = branchesOf(tree).selectAll().where('deleted_at', 'is', null);
  const written = await live.where('id', 'in', [...new Set(messages.map(({ branch }) => branch))]).execute();
  const found = new Map<number, Branch>();
  for (const branch of written.map(toBranch)) {
    const own = messages.filter((message) => message.branch === branch.id).map(({ number }) => number);
    for (const number of await onPath(tree, branch.head, own)) found.set(number, branch);
  }
  const others = messages.filter((message) => !found.has(message.number));
  if (others.length === 0) return found;
  const last = await live.orderBy('updated_at', 'desc').orderBy('id').limit(mostBranches).execute();
  const branches = last.map(toBranch);
  for (const { number } of others) {
    const heads = branches.flatMap(({ head }) => (head !== undefined && head >= number ? head : []));
    const over = await headsOver(tree, heads, number);
    const branch = branches.find(({ head }) => head !== undefined && over.has(head));
    if (branch) found.set(number, branch);
  }
  return found;
}
