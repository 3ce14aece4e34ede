import type { Generated } from 'kysely';

/** The tables of conversations; see `schema.ts`. */
export interface ChatTables {
  conversations: ConversationsTable;
  chat_messages: ChatMessagesTable;
  chat_branches: ChatBranchesTable;
  chat_turns: ChatTurnsTable;
  chat_summaries: ChatSummariesTable;
}

/** A row is the document, its version, what lists filter and sort by, and the counters of its parts. */
export interface ConversationsTable {
  project_id: string;
  number: number;
  version: number;
  title: string;
  /** `active`, `archived` or `deleted`. */
  state: string;
  created_at: number;
  updated_at: number;
  /** The numbers of the last message and the last branch; they never fall. */
  messages: number;
  branches: number;
  /** The id of the branch that is meant where none is named. */
  main_branch: number;
  /** Of the longest path. */
  depth: number;
  tokens: number;
  cost: number;
  /** Canonical JSON, checked by the schema of its domain when it is read. */
  document: string;
}

/**
 * The tree. What says where a message stands is written once; `chats/path.ts` tells how an ancestor is found with it in
 * some 2 log2(n) steps. Only the last columns change: when a message is deleted, restored or overwritten.
 */
export interface ChatMessagesTable {
  /** For the full-text index; of this database alone, never shown or exported. */
  row_id: Generated<number>;
  project_id: string;
  conversation: number;
  number: number;
  parent: number | null;
  second_parent: number | null;
  /** How many messages are before it. */
  depth: number;
  /** An ancestor further up, and its depth; a first message has itself. */
  jump: number;
  jump_depth: number;
  /** The first message of the line that it goes on: a first child goes on that of its parent, others begin one. */
  lane: number;
  /** Its place among the children of its parent. */
  sibling: number;
  branch: number;
  role: string;
  kind: string;
  status: string;
  created_at: number;
  tokens: number;
  cost: number | null;
  /** Of all messages of its path, itself included. */
  path_tokens: number;
  path_cost: number;
  copied_from: number | null;
  /** Of the conversation when the row was written or changed. */
  version: number;
  deleted_at: number | null;
  /** Canonical JSON of what is known beside the text. */
  details: string;
  text: string;
}

/** Names for messages at which one goes on. */
export interface ChatBranchesTable {
  project_id: string;
  conversation: number;
  id: number;
  /** One of those that are not deleted has it. */
  name: string;
  head: number | null;
  base: number | null;
  from_branch: number | null;
  status: string;
  deleted_at: number | null;
  created_at: number;
  updated_at: number;
  version: number;
  details: string;
}

/** Questions that models are asked in conversations: a row is there before anything is sent, so that it outlives a crash. */
export interface ChatTurnsTable {
  /** A UUID version 7. */
  id: string;
  project_id: string;
  conversation: number;
  /** Of the conversation when it began. */
  version: number;
  branch: number;
  /** Of the branch, when it began. */
  head: number | null;
  question: number;
  answer: number | null;
  status: string;
  created_at: number;
  ended_at: number | null;
  /** The process that does it, and its last sign of life. */
  owner: string;
  beat_at: number;
  /** 1 where somebody wants it to end. */
  is_cancelled: number;
  details: string;
  /** The answer as far as it has come; empty once it is in a message. */
  partial: string;
}

/** What stands for all messages up to one, for a model that cannot be shown them all. May be made anew. */
interface ChatSummariesTable {
  project_id: string;
  conversation: number;
  /** The last message that it stands for. */
  message: number;
  created_at: number;
  tokens: number;
  details: string;
  text: string;
}
