import type { Selectable } from 'kysely';
import { UserError } from '../../errors.ts';
import type { ChatBranchesTable } from '../../store/chat-schema.ts';
import { withoutAbsent } from '../../text/absent.ts';
import { readJson } from '../../text/json.ts';
import { canonicalJson } from '../../text/merge-patch.ts';
import { nearest } from '../../text/nearest.ts';
import { type Branch, type BranchDetails, branchDetails, branchStatuses, conversationId, mainBranch } from '../chat.ts';
import type { Edit } from './edit.ts';
import { commonAncestor, onPath, type Tree } from './path.ts';

const columns = [
  ...(['id', 'name', 'head', 'base', 'from_branch', 'status', 'deleted_at', 'created_at', 'updated_at'] as const),
  ...(['version', 'details'] as const),
];

/** The branches of a conversation, the deleted ones too, to choose columns and an order of. */
export function branchesOf({ db, projectId, number }: Tree) {
  return db.selectFrom('chat_branches').where('project_id', '=', projectId).where('conversation', '=', number);
}

/**
 * @param main the branch that is meant where none is named
 * @throws UserError `not_found`, with near names
 */
export async function findBranch(tree: Tree, name: string | undefined, main: number): Promise<Branch> {
  if (name === undefined) return loadBranch(tree, main);
  const row = await branchesOf(tree)
    .select(columns)
    .where('name', '=', name)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
  if (row) return toBranch(row);
  throw await noBranch(tree, name);
}

/** By its id; a deleted one too. */
export async function loadBranch(tree: Tree, id: number): Promise<Branch> {
  const row = await branchesOf(tree).select(columns).where('id', '=', id).executeTakeFirst();
  if (row) return toBranch(row);
  throw new UserError('not_found', `There is no branch ${id} in ${conversationId(tree.number)}; see get_conversation.`);
}

const mostLooked = 50;

/** The branch on whose path a message is: `first` where it is, else one of those that were made last. */
export async function findBranchOver(tree: Tree, message: number, first: number): Promise<number> {
  const live = branchesOf(tree).select('id').where('head', '>=', message).where('deleted_at', 'is', null);
  const rows = await live.orderBy('id', 'desc').limit(mostLooked).execute();
  for (const id of [first, ...rows.map((row) => row.id)]) {
    const { head } = await loadBranch(tree, id);
    if ((await onPath(tree, head, [message])).has(message)) return id;
  }
  return first;
}

