import type { Branch } from '../chat.ts';
import { branchesOf, toBranch } from '../rows/branch-rows.ts';
import { messagesOf } from '../rows/message-rows.ts';
import type { Tree } from '../rows/path.ts';

/** A branch with what its path has come to. */
export interface ListedBranch extends Branch {
  isMain: boolean;
  /** Of its path, and behind its base. */
  messages: number;
  ownMessages: number;
  tokens: number;
  cost: number;
  lastAt: number;
}

/** Those that are not deleted, in the order in which they were made. @param after the id of the last one shown */
export async function listBranches(
  tree: Tree,
  main: number,
  { limit, after = 0, since = 0 }: { limit: number; after?: number | undefined; since?: number | undefined },
): Promise<{ branches: ListedBranch[]; hasMore: boolean }> {
  const rows = await branchesOf(tree)
    .selectAll()
    .where('deleted_at', 'is', null)
    .where('id', '>', after)
    .where('version', '>', since)
    .orderBy('id')
    .limit(limit + 1)
    .execute();
  const page = rows.slice(0, limit).map(toBranch);
  const sums = await sumsOf(
    tree,
    page.flatMap(({ head, base }) => [head ?? 0, base ?? 0]),
  );
  const branches = page.map((branch) => {
    const [head, base] = [sums.get(branch.head ?? 0), sums.get(branch.base ?? 0)];
    const messages = head ? head.depth + 1 : 0;
    return {
      ...{ ...branch, isMain: branch.id === main, messages, ownMessages: messages - (base ? base.depth + 1 : 0) },
      ...{ tokens: head?.path_tokens ?? 0, cost: head?.path_cost ?? 0, lastAt: head?.created_at ?? branch.createdAt },
    };
  });
  return { branches, hasMore: rows.length > limit };
}

/** How many that are not deleted were made or changed behind a version. */
export async function countBranchesSince(tree: Tree, version: number): Promise<number> {
  const query = branchesOf(tree).where('deleted_at', 'is', null).where('version', '>', version);
  const { count } = await query.select(({ fn }) => fn.countAll().as('count')).executeTakeFirstOrThrow();
  return Number(count);
}

async function sumsOf(tree: Tree, messages: readonly number[]) {
  if (messages.length === 0) return new Map<number, never>();
  const rows = await messagesOf(tree)
    .select(['number', 'depth', 'path_tokens', 'path_cost', 'created_at'])
    .where('number', 'in', [...new Set(messages)])
    .execute();
  return new Map(rows.map((row) => [row.number, row]));
}
