import * as z from 'zod';
import { UserError } from '../../errors.ts';
import type { ProjectName } from '../../projects/records.ts';
import { withoutAbsent } from '../../text/absent.ts';
import {
  type Branch,
  type BranchDetails,
  type BranchStatus,
  branchStatuses,
  type ChatAuthor,
  messageId,
} from '../chat.ts';
import {
  addBranch,
  automaticName,
  checkHead,
  distinctName,
  findBranch,
  findDeletedBranch,
  loadBranch,
  moveHead,
  saveBranch,
} from '../rows/branch-rows.ts';
import type { Done, Edit, Editor } from '../rows/edit.ts';
import { addMessage, loadMessage } from '../rows/message-rows.ts';
import { onPath } from '../rows/path.ts';
import { describeBranchChanges } from './describe-changes.ts';

export interface Fork {
  /** Whose head is meant where no message is named; default: the main one. */
  branch?: string | undefined;
  message?: number | undefined;
  /** `before`: the new branch ends at the message before that one, so that it can be said otherwise. */
  position: 'after' | 'before';
  /** Default: that of the branch with a number. */
  name?: string | undefined;
  description?: string | undefined;
  model?: string | undefined;
  contextMode?: BranchDetails['context_mode'];
  ifHead?: number | undefined;
}

export interface BranchChange {
  name?: string | undefined;
  /** Empty takes it away, as an empty model does. */
  description?: string | undefined;
  model?: string | undefined;
  contextMode?: BranchDetails['context_mode'];
  status?: Exclude<BranchStatus, 'merged'> | undefined;
  isMain?: true | undefined;
  /** Lets it go on at another message; what would be on no branch then is kept by an automatic one. */
  head?: number | undefined;
  ifHead?: number | undefined;
}

export interface MessageEdit {
  text: string;
  /** On which the message is, and which the edit leaves or moves; default: the main one. */
  branch?: string | undefined;
  /** Moves that branch to the new message, and keeps its old end as an automatic branch. */
  isInPlace: boolean;
  /** Of the new branch. */
  name?: string | undefined;
  ifHead?: number | undefined;
}

const branchResult = z.strictObject({ id: z.int(), branch: z.string(), head: z.int() });
const editResult = z.strictObject({ message: z.int(), branch: z.string(), kept: z.string().optional() });
type BranchResult = Done<z.infer<typeof branchResult>>;

/** Changes of branches. None copies a message: a branch is a name for one, so that a fork costs the same everywhere. */
export interface Branching {
  fork(project: ProjectName, number: number, fork: Fork, author: ChatAuthor): Promise<BranchResult>;
  updateBranch(
    project: ProjectName,
    number: number,
    branch: string | undefined,
    wanted: BranchChange,
    author: ChatAuthor,
  ): Promise<Done<z.infer<typeof changeResult>>>;
  /** Its messages stay, for other branches and for `restore`. */
  removeBranch(
    project: ProjectName,
    number: number,
    branch: string,
    options: { restore: boolean; ifHead?: number | undefined },
    author: ChatAuthor,
  ): Promise<BranchResult>;
  /** The same message in other words, beside the old one, which stays. */
  editMessage(
    project: ProjectName,
    number: number,
    message: number,
    edit: MessageEdit,
    author: ChatAuthor,
  ): Promise<Done<z.infer<typeof editResult>>>;
}

const changeResult = branchResult.extend({
  kept: z.string().optional(),
  status: z.enum(branchStatuses).default('active'),
  main: z.boolean().default(false),
  changed: z.array(z.string()).default([]),
});
const changed = { name: 'branch_changed', result: changeResult };

export function createBranching(editor: Editor): Branching {
  return {
    fork: (project, number, fork, author) =>
      editor.change(project, number, author, { name: 'forked', result: branchResult }, async (edit) => {
        return { result: toResult(await makeFork(edit, fork)) };
      }),

    updateBranch: (project, number, branch, wanted, author) =>
      editor.change(project, number, author, changed, (edit) => changeBranch(edit, branch, wanted)),

    removeBranch: (project, number, branch, { restore, ifHead }, author) => {
      const action = { name: restore ? 'branch_restored' : 'branch_deleted', result: branchResult };
      return editor.change(project, number, author, action, async (edit) => {
        return { result: toResult(await (restore ? bringBack(edit, branch) : dropBranch(edit, branch, ifHead))) };
      });
    },

    editMessage: (project, number, message, wanted, author) =>
      editor.change(project, number, author, { name: 'edited', result: editResult }, async (edit) => {
        return { result: await writeAnew(edit, message, wanted) };
      }),
  };
}