/** The last one that was deleted under this name. */
export async function findDeletedBranch(tree: Tree, name: string): Promise<Branch> {
  const row = await branchesOf(tree)
    .select(columns)
    .where('name', '=', name)
    .where('deleted_at', 'is not', null)
    .orderBy('version', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (row) return toBranch(row);
  throw new UserError(
    'not_found',
    `No branch ${JSON.stringify(name)} of ${conversationId(tree.number)} was deleted; see get_conversation.`,
  );
}

const mostNames = 1000;

async function noBranch(tree: Tree, name: string): Promise<UserError> {
  const live = branchesOf(tree).select('name').where('deleted_at', 'is', null);
  const rows = await live.orderBy('updated_at', 'desc').limit(mostNames).execute();
  const near = nearest(
    name,
    rows.map((row) => row.name),
    3,
  ).map((each) => JSON.stringify(each));
  return new UserError(
    'not_found',
    `There is no branch ${JSON.stringify(name)} in ${conversationId(tree.number)}. It has ${near.join(', ')}; see get_conversation.`,
  );
}

export interface NewBranch {
  name: string;
  head: number | undefined;
  base: number | undefined;
  from: number | undefined;
  details?: BranchDetails;
}

/** Writes a branch under a name that is free. */
export async function addBranch(edit: Edit, branch: NewBranch): Promise<Branch> {
  const { tree, now } = edit;
  const id = edit.conversation.branches + 1;
  const row = {
    ...{ id, name: branch.name, head: branch.head ?? null, base: branch.base ?? null, status: 'active' },
    ...{ from_branch: branch.from ?? null, deleted_at: null, created_at: now, updated_at: now },
    ...{ version: edit.version, details: canonicalJson(withoutAbsent(branch.details ?? {})) },
  };
  await tree.db
    .insertInto('chat_branches')
    .values({ project_id: tree.projectId, conversation: tree.number, ...row })
    .execute();
  edit.set({ branches: id });
  return toBranch(row);
}

export async function saveBranch(edit: Edit, branch: Branch): Promise<Branch> {
  const { tree, now, version } = edit;
  const saved: Branch = { ...branch, updatedAt: now, version };
  await tree.db
    .updateTable('chat_branches')
    .set({
      ...{ name: saved.name, head: saved.head ?? null, base: saved.base ?? null, status: saved.status },
      ...{ deleted_at: saved.deletedAt ?? null, updated_at: now, version },
      details: canonicalJson(withoutAbsent(saved.details)),
    })
    .where('project_id', '=', tree.projectId)
    .where('conversation', '=', tree.number)
    .where('id', '=', saved.id)
    .execute();
  return saved;
}

/** Lets a branch go on behind a message that was written behind its head. */
export function forwardHead(edit: Edit, branch: Branch, to: number): Promise<Branch> {
  return saveBranch(edit, { ...branch, head: to });
}

/** Lets a branch go on at any message. What would be on no branch then is kept by an automatic one, which is given back. */
export async function moveHead(
  edit: Edit,
  branch: Branch,
  to: number,
): Promise<{ branch: Branch; kept: Branch | undefined }> {
  const { head, base } = branch;
  if (head === to) return { branch, kept: undefined };
  const isForward = head === undefined || (await onPath(edit.tree, to, [head])).has(head);
  const kept = isForward || (await isHeadOfAnother(edit.tree, head, branch.id)) ? undefined : await keep(edit, branch);
  const newBase = isForward || base === undefined ? base : await commonAncestor(edit.tree, base, to);
  return { branch: await saveBranch(edit, { ...branch, head: to, base: newBase }), kept };
}

async function isHeadOfAnother(tree: Tree, head: number, id: number): Promise<boolean> {
  const live = branchesOf(tree).select('id').where('deleted_at', 'is', null);
  const other = await live.where('head', '=', head).where('id', '!=', id).limit(1).executeTakeFirst();
  return other !== undefined;
}

async function keep(edit: Edit, { id, name, head, base }: Branch): Promise<Branch> {
  const details = { is_automatic: true } as const;
  return addBranch(edit, { name: await automaticName(edit.tree, name), head, base, from: id, details });
}

/** `main~2` for what `main` could not keep. */
export function automaticName(tree: Tree, name: string): Promise<string> {
  const stem = name.replace(/~\d+$/, '');
  return freeName(tree, (count) => `${stem}~${count}`);
}

/** The name itself, or `name (2)` and so on where a branch has it. */
export async function distinctName(tree: Tree, name: string): Promise<string> {
  if (!(await isTaken(tree, name))) return name;
  const stem = name.replace(/ \(\d+\)$/, '');
  return freeName(tree, (count) => `${stem} (${count})`);
}

/** Counts from 2 to a free name, in growing strides and back, so that a thousand taken ones cost twenty looks. */
async function freeName(tree: Tree, nameOf: (count: number) => string): Promise<string> {
  let taken = 1;
  let free = 2;
  while (await isTaken(tree, nameOf(free))) {
    taken = free;
    free *= 2;
  }
  while (free - taken > 1) {
    const middle = (taken + free) >> 1;
    if (await isTaken(tree, nameOf(middle))) taken = middle;
    else free = middle;
  }
  return nameOf(free);
}

async function isTaken(tree: Tree, name: string): Promise<boolean> {
  const live = branchesOf(tree).select('id').where('deleted_at', 'is', null);
  return (await live.where('name', '=', name).executeTakeFirst()) !== undefined;
}

/** The first branch of a new conversation. */
export function addMain(edit: Edit): Promise<Branch> {
  return addBranch(edit, { name: mainBranch, head: undefined, base: undefined, from: undefined });
}

type Row = Pick<Selectable<ChatBranchesTable>, (typeof columns)[number]>;

export function toBranch(row: Row): Branch {
  return {
    ...{ id: row.id, name: row.name, head: row.head ?? undefined, base: row.base ?? undefined },
    ...{ from: row.from_branch ?? undefined, deletedAt: row.deleted_at ?? undefined, createdAt: row.created_at },
    ...{ updatedAt: row.updated_at, version: row.version },
    status: branchStatuses.find((status) => status === row.status) ?? 'active',
    details: branchDetails.safeParse(readJson(row.details)).data ?? {},
  };
}

/** @throws UserError `conflict` where a branch does not end at the message that the caller had in mind */
export function checkHead({ name, head }: Branch, ifHead: number | undefined): void {
  if (ifHead === undefined || ifHead === (head ?? 0)) return;
  throw new UserError(
    'conflict',
    `Branch ${JSON.stringify(name)} ends at message ${head ?? 0} by now, not ${ifHead}. Nothing was changed; see what is new with get_conversation.`,
  );
}
