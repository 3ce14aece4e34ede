import type { FileRole } from '../search/files/file-role.ts';

/** What is known of the project that a plan for a goal is made from, the most telling first. */
export interface Material {
  files: LikelyFile[];
  /** What the project asks of those who change it. */
  documents: Array<{ path: string; text: string }>;
  /** Where each change is told of. */
  changelog?: string;
  commands: Command[];
  tickets: LikeTicket[];
  commits: Array<{ id: string; date: string; subject: string }>;
  /** The commit that is checked out. */
  commit?: string;
  /** Why something may be missing. */
  notes: string[];
}

/** A file that the goal may concern, or that the caller named. */
export interface LikelyFile {
  path: string;
  /** Whether the caller named it. */
  isNamed: boolean;
  /** It is named and not there. */
  isNew: boolean;
  /** 1 for the likeliest. */
  score: number;
  why: string[];
  role: FileRole;
  lines: number;
  purpose: string;
  declares: Array<{ line: number; signature: string }>;
  /** Files of the project. */
  imports: string[];
  importedBy: string[];
  tests: string[];
}

/** How the project is checked. */
export interface Command {
  run: string;
  kind: 'test' | 'check';
  /** What it calls, where that is known. */
  calls: string;
}

/** An open ticket whose title shares words with the goal. */
export interface LikeTicket {
  id: string;
  title: string;
  status: string;
}

/** What the parts of the material come to, in estimated tokens. */
export type TokenShares = Record<'files' | 'documents' | 'commands' | 'tickets' | 'commits', number>;
