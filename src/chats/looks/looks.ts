import type { Read, Store } from '../../store/store.ts';
import { type Merge, type MergePlan, planMerge } from '../changes/merge.ts';
import type { Branch, Conversation, Mark, Message } from '../chat.ts';
import { findBranch, findBranchOver, loadBranch } from '../rows/branch-rows.ts';
import { loadConversation, noConversation } from '../rows/conversation-rows.ts';
import { type PathPage, type PathQuestion, readPath } from '../rows/history.ts';
import { countSince, loadMessage, messagesAfter, messagesSince } from '../rows/message-rows.ts';
import { onPath, type Tree } from '../rows/path.ts';
import { type SummaryHead, summariesOnPath, summaryText } from '../rows/summaries.ts';
import { runningTurns, type Turn } from '../rows/turn-rows.ts';
import { type Apart, branchesAnswering, readApart } from './apart.ts';
import { countBranchesSince, type ListedBranch, listBranches } from './branch-list.ts';
import {
  type ConversationQuestion,
  listConversations,
  type SearchHit,
  type SearchQuestion,
  searchMessages,
} from './list.ts';
import { readLines, type TreeLine } from './tree.ts';

interface Found {
  conversation: Conversation;
  branch: Branch;
}

export interface Anchors {
  /** Pins, bookmarks and starts of the context on the path. */
  marks: Mark[];
  /** The message behind which the context begins, where somebody cleared it. */
  start: number | undefined;
  /** The nearest to the end of the path first. */
  summaries: SummaryHead[];
}

/** Where a page of all parts of a conversation begins, and how much it may have. */
export interface PartsPage<Position> {
  /** The id of the last branch shown. */
  branch: number;
  /** The last message shown. */
  message: Position;
  limit: number;
  /** Characters that are read of each text. */
  most: number;
}

/** Of a message: the version in which it changed, and its number. */
export type ChangePosition = readonly [version: number, message: number];

export interface Parts {
  conversation: Conversation;
  branches: ListedBranch[];
  messages: Message[];
  hasMore: boolean;
  /** Of all pages. */
  totals: { branches: number; messages: number };
}

/** What is looked up of conversations; each look sees one moment. @throws UserError `not_found` */
export interface Looks {
  /** The newest first. */
  list(projectId: string, question: ConversationQuestion): Promise<{ rows: Conversation[]; hasMore: boolean }>;
  search(projectId: string, question: SearchQuestion): Promise<{ hits: SearchHit[]; next: number | undefined }>;
  /** The conversation with the branch that is named, or its main one, and the turns that are running. */
  get(projectId: string, number: number, branch?: string): Promise<Found & { running: Turn[] }>;
  /** The same of a branch by its id, a deleted one too. */
  at(projectId: string, number: number, branch: number): Promise<Found>;
  /** The branch on whose path a message is: the one with this id where it is, else one that was made last. */
  branchOver(projectId: string, number: number, message: number, branch: number): Promise<number>;
  /** A page of the messages of a branch. */
  path(
    projectId: string,
    number: number,
    branch: string | undefined,
    question: PathQuestion,
  ): Promise<PathPage & Found>;
  message(projectId: string, number: number, message: number): Promise<Message>;
  branches(
    projectId: string,
    number: number,
    page: { limit: number; after?: number | undefined },
  ): Promise<{ conversation: Conversation; branches: ListedBranch[]; hasMore: boolean }>;
  lines(
    projectId: string,
    number: number,
    page: { limit: number; after?: number | undefined },
  ): Promise<{ conversation: Conversation; lines: TreeLine[]; hasMore: boolean }>;
  /** What was written or changed behind a version, the branches first. */
  since(projectId: string, number: number, version: number, page: PartsPage<ChangePosition>): Promise<Parts>;
  /** All branches and then all messages, in the order of their numbers, for whoever wants them all. */
  everything(projectId: string, number: number, page: PartsPage<number>): Promise<Parts>;
  /** What is kept for the context of a path, by the message at which it ends. */
  anchors(projectId: string, number: number, head: number | undefined): Promise<Anchors>;
  /** The text of a summary; `undefined` where it was dropped meanwhile. */
  summary(projectId: string, number: number, message: number): Promise<string | undefined>;
  mergePlan(projectId: string, number: number, merge: Merge): Promise<MergePlan>;
  /** What each of these branches has behind what all of them share: the last `limit` messages. */
  apart(projectId: string, number: number, branches: readonly string[], limit: number): Promise<Apart>;
  /** The branches of the last `most` answers to a question. */
  answering(projectId: string, number: number, question: number, most: number): Promise<Branch[]>;
}

