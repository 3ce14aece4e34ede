import type { Kysely } from 'kysely';
import type { Tables } from './schema.ts';

export type Database = Kysely<Tables>;

export type StoreKind = 'sqlite' | 'postgres';

/**
 * The store of record: what people and agents made. Several processes on one store are the normal case. Opened with the
 * first use, since most servers that a client starts are never asked for a ticket.
 *
 * Every method may throw a UserError: `unavailable` when the store cannot be reached, opened or written (nothing was
 * changed then), `storage_full` when the disk is.
 */
export interface Store {
  kind: StoreKind;
  /** False for a file that is made with the first use. */
  exists(): boolean;
  /** Opens it now, to learn at start whether it can be. */
  open(): Promise<void>;
  /** Runs queries that see one moment of the store. Never waits for a writer on SQLite. */
  read<Result>(query: (read: Read) => Promise<Result>): Promise<Result>;
  /**
   * Runs a change as one transaction: all of it or nothing, and in the store when this resolves. Changes of one scope
   * (a project's id) take turns across all processes, so that what a change has read stays true until it is written.
   * After a broken connection it may run again, unless its events show that it was committed; it awaits nothing but
   * queries.
   */
  write<Result>(scope: string, change: (write: Write) => Promise<Result>): Promise<Result>;
  /** Hears of changes by any process, within about 250 ms. Returns what ends it. */
  onChange(listener: (changed: Changed) => void): () => void;
  /**
   * Copies all of it as it is at one moment into a new file, while others go on writing.
   *
   * @throws UserError `bad_input` where the database has a better way of its own
   */
  backup(path: string): Promise<void>;
  close(): Promise<void>;
}

/** The inside of a look at the store, which sees one moment of it. */
export interface Read {
  db: Database;
  kind: StoreKind;
  /** The clock of the database in milliseconds: leases must not depend on that of a client. */
  now: number;
}

/** Stands for a project's id where something is of no project; none can have it. */
export const noProject = '*';

/** The inside of one change. */
export interface Write extends Read {
  append(event: NewEvent): Promise<void>;
}

export interface NewEvent {
  projectId: string;
  entity: 'project' | 'ticket' | 'queue' | 'run' | 'plan' | 'prompt' | 'conversation' | 'chat_turn';
  entityId: string;
  version: number;
  action: string;
  actor: string;
  request?: { id: string; digest: string } | undefined;
  before: string;
  after: string;
}

/** What changed; `everything` when notices may have been missed, as after a broken connection. */
export type Changed = 'everything' | ReadonlyArray<{ projectId: string; entity: string; entityId: string }>;
