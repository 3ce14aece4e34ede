import * as z from 'zod';
import { UserError } from '../../errors.ts';
import type { ProjectName } from '../../projects/records.ts';
import { type Branch, type ChatAuthor, type Message, messageId } from '../chat.ts';
import { checkHead, findBranch, loadBranch, moveHead, saveBranch } from '../rows/branch-rows.ts';
import type { Done, Edit, Editor } from '../rows/edit.ts';
import { readSpan } from '../rows/history.ts';
import { addMessage, loadMessage, messagesOf } from '../rows/message-rows.ts';
import { commonAncestor, depthsOf, onPath, type Tree } from '../rows/path.ts';

/** `summary`, which a model writes, comes as `text`; the others need none. */
export const mergeStrategies = ['fast-forward', 'pick', 'replay', 'adopt', 'summary'] as const;
export type MergeStrategy = (typeof mergeStrategies)[number];

export interface Merge {
  source: string;
  /** Default: the main one. */
  target?: string | undefined;
  /** Default: `fast-forward` where the target has nothing of its own, else `pick`. */
  strategy?: MergeStrategy | undefined;
  /** To pick; default: the last answer of the source. */
  messages?: readonly number[] | undefined;
  /** Of a summary: what the source has found, and by whom it was written. */
  text?: string | undefined;
  model?: string | undefined;
  ifHead?: number | undefined;
  ifSourceHead?: number | undefined;
  /** False deletes the source, which a later restore brings back. */
  keepSource?: boolean;
}

const mergeResult = z.strictObject({
  strategy: z.enum(mergeStrategies),
  source: z.string(),
  target: z.string(),
  /** Where the target ends now; 0 without messages. */
  head: z.int(),
  /** How many messages of the source it was about, and those that were copied, by their numbers there. */
  count: z.int(),
  messages: z.array(z.int()),
  is_new: z.boolean(),
  kept: z.string().optional(),
});
export type Merged = Done<z.infer<typeof mergeResult>>;

/** What a merge would do, as things stand. */
export interface MergePlan {
  strategy: MergeStrategy;
  source: Branch;
  target: Branch;
  /** The last message that both have, or that a merge before this one has brought over. */
  base: number | undefined;
  /** How many messages the source has behind it. */
  count: number;
  /** Those that come over, the oldest first, without what is deleted; none where the target only moves. */
  messages: Message[];
  isNew: boolean;
}

export interface Merging {
  merge(project: ProjectName, number: number, merge: Merge, author: ChatAuthor): Promise<Merged>;
}

export function createMerging(editor: Editor): Merging {
  return {
    merge: (project, number, merge, author) =>
      editor.change(project, number, author, { name: 'merged', result: mergeResult }, (edit) => mergeInto(edit, merge)),
  };
}

/** Looks, and changes nothing. */
export async function planMerge(tree: Tree, main: number, merge: Merge): Promise<MergePlan> {
  const source = await findBranch(tree, merge.source, main);
  const target = await findBranch(tree, merge.target, main);
  if (source.id === target.id) {
    throw new UserError(
      'bad_input',
      `${JSON.stringify(source.name)} cannot be merged into itself; name another target.`,
    );
  }
  checkHead(target, merge.ifHead);
  checkHead(source, merge.ifSourceHead);
  const { base, isForward } = await findBase(tree, source.head, target.head);
  const strategy = merge.strategy ?? (isForward ? 'fast-forward' : 'pick');
  if (strategy === 'fast-forward' && !isForward) throw notForward(source, target);
  const span = await spanBehind(tree, base, source.head);
  const plan = { strategy, source, target, base, count: span.to - span.from + 1 };
  if (strategy === 'fast-forward') return { ...plan, messages: [], isNew: plan.count > 0 };
  if (strategy === 'adopt') return { ...plan, messages: [], isNew: source.head !== target.head };
  const messages = await chosen(tree, { strategy, source, target, span, wanted: merge.messages });
  return { ...plan, messages, isNew: messages.length > 0 };
}

/** What a summary or a replay has brought over before counts as shared. */
async function findBase(tree: Tree, source: number | undefined, target: number | undefined) {
  if (source === undefined) return { base: undefined, isForward: true };
  if (target === undefined) return { base: undefined, isForward: true };
  const shared = await commonAncestor(tree, source, target);
  const isForward = shared === target;
  const merges = await messagesOf(tree)
    .select(['number', 'second_parent'])
    .where('second_parent', 'is not', null)
    .orderBy('number')
    .execute();
  const here = await onPath(
    tree,
    target,
    merges.map(({ number }) => number),
  );
  const brought = merges.flatMap((row) =>
    here.has(row.number) && row.second_parent !== null ? row.second_parent : [],
  );
  const all = [...(await onPath(tree, source, brought)), ...(shared === undefined ? [] : [shared])];
  return { base: all.length === 0 ? undefined : Math.max(...all), isForward };
}

interface Span {
  head: number;
  from: number;
  to: number;
}

/** Depths; it is empty where the source has nothing behind the base. */
async function spanBehind(tree: Tree, base: number | undefined, head: number | undefined): Promise<Span> {
  if (head === undefined) return { head: 0, from: 0, to: -1 };
  const depths = await depthsOf(tree, base === undefined ? [head] : [head, base]);
  const from = base === undefined ? 0 : (depths.get(base) ?? 0) + 1;
  return { head, from, to: depths.get(head) ?? 0 };
}

const mostMessages = 500;