function partsOf(page: { branches: ListedBranch[]; hasMore: boolean }, found: readonly Message[], left: number) {
  return { branches: page.branches, messages: found.slice(0, left), hasMore: page.hasMore || found.length > left };
}

export function createLooks(store: Store): Looks {
  return {
    async list(projectId, question) {
      if (!store.exists()) return { rows: [], hasMore: false };
      return store.read((read) => listConversations(read, projectId, question));
    },

    async search(projectId, question) {
      if (!store.exists()) return { hits: [], next: undefined };
      return store.read((read) => searchMessages(read, projectId, question));
    },

    get: (projectId, number, branch) =>
      look(projectId, number, async (tree, conversation, now) => ({
        ...{ conversation, branch: await findBranch(tree, branch, conversation.main) },
        running: await runningTurns(tree, now),
      })),

    at: (projectId, number, branch) =>
      look(projectId, number, async (tree, conversation) => ({ conversation, branch: await loadBranch(tree, branch) })),

    branchOver: (projectId, number, message, branch) =>
      look(projectId, number, (tree) => findBranchOver(tree, message, branch)),

    path: (projectId, number, name, question) =>
      look(projectId, number, async (tree, conversation) => {
        const branch = await findBranch(tree, name, conversation.main);
        return { conversation, branch, ...(await readPath(tree, branch, question)) };
      }),

    message: (projectId, number, message) => look(projectId, number, (tree) => loadMessage(tree, message)),

    branches: (projectId, number, page) =>
      look(projectId, number, async (tree, conversation) => {
        return { conversation, ...(await listBranches(tree, conversation.main, page)) };
      }),

    lines: (projectId, number, page) =>
      look(projectId, number, async (tree, conversation) => ({ conversation, ...(await readLines(tree, page)) })),

    since: (projectId, number, version, { branch, message, limit, most }) =>
      look(projectId, number, async (tree, conversation) => {
        const page = await listBranches(tree, conversation.main, { limit, after: branch, since: version });
        const left = page.hasMore ? 0 : limit - page.branches.length;
        const messages = await messagesSince(tree, message, left + 1, most);
        const totals = { branches: await countBranchesSince(tree, version), messages: await countSince(tree, version) };
        return { conversation, ...partsOf(page, messages, left), totals };
      }),

    everything: (projectId, number, { branch, message, limit, most }) =>
      look(projectId, number, async (tree, conversation) => {
        const page = await listBranches(tree, conversation.main, { limit, after: branch });
        const left = page.hasMore ? 0 : limit - page.branches.length;
        const messages = await messagesAfter(tree, message, left + 1, most);
        const totals = { branches: await countBranchesSince(tree, 0), messages: conversation.messages };
        return { conversation, ...partsOf(page, messages, left), totals };
      }),

    anchors: (projectId, number, head) =>
      look(projectId, number, (tree, conversation) => readAnchors(tree, conversation, head)),

    summary: (projectId, number, message) => look(projectId, number, (tree) => summaryText(tree, message)),

    mergePlan: (projectId, number, merge) => look(projectId, number, (tree, { main }) => planMerge(tree, main, merge)),

    apart: (projectId, number, branches, limit) =>
      look(projectId, number, (tree, { main }) => readApart(tree, main, branches, limit)),

    answering: (projectId, number, question, most) =>
      look(projectId, number, (tree) => branchesAnswering(tree, question, most)),
  };

  async function look<Result>(
    projectId: string,
    number: number,
    query: (tree: Tree, conversation: Conversation, now: number) => Promise<Result>,
  ): Promise<Result> {
    if (!store.exists()) throw noConversation(number, undefined);
    return store.read(async ({ db, now }: Read) =>
      query({ db, projectId, number }, await loadConversation(db, projectId, number), now),
    );
  }
}

async function readAnchors(tree: Tree, { document }: Conversation, head: number | undefined): Promise<Anchors> {
  const all = Object.values(document.marks);
  const there = await onPath(
    tree,
    head,
    all.map(({ message }) => message),
  );
  const marks = all.filter(({ message }) => there.has(message));
  const starts = marks.filter(({ kind }) => kind === 'start').map(({ message }) => message);
  return {
    marks,
    start: starts.length === 0 ? undefined : Math.max(...starts),
    summaries: await summariesOnPath(tree, head),
  };
}
