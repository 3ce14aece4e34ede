import type { Branch, Message } from '../chat.ts';
import { loadMessages } from './message-rows.ts';
import { ancestorAt, depthsOf, type Tree, walkUp } from './path.ts';

export interface PathQuestion {
  order: 'newest' | 'oldest';
  limit: number;
  /** Characters that are read of each text; default: all. */
  most?: number;
  /** Only what is behind the base of the branch. */
  isOwn?: boolean;
  /** Where the page before ended. */
  after?: PathPosition | undefined;
}

/** The head that the path had, so that pages fit together while others write, and the depth of the last message shown. */
export interface PathPosition {
  head: number;
  depth: number;
}

export interface PathPage {
  messages: Message[];
  /** How many there are in all. */
  total: number;
  next: PathPosition | undefined;
}

/** A page of the messages of a branch. Costs the same on a path of any length. */
export async function readPath(tree: Tree, branch: Branch, question: PathQuestion): Promise<PathPage> {
  const { order, limit, after, most } = question;
  const head = after?.head ?? branch.head;
  if (head === undefined) return { messages: [], total: 0, next: undefined };
  const named = branch.base === undefined ? [head] : [head, branch.base];
  const depths = await depthsOf(tree, named);
  const last = depths.get(head);
  if (last === undefined) return { messages: [], total: 0, next: undefined };
  const base = branch.base === undefined ? undefined : depths.get(branch.base);
  const first = question.isOwn && base !== undefined ? base + 1 : 0;
  const [from, to] =
    order === 'oldest'
      ? pageUp(after ? after.depth + 1 : first, { last, limit })
      : pageDown(after ? after.depth - 1 : last, { first, limit });
  const messages = await readSpan(tree, head, from, to, most);
  const isDone = order === 'oldest' ? to >= last : from <= first;
  return {
    messages: order === 'oldest' ? messages.reverse() : messages,
    total: Math.max(0, last - first + 1),
    next: isDone || messages.length === 0 ? undefined : { head, depth: order === 'oldest' ? to : from },
  };
}

function pageUp(from: number, { last, limit }: { last: number; limit: number }) {
  return [from, Math.min(last, from + limit - 1)] as const;
}

function pageDown(to: number, { first, limit }: { first: number; limit: number }) {
  return [Math.max(first, to - limit + 1), to] as const;
}

/**
 * The messages of a path from one depth to another, the newest first.
 *
 * @param most characters that are read of each text; default: all
 */
export async function readSpan(tree: Tree, head: number, from: number, to: number, most?: number): Promise<Message[]> {
  if (to < from) return [];
  const start = await ancestorAt(tree, head, to);
  if (start === undefined) return [];
  return loadMessages(tree, await walkUp(tree, start, to - from + 1), most);
}
