import { sql } from 'kysely';
import { UserError } from '../../errors.ts';
import { indexWords } from '../../store/full-text.ts';
import type { Write } from '../../store/store.ts';
import { isCleanJson } from '../../text/clean.ts';
import { readJson } from '../../text/json.ts';
import { branchDetails, type Conversation, fullConversationId, messageDetails, messageId } from '../chat.ts';
import { branchesOf } from './branch-rows.ts';
import { toConversation, toRow } from './conversation-rows.ts';
import { analyzeMessages, messagesOf } from './message-rows.ts';
import { jumpOf, type Place, type Tree } from './path.ts';

/**
 * After the rows of a project's conversations were put into the store from a file that anybody may have edited: what lists
 * show and find is made anew, and their trees are such as changes would have made.
 *
 * @throws UserError `bad_input`
 */
export async function restoreChats(write: Write, projectId: string): Promise<void> {
  await analyzeMessages(write.db, write.kind);
  const rows = await write.db.selectFrom('conversations').selectAll().where('project_id', '=', projectId).execute();
  for (const row of rows) {
    const conversation = toConversation(row);
    if (!conversation || !isCleanJson(conversation.document)) throw noneOfOurs(projectId, row.number);
    const tree = { db: write.db, projectId, number: row.number };
    const last = await restoreMessages(write, tree);
    await checkBranches(tree, conversation, last);
    const { project_id: _, number, ...columns } = toRow(conversation);
    await write.db
      .updateTable('conversations')
      .set(columns)
      .where('project_id', '=', projectId)
      .where('number', '=', number)
      .execute();
  }
}

const pageSize = 500;
const placeColumns = ['number', 'depth', 'jump', 'jump_depth', 'lane', 'path_tokens', 'path_cost'] as const;

interface Known extends Place {
  children: number;
}

/** Gives the number of the last one. */
async function restoreMessages(write: Write, tree: Tree): Promise<number> {
  const places = new Map<number, Known>();
  let firsts = 0;
  let lastNumber = 0;
  for (let last: number | undefined = 0; last !== undefined; ) {
    const rows = await messagesOf(tree)
      .select([...placeColumns, 'row_id', 'parent', 'sibling', 'tokens', 'cost', 'deleted_at', 'text', 'details'])
      .where('number', '>', last)
      .orderBy('number')
      .limit(pageSize)
      .execute();
    for (const row of rows) {
      const parent = row.parent === null ? undefined : places.get(row.parent);
      const sibling = parent ? parent.children++ : firsts++;
      const place = { ...placeBehind(row, parent, places), sibling };
      const isSound =
        (row.parent === null || parent !== undefined) &&
        Object.entries(place).every(([column, value]) => isSame(new Map(Object.entries(row)).get(column), value)) &&
        messageDetails.safeParse(readJson(row.details)).success &&
        isCleanJson(row.text);
      if (!isSound) throw noneOfOurs(tree.projectId, tree.number, row.number);
      places.set(row.number, { ...place, children: 0 });
      if (row.text !== '') {
        await indexWords(write, 'chat_text', { rowId: sql`${row.row_id}`, text: row.text, isNew: true });
      }
    }
    last = rows.at(-1)?.number;
    lastNumber = last ?? lastNumber;
  }
  return lastNumber;
}

function placeBehind(
  row: { number: number; tokens: number; cost: number | null; sibling: number },
  parent: Known | undefined,
  places: ReadonlyMap<number, Place>,
): Place {
  const { number, tokens, cost } = row;
  return {
    ...{ number, depth: parent ? parent.depth + 1 : 0, ...jumpOf(number, parent, parent && places.get(parent.jump)) },
    lane: parent && row.sibling === 0 ? parent.lane : number,
    path_tokens: (parent?.path_tokens ?? 0) + tokens,
    path_cost: (parent?.path_cost ?? 0) + (cost ?? 0),
  };
}

/** Sums of cents may come out of another database with another last bit. */
function isSame(stored: unknown, made: number): boolean {
  return typeof stored === 'number' && Math.abs(stored - made) < 1e-6;
}

async function checkBranches(tree: Tree, { messages, branches, main }: Conversation, last: number): Promise<void> {
  const rows = await branchesOf(tree).selectAll().execute();
  const known = await messagesOf(tree).select('number').execute();
  const numbers = new Set(known.map(({ number }) => number));
  const isThere = (message: number | null) => message === null || numbers.has(message);
  const areSound = rows.every(({ id, name, head, base, details }) => {
    const parsed = branchDetails.safeParse(readJson(details));
    return id <= branches && isThere(head) && isThere(base) && isCleanJson(name) && parsed.success;
  });
  const hasMain = rows.some(({ id, deleted_at: deletedAt }) => id === main && deletedAt === null);
  if (!areSound || !hasMain || last > messages) throw noneOfOurs(tree.projectId, tree.number);
}

function noneOfOurs(projectId: string, number: number, message?: number): UserError {
  const what =
    message === undefined ? fullConversationId(projectId, number) : `${projectId}.${messageId(number, message)}`;
  return new UserError('bad_input', `${what} is nothing that Octant would have made.`);
}
