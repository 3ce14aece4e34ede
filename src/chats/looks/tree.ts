import { sql } from 'kysely';
import type { Role } from '../chat.ts';
import { branchesOf } from '../rows/branch-rows.ts';
import { messagesOf } from '../rows/message-rows.ts';
import type { Tree } from '../rows/path.ts';

/**
 * The tree as its lines: a line goes from a message to its first child and on to the first child of that; other children
 * begin lines of their own. So however long the conversation is, its tree is as large as it has turnings.
 */
export interface TreeLine {
  /** Its first message and its last one. */
  from: number;
  to: number;
  /** The message that it goes on from, and the line of that. */
  parent: number | undefined;
  parentLine: number | undefined;
  /** How many messages are before the first. */
  depth: number;
  count: number;
  role: Role;
  /** The beginning of the first message; empty for a deleted one. */
  start: string;
  lastAt: number;
  /** Branches that end in it, with where. */
  heads: Array<{ branch: string; head: number }>;
}

const previewCharacters = 200;
const mostAtOnce = 1000;

/**
 * The lines in the order in which they began, so that each comes behind the one that it goes on from.
 *
 * @param after the first message of the last line that was shown
 */
export async function readLines(
  tree: Tree,
  { limit, after = 0 }: { limit: number; after?: number | undefined },
): Promise<{ lines: TreeLine[]; hasMore: boolean }> {
  const { db, projectId, number } = tree;
  const { rows } = await sql<Row>`
    select number, parent, depth, role, substr(text, 1, ${sql.lit(previewCharacters)}) as start, deleted_at,
      (select m.number from chat_messages m where m.project_id = ${projectId} and m.conversation = ${number}
        and m.lane = first.number order by m.lane desc, m.depth desc limit 1) as last
    from chat_messages first
    where project_id = ${projectId} and conversation = ${number} and lane = number and number > ${sql.lit(after)}
    order by number limit ${sql.lit(limit + 1)}`.execute(db);
  const page = rows.slice(0, limit);
  const ends = await endsOf(
    tree,
    page.flatMap(({ last, parent }) => [last, ...(parent === null ? [] : [parent])]),
  );
  const heads = await headsIn(
    tree,
    page.map((row) => row.number),
  );
  const lines = page.map((row) => {
    const last = ends.get(row.last);
    return {
      ...{ from: row.number, to: row.last, parent: row.parent ?? undefined, depth: row.depth, role: row.role },
      ...{ parentLine: ends.get(row.parent ?? 0)?.lane, count: (last?.depth ?? row.depth) - row.depth + 1 },
      ...{ lastAt: last?.created_at ?? 0, start: row.deleted_at === null ? row.start : '' },
      heads: heads.get(row.number) ?? [],
    };
  });
  return { lines, hasMore: rows.length > limit };
}

interface Row {
  number: number;
  parent: number | null;
  depth: number;
  role: Role;
  start: string;
  deleted_at: number | null;
  last: number;
}

async function endsOf(tree: Tree, numbers: readonly number[]) {
  const query = messagesOf(tree).select(['number', 'lane', 'depth', 'created_at']);
  const rows = await query.where('number', 'in', [0, ...new Set(numbers)]).execute();
  return new Map(rows.map((row) => [row.number, row]));
}

/** By line, the branches that end in it. */
async function headsIn(tree: Tree, lines: readonly number[]): Promise<Map<number, TreeLine['heads']>> {
  const found = new Map<number, TreeLine['heads']>();
  if (lines.length === 0) return found;
  const live = branchesOf(tree).select(['name', 'head']).where('deleted_at', 'is', null);
  const branches = await live
    .where('head', '>=', Math.min(...lines))
    .orderBy('id')
    .execute();
  const heads = branches.flatMap(({ name, head }) => (head === null ? [] : [{ branch: name, head }]));
  const wanted = new Set(lines);
  for (let start = 0; start < heads.length; start += mostAtOnce) {
    const part = heads.slice(start, start + mostAtOnce);
    const ends = await endsOf(
      tree,
      part.map(({ head }) => head),
    );
    for (const each of part) {
      const lane = ends.get(each.head)?.lane;
      if (lane !== undefined && wanted.has(lane)) found.set(lane, [...(found.get(lane) ?? []), each]);
    }
  }
  return found;
}
