import * as z from 'zod';
import { UserError } from '../errors.ts';
import type { ChangeRequest } from '../store/requests.ts';

/*
 * A conversation is a tree of messages that never change, and branches: names for messages at which one goes on. A
 * message has one first parent, which is what a model sees before it, and where it came out of a merge a second one,
 * which only says where it came from. What is on a branch is the path of first parents from its head.
 */

export const roles = ['user', 'assistant', 'system'] as const;
export type Role = (typeof roles)[number];

/** `copy` was picked from another branch; `merge` tells what another branch has found. */
export const messageKinds = ['message', 'edit', 'copy', 'merge'] as const;
export type MessageKind = (typeof messageKinds)[number];

/** `interrupted`: the answer is as far as it came. */
export const messageStatuses = ['complete', 'interrupted'] as const;
export type MessageStatus = (typeof messageStatuses)[number];

/** What is known of a message beside its text. */
export const messageDetails = z.strictObject({
  /** `human` or `agent:NAME`. */
  by: z.string().optional(),
  /** `provider/model` that answered. */
  model: z.string().optional(),
  mode: z.enum(['offline', 'model']).optional(),
  params: z.record(z.string(), z.json()).optional(),
  /** As the provider counted. */
  usage: z.record(z.string(), z.number()).optional(),
  finish_reason: z.string().optional(),
  reasoning: z.string().optional(),
  ms: z.number().optional(),
  /** The agent that answered, and what it called. */
  agent: z.string().optional(),
  calls: z.array(z.strictObject({ tool: z.string(), arguments: z.string(), result: z.string() })).optional(),
  /** Of the calls of models that it took. */
  receipts: z.array(z.string()).optional(),
  /** Those whose text is in it, so that they go to no provider that must not have them. */
  files: z
    .array(
      z.strictObject({
        path: z.string(),
        ranges: z.array(z.strictObject({ from: z.int(), to: z.int() })).optional(),
        hash: z.string().optional(),
      }),
    )
    .optional(),
  /** What was sent with the question, and what was left out. */
  context: z.record(z.string(), z.json()).optional(),
  /** The message in place of which it was written. */
  supersedes: z.int().optional(),
  delete_reason: z.string().optional(),
  /** Its text was overwritten for good. */
  is_purged: z.literal(true).optional(),
});
export type MessageDetails = z.infer<typeof messageDetails>;

export interface Message {
  /** From 1, in the order of commit; a parent's is lower than its children's. */
  number: number;
  parent: number | undefined;
  secondParent: number | undefined;
  /** How many messages are before it on its path. */
  depth: number;
  /** The branch on which it was written. */
  branch: number;
  role: Role;
  kind: MessageKind;
  status: MessageStatus;
  createdAt: number;
  /** Of the conversation when this was written or last deleted or restored. */
  version: number;
  /** Its place among the children of its parent, from 0. */
  sibling: number;
  copiedFrom: number | undefined;
  deletedAt: number | undefined;
  /** Estimated, of its text. */
  tokens: number;
  /** US dollars; absent where no price is known. */
  cost: number | undefined;
  details: MessageDetails;
  /** Of a deleted one too: who shows it looks at `deletedAt` first. */
  text: string;
  /** How many characters of the text were not read, since who looks shows no more of it; 0 where it is whole. */
  unread: number;
}

export const branchStatuses = ['active', 'merged', 'archived'] as const;
export type BranchStatus = (typeof branchStatuses)[number];

/** How much of its path a branch shows a model: all; a summary and the last messages; or where it began and its own. */
export const contextModes = ['full', 'partial', 'minimal'] as const;
export type ContextMode = (typeof contextModes)[number];

export const branchDetails = z.strictObject({
  description: z.string().optional(),
  model: z.string().optional(),
  context_mode: z.enum(contextModes).optional(),
  /** The branch that took it over, and the message with which it did. */
  merged_into: z.int().optional(),
  merge_message: z.int().optional(),
  /** Made to keep what would have been on no branch. */
  is_automatic: z.literal(true).optional(),
});
export type BranchDetails = z.infer<typeof branchDetails>;

export interface Branch {
  /** Its own for good; the name can change. */
  id: number;
  name: string;
  /** Absent where it has no message yet. */
  head: number | undefined;
  /** The last message that it shares with the branch that it was made from. */
  base: number | undefined;
  from: number | undefined;
  status: BranchStatus;
  deletedAt: number | undefined;
  createdAt: number;
  updatedAt: number;
  version: number;
  details: BranchDetails;
}

export const mainBranch = 'main';

/** What somebody wants to find again: `pin` stays in the context, `bookmark` is a place, `start` is where context begins. */
export const markKinds = ['pin', 'bookmark', 'start'] as const;

const mark = z.strictObject({
  kind: z.enum(markKinds),
  /** The message; a `start` begins behind it. */
  message: z.int(),
  label: z.string().optional(),
});
export type Mark = z.infer<typeof mark>;

/** What of a conversation can be changed and undone; what is absent is left out, never null. */
export const conversationDocument = z.strictObject({
  title: z.string(),
  /** Nobody gave it one yet, so that it may be made of the first question. */
  is_untitled: z.literal(true).optional(),
  model: z.string().optional(),
  /** What the model is told before everything else. */
  system: z.string().optional(),
  metadata: z.record(z.string(), z.string()).optional(),
  archived: z.literal(true).optional(),
  deleted: z.literal(true).optional(),
  /** By `pin-12`, `bookmark-12`, `start-12`: a message has at most one of a kind. */
  marks: z.record(z.string(), mark),
});
export type ConversationDocument = z.infer<typeof conversationDocument>;

export interface Conversation {
  projectId: string;
  number: number;
  /** Grows with each change of any part of it. */
  version: number;
  createdAt: number;
  updatedAt: number;
  /** How many messages it has: the number of the last one. */
  messages: number;
  /** How many branches it has had: the id of the last one. */
  branches: number;
  /** The branch that is meant where none is named; it cannot be deleted. */
  main: number;
  /** Of the longest path. */
  depth: number;
  tokens: number;
  cost: number;
  document: ConversationDocument;
}

/** Who changes a conversation, and the caller's own id of the request where it gave one. */
export interface ChatAuthor {
  /** `human` or `agent:NAME`. */
  source: string;
  request?: ChangeRequest | undefined;
}

export const maxMessageCharacters = 1_000_000;

export function conversationId(number: number): string {
  return `C-${number}`;
}

/** Across projects: `shop.C-3`. */
export function fullConversationId(projectId: string, number: number): string {
  return `${projectId}.${conversationId(number)}`;
}

/** `C-3/12` */
export function messageId(number: number, message: number): string {
  return `${conversationId(number)}/${message}`;
}

/**
 * Reads `C-3`, `c-3`, `3` or `shop.C-3`.
 *
 * @throws UserError `bad_input`
 */
export function parseConversationId(text: string): { project: string | undefined; number: number } {
  const match = /^(?:([^/?#%\s]{1,200})\.)?(?:C-)?([1-9]\d{0,8})$/i.exec(text.trim());
  if (match?.[2]) return { project: match[1], number: Number(match[2]) };
  throw new UserError('bad_input', `${JSON.stringify(text.slice(0, 60))} is no conversation id. Ids look like "C-3".`);
}
