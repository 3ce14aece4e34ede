import { sql } from 'kysely';
import type { Database } from '../../store/store.ts';

/*
 * Where messages stand in their tree. Each knows its parent and one ancestor further up, its `jump`, chosen by depth alone
 * such that any ancestor is reached in some 2 log2(n) steps (Myers 1983, "An applicative random-access stack"): up by the
 * jump where it does not lead too far, else by the parent. So nothing costs more on a long path than on a short one.
 */

/** One conversation, to ask of inside a look at the store or a change. */
export interface Tree {
  db: Database;
  projectId: string;
  /** Of the conversation. */
  number: number;
}

/** What a message has to know of the place where it stands. */
export interface Place {
  number: number;
  depth: number;
  jump: number;
  jump_depth: number;
  lane: number;
  path_tokens: number;
  path_cost: number;
}

/** @param beyond the place of the parent's own jump */
export function jumpOf(number: number, parent: Place | undefined, beyond: Place | undefined) {
  if (!parent || !beyond) return { jump: number, jump_depth: 0 };
  const isSameStride = parent.depth - parent.jump_depth === parent.jump_depth - beyond.jump_depth;
  return isSameStride
    ? { jump: beyond.jump, jump_depth: beyond.jump_depth }
    : { jump: parent.number, jump_depth: parent.depth };
}

/*
 * Each step up is a look by the key, written as a subquery of one value: PostgreSQL would join all messages of the
 * conversation with each step as long as it has no statistics of the table.
 */

/** The numbers of a message and those before it, upwards, `limit` of them at most. */
export async function walkUp({ db, projectId, number }: Tree, from: number, limit: number): Promise<number[]> {
  const { rows } = await sql<{ number: number }>`
    with recursive up (number, step) as (
      select cast(${sql.lit(from)} as integer), 1
      union all
      select (select m.parent from chat_messages m
        where m.project_id = ${projectId} and m.conversation = ${number} and m.number = up.number), up.step + 1
      from up where up.step < ${sql.lit(limit)} and up.number is not null)
    select number from up where number is not null order by step`.execute(db);
  return rows.map((row) => row.number);
}

/** The message of a path that stands at a depth; `undefined` where the path is not so long. */
export async function ancestorAt(
  { db, projectId, number }: Tree,
  head: number,
  depth: number,
): Promise<number | undefined> {
  const goal = sql.lit(depth);
  const { rows } = await sql<{ number: number }>`
    with recursive up (number) as (
      select cast(${sql.lit(head)} as integer)
      union all
      select (select case when m.depth <= ${goal} then null when m.jump_depth >= ${goal} then m.jump else m.parent end
        from chat_messages m
        where m.project_id = ${projectId} and m.conversation = ${number} and m.number = up.number)
      from up where up.number is not null)
    select number from chat_messages
    where project_id = ${projectId} and conversation = ${number} and depth = ${goal}
      and number = (select min(number) from up)`.execute(db);
  return rows[0]?.number;
}

const mostAtOnce = 500;

/** Which of these messages are on the path that ends at `head`. */
export async function onPath(tree: Tree, head: number | undefined, messages: readonly number[]): Promise<Set<number>> {
  const found = new Set<number>();
  if (head === undefined) return found;
  for (let start = 0; start < messages.length; start += mostAtOnce) {
    const part = messages.slice(start, start + mostAtOnce).map((message) => ({ head, message }));
    for (const { message } of await pairsOnPath(tree, part)) found.add(message);
  }
  return found;
}

/** Those of these heads from which a message is reached. */
export async function headsOver(tree: Tree, heads: readonly number[], message: number): Promise<Set<number>> {
  const found = new Set<number>();
  for (let start = 0; start < heads.length; start += mostAtOnce) {
    const part = heads.slice(start, start + mostAtOnce).map((head) => ({ head, message }));
    for (const { head } of await pairsOnPath(tree, part)) found.add(head);
  }
  return found;
}

/** Climbs from all heads at once, each to the depth of its message. */
async function pairsOnPath(
  { db, projectId, number }: Tree,
  pairs: ReadonlyArray<{ head: number; message: number }>,
): Promise<Array<{ head: number; message: number }>> {
  if (pairs.length === 0) return [];
  const asked = sql.join(pairs.map(({ head, message }) => sql`(${sql.lit(head)}, ${sql.lit(message)})`));
  const { rows } = await sql<{ head: number; message: number }>`
    with recursive asked (head, message) as (values ${asked}),
    up (head, message, goal, number) as (
      select a.head, a.message, (select g.depth from chat_messages g
        where g.project_id = ${projectId} and g.conversation = ${number} and g.number = a.message), a.head
      from asked a
      union all
      select up.head, up.message, up.goal, (
        select case when m.depth <= up.goal then null when m.jump_depth >= up.goal then m.jump else m.parent end
        from chat_messages m
        where m.project_id = ${projectId} and m.conversation = ${number} and m.number = up.number)
      from up where up.number is not null and up.goal is not null)
    select head, message from up where number = message and goal is not null`.execute(db);
  return rows;
}

/** The last message that two paths share. */
export async function commonAncestor(tree: Tree, one: number, other: number): Promise<number | undefined> {
  const depths = await depthsOf(tree, [one, other]);
  const depth = Math.min(depths.get(one) ?? 0, depths.get(other) ?? 0);
  const a = await ancestorAt(tree, one, depth);
  const b = await ancestorAt(tree, other, depth);
  if (a === undefined || b === undefined) return undefined;
  const { db } = tree;
  // At one depth jumps have one length, so that both climb together: by the jump as long as it leads to two messages.
  const [stepA, stepB] = [stepOf('x', tree), stepOf('y', tree)];
  const { rows } = await sql<{ number: number }>`
    with recursive pair (a, b) as (
      select cast(${sql.lit(a)} as integer), cast(${sql.lit(b)} as integer)
      union all
      select ${stepA}, ${stepB} from pair where pair.a <> pair.b)
    select a as number from pair where a = b`.execute(db);
  return rows[0]?.number;
}

/** The next of one of two messages; none where they have come to different first messages. */
function stepOf(which: 'x' | 'y', { projectId, number }: Tree) {
  const [jump, parent] = [sql.ref(`${which}.jump`), sql.ref(`${which}.parent`)];
  return sql`(select case when x.jump <> y.jump then ${jump} else ${parent} end
    from chat_messages x, chat_messages y
    where x.project_id = ${projectId} and x.conversation = ${number} and x.number = pair.a and x.depth > 0
      and y.project_id = ${projectId} and y.conversation = ${number} and y.number = pair.b)`;
}

export async function depthsOf({ db, projectId, number }: Tree, messages: readonly number[]) {
  const rows = await db
    .selectFrom('chat_messages')
    .select(['number', 'depth'])
    .where('project_id', '=', projectId)
    .where('conversation', '=', number)
    .where('number', 'in', messages)
    .execute();
  return new Map(rows.map((row) => [row.number, row.depth]));
}
