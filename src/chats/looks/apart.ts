import { UserError } from '../../errors.ts';
import type { Branch, Message } from '../chat.ts';
import { findBranch, findBranchOver, loadBranch } from '../rows/branch-rows.ts';
import { readSpan } from '../rows/history.ts';
import { messagesOf } from '../rows/message-rows.ts';
import { commonAncestor, depthsOf, onPath, type Tree } from '../rows/path.ts';

/** What branches have behind the last message that all of them share. */
export interface Apart {
  base: number | undefined;
  parts: Array<{
    branch: Branch;
    /** The last ones, long ones in part, without deleted ones. */
    messages: Message[];
    total: number;
  }>;
}

/** Characters of a message in which another is looked for. */
const mostCompared = 20_000;

/** @throws UserError for fewer than two branches, or one that is not there */
export async function readApart(tree: Tree, main: number, names: readonly string[], limit: number): Promise<Apart> {
  const branches: Branch[] = [];
  for (const name of new Set(names)) branches.push(await findBranch(tree, name, main));
  const [first, ...others] = branches.map(({ head }) => head);
  if (others.length === 0) throw new UserError('bad_input', 'Name two branches or more to compare.');
  let base = first;
  for (const head of others) {
    base = base === undefined || head === undefined ? undefined : await commonAncestor(tree, base, head);
  }
  const named = [...branches.map(({ head }) => head), base].flatMap((message) => message ?? []);
  const depths = await depthsOf(tree, [0, ...named]);
  const from = base === undefined ? 0 : (depths.get(base) ?? 0) + 1;
  const parts: Apart['parts'] = [];
  for (const branch of branches) {
    const { head } = branch;
    const to = head === undefined ? -1 : (depths.get(head) ?? -1);
    const span = head === undefined ? [] : await readSpan(tree, head, Math.max(from, to - limit + 1), to, mostCompared);
    const messages = span.reverse().filter(({ deletedAt }) => deletedAt === undefined);
    parts.push({ branch, messages, total: to - from + 1 });
  }
  return { base, parts };
}

/** For each of the last whole answers to a question a branch on which it is, the oldest first. */
export async function branchesAnswering(tree: Tree, question: number, most: number): Promise<Branch[]> {
  const answers = await messagesOf(tree)
    .select(['number', 'branch'])
    .where('parent', '=', question)
    .where('role', '=', 'assistant')
    .where('status', '=', 'complete')
    .where('deleted_at', 'is', null)
    .orderBy('number', 'desc')
    .limit(most)
    .execute();
  const found: Branch[] = [];
  for (const answer of answers.reverse()) {
    const branch = await loadBranch(tree, await findBranchOver(tree, answer.number, answer.branch));
    const isThere = (await onPath(tree, branch.head, [answer.number])).has(answer.number);
    if (isThere && branch.deletedAt === undefined) found.push(branch);
  }
  return found;
}