async function readFound(tree: Tree, { head, from, to }: Span): Promise<Message[]> {
  if (to - from >= mostMessages) {
    throw new UserError(
      'limit',
      `The source has ${to - from + 1} messages of its own, and ${mostMessages} can be merged at once. Pick some with "messages", or "adopt" the branch.`,
    );
  }
  const span = await readSpan(tree, head, from, to);
  return span.reverse().filter(({ deletedAt }) => deletedAt === undefined);
}

interface Choice {
  strategy: MergeStrategy;
  source: Branch;
  target: Branch;
  span: Span;
  wanted: readonly number[] | undefined;
}

async function chosen(tree: Tree, { strategy, source, target, span, wanted }: Choice): Promise<Message[]> {
  if (strategy !== 'pick') return readFound(tree, span);
  const picked = wanted ? await loadPicked(tree, source, wanted) : await lastAnswer(tree, span);
  const already = await copiedOnto(tree, target.head, new Set(picked.map(({ number }) => number)));
  return picked.filter(({ number }) => !already.has(number));
}

const lastOnes = 50;

async function lastAnswer(tree: Tree, { head, from, to }: Span): Promise<Message[]> {
  const found = await readFound(tree, { head, from: Math.max(from, to - lastOnes + 1), to });
  const last = found.findLast(({ role, status }) => role === 'assistant' && status === 'complete') ?? found.at(-1);
  return last ? [last] : [];
}

async function loadPicked(tree: Tree, { name, head }: Branch, wanted: readonly number[]): Promise<Message[]> {
  const there = await onPath(tree, head, wanted);
  const picked = await Promise.all([...new Set(wanted)].map((number) => loadMessage(tree, number)));
  for (const { number, deletedAt } of picked) {
    const id = messageId(tree.number, number);
    if (!there.has(number)) throw new UserError('bad_input', `${id} is not on branch ${JSON.stringify(name)}.`);
    if (deletedAt !== undefined)
      throw new UserError('conflict', `${id} is deleted. Restore it with delete_message first.`);
  }
  return picked.sort((a, b) => a.number - b.number);
}

/** Which of these have a copy on a path, or are on it themselves. */
async function copiedOnto(tree: Tree, head: number | undefined, originals: ReadonlySet<number>): Promise<Set<number>> {
  const rows = await messagesOf(tree)
    .select(['number', 'copied_from'])
    .where('copied_from', 'in', [0, ...originals])
    .execute();
  const numbers = [...rows.map(({ number }) => number), ...originals];
  const there = await onPath(tree, head, numbers);
  const copied = rows.flatMap((row) => (there.has(row.number) && row.copied_from !== null ? row.copied_from : []));
  return new Set([...copied, ...[...originals].filter((number) => there.has(number))]);
}

function notForward(source: Branch, target: Branch): UserError {
  const [from, to] = [JSON.stringify(source.name), JSON.stringify(target.name)];
  return new UserError(
    'conflict',
    `${to} has messages that ${from} has not, so it cannot be moved forward to it. Merge with "pick", "replay", "summary" or "adopt".`,
  );
}

async function mergeInto(edit: Edit, merge: Merge) {
  const { tree, conversation } = edit;
  const plan = await planMerge(tree, conversation.main, merge);
  const { strategy, source, target, messages } = plan;
  const done = {
    ...{ strategy, source: source.name, target: target.name, count: plan.count },
    messages: messages.map(({ number }) => number),
  };
  if (!plan.isNew) {
    return { result: { ...done, head: target.head ?? 0, messages: [], is_new: false }, isUnchanged: true };
  }
  const to = await bringOver(edit, plan, merge);
  const { kept } = await moveHead(edit, target, to);
  await markMerged(edit, source, { into: target.id, message: to, isKept: merge.keepSource ?? true });
  return { result: { ...done, head: to, is_new: true, ...(kept && { kept: kept.name }) } };
}

/** Gives the message at which the target is to end. */
async function bringOver(edit: Edit, { strategy, source, target, messages }: MergePlan, merge: Merge): Promise<number> {
  const sourceHead = source.head ?? 0;
  if (strategy === 'fast-forward' || strategy === 'adopt') return sourceHead;
  if (strategy === 'summary') {
    if (!merge.text) throw new UserError('bad_input', 'A merge by summary needs a model that writes it, or a text.');
    const details = { by: edit.author.source, ...(merge.model === undefined ? {} : { model: merge.model }) };
    const { number } = await addMessage(edit, {
      ...{ parent: target.head, secondParent: sourceHead, branch: target.id, role: 'user', kind: 'merge' },
      ...{ text: merge.text, details },
    });
    return number;
  }
  let parent = target.head;
  for (const [index, { number, role, status, text, tokens, details }] of messages.entries()) {
    const isLast = index === messages.length - 1;
    const { by, model } = details;
    const copy = await addMessage(edit, {
      ...{ parent, branch: target.id, role, kind: 'copy', status, text, tokens, copiedFrom: number },
      ...(strategy === 'replay' && isLast && { secondParent: sourceHead }),
      details: { ...(by !== undefined && { by }), ...(model !== undefined && { model }) },
    });
    parent = copy.number;
  }
  return parent ?? sourceHead;
}

async function markMerged(
  edit: Edit,
  { id }: Branch,
  { into, message, isKept }: { into: number; message: number; isKept: boolean },
): Promise<void> {
  const branch = await loadBranch(edit.tree, id);
  const isMain = id === edit.conversation.main;
  await saveBranch(edit, {
    ...branch,
    status: isMain ? branch.status : 'merged',
    deletedAt: isKept || isMain ? undefined : edit.now,
    details: { ...branch.details, merged_into: into, merge_message: message },
  });
}