function toResult({ id, name, head }: Branch) {
  return { id, branch: name, head: head ?? 0 };
}

async function makeFork(edit: Edit, fork: Fork): Promise<Branch> {
  const { tree, conversation } = edit;
  const from = await findBranch(tree, fork.branch, conversation.main);
  checkHead(from, fork.ifHead);
  const message = fork.message ?? from.head;
  const at = message === undefined ? undefined : await loadMessage(tree, message);
  const head = fork.position === 'before' ? at?.parent : at?.number;
  const name = fork.name === undefined ? await automaticName(tree, from.name) : await distinctName(tree, fork.name);
  const { description, model = from.details.model, contextMode } = fork;
  const details = { description, model, context_mode: contextMode ?? from.details.context_mode };
  return addBranch(edit, { name, head, base: head, from: from.id, details: withoutAbsent(details) });
}

async function changeBranch(edit: Edit, name: string | undefined, wanted: BranchChange) {
  const { tree, conversation } = edit;
  const before = await findBranch(tree, name, conversation.main);
  checkHead(before, wanted.ifHead);
  const to = wanted.head === undefined ? undefined : (await loadMessage(tree, wanted.head)).number;
  const { branch, kept } = to === undefined ? { branch: before, kept: undefined } : await moveHead(edit, before, to);
  const isRenamed = wanted.name !== undefined && wanted.name !== branch.name;
  const { description, model, contextMode, status = branch.status } = wanted;
  const details = {
    ...branch.details,
    ...(description !== undefined && { description: description || undefined }),
    ...(model !== undefined && { model: model || undefined }),
    ...(contextMode !== undefined && { context_mode: contextMode }),
  };
  const next = {
    ...{ ...branch, status, details: withoutAbsent(details) },
    name: isRenamed ? await distinctName(tree, wanted.name ?? '') : branch.name,
  };
  const wasMain = conversation.main === next.id;
  const main = wasMain || wanted.isMain === true;
  const changed = describeBranchChanges({ ...before, isMain: wasMain }, { ...next, isMain: main });
  const result = { ...toResult(next), status, main, changed, ...(kept && { kept: kept.name }) };
  if (changed.length === 0) return { result, isUnchanged: true };
  await saveBranch(edit, next);
  if (main) edit.set({ main: next.id });
  return { result };
}

async function dropBranch(edit: Edit, name: string, ifHead: number | undefined): Promise<Branch> {
  const branch = await findBranch(edit.tree, name, edit.conversation.main);
  checkHead(branch, ifHead);
  if (branch.id === edit.conversation.main) {
    throw new UserError(
      'conflict',
      `${JSON.stringify(name)} is the main branch, which is not deleted. Make another the main one first (update_branch with "main": true), or delete the conversation.`,
    );
  }
  return saveBranch(edit, { ...branch, deletedAt: edit.now });
}

async function bringBack(edit: Edit, name: string): Promise<Branch> {
  const branch = await findDeletedBranch(edit.tree, name);
  return saveBranch(edit, { ...branch, name: await distinctName(edit.tree, name), deletedAt: undefined });
}

async function writeAnew(edit: Edit, number: number, { text, name, isInPlace, ...wanted }: MessageEdit) {
  const { tree, author } = edit;
  const old = await loadMessage(tree, number);
  const branch = await findBranch(tree, wanted.branch, edit.conversation.main);
  checkHead(branch, wanted.ifHead);
  if (isInPlace && !(await onPath(tree, branch.head, [number])).has(number)) {
    const id = messageId(tree.number, number);
    throw new UserError(
      'bad_input',
      `${id} is not on branch ${JSON.stringify(branch.name)}, which "in_place" would move.`,
    );
  }
  const onto = isInPlace ? branch : await addBranch(edit, await editBranch(edit, branch, old.parent, name));
  const { number: message } = await addMessage(edit, {
    ...{ parent: old.parent, branch: onto.id, role: old.role, kind: 'edit', text },
    details: { by: author.source, supersedes: number },
  });
  const { kept } = await moveHead(edit, await loadBranch(tree, onto.id), message);
  return { message, branch: onto.name, ...(kept && { kept: kept.name }) };
}

async function editBranch(edit: Edit, from: Branch, parent: number | undefined, name: string | undefined) {
  const { tree } = edit;
  const free = name === undefined ? await automaticName(tree, from.name) : await distinctName(tree, name);
  const { model, context_mode } = from.details;
  return { name: free, head: parent, base: parent, from: from.id, details: withoutAbsent({ model, context_mode }) };
}
