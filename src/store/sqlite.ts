import { dirname } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { Kysely, sql } from 'kysely';
import { UserError } from '../errors.ts';
import type { Log } from '../log.ts';
import { damaged, unavailable } from './faults.ts';
import { createListeners } from './listeners.ts';
import { migrate } from './migrate.ts';
import type { Migration } from './migrations.ts';
import type { Tables } from './schema.ts';
import { createSqliteDialect } from './sqlite-dialect.ts';
import { fromSqlite } from './sqlite-errors.ts';
import {
  applicationId,
  copyStoreFile,
  ensureStoreFile,
  identityOf,
  isNetworkFileSystem,
  mayBeThere,
  sizeOf,
} from './sqlite-file.ts';
import { createPoll } from './sqlite-poll.ts';
import type { Database, Store } from './store.ts';
import { runChange, runQuery, UnknownOutcome } from './transaction.ts';
import { createTurns } from './turns.ts';

export interface SqliteOptions {
  path: string;
  log: Log;
  /** Reads the whole file for damage, off the event loop; `undefined` when it is sound. */
  findDamage(path: string): Promise<string | undefined>;
  clock?: () => number;
  migrations?: readonly Migration[];
  /** Of statfs(2). */
  fileSystemType?: (folder: string) => number;
}

interface Connections {
  /** Two, so that a reader never waits for a writer of this process or another. */
  reader: Database;
  writer: Database;
  /** Grows with every commit of another connection, https://www.sqlite.org/pragma.html#pragma_data_version */
  dataVersion(): number;
  /** False when the file was removed or replaced: what is written then is in no file that anybody finds. */
  isInPlace(): boolean;
  close(): Promise<void>;
}

const journalLimitBytes = 64 * 1024 * 1024;
const journalAlarmBytes = 256 * 1024 * 1024;
const writesBetweenLooks = 200;

/** One file in the user's data folder, shared by all processes of that user. */
export function createSqliteStore(options: SqliteOptions): Store {
  const { path, log, clock = Date.now } = options;
  let opening: Promise<Connections> | undefined;
  let wasOpen = false;
  let damage: string | undefined;
  let writes = 0;
  let isClosing = false;
  const listeners = createListeners({ onFirst: () => poll.start(), onLast: () => poll.stop() });
  const inTurn = createTurns();
  const poll = createPoll({ exists, connections, tell: listeners.tell, log });

  return {
    kind: 'sqlite',
    exists,

    async open() {
      await connections();
    },

    read: (query) =>
      withStoreErrors(async () => {
        const { reader } = await connections();
        return runQuery(await reader.startTransaction().execute(), 'sqlite', clock, query);
      }),

    write: (_scope, change) =>
      withStoreErrors(async () => {
        const { writer } = await connections();
        if (damage !== undefined) throw damaged(damage);
        const result = await inTurn(async () =>
          runChange(await writer.startTransaction().execute(), 'sqlite', clock, change),
        );
        poll.look();
        watchJournal();
        return result;
      }),

    onChange: listeners.add,

    backup: (copy) =>
      withStoreErrors(async () => {
        const { reader } = await connections();
        await copyStoreFile(copy, (draft) => sql`vacuum into ${draft}`.execute(reader));
      }),

    async close() {
      isClosing = true;
      poll.stop();
      const open = await opening?.catch(() => undefined);
      opening = undefined;
      await open?.close();
    },
  };

  function exists(): boolean {
    return wasOpen || mayBeThere(path);
  }

  async function connections(): Promise<Connections> {
    opening ??= openOnce();
    const current = opening;
    const open = await current;
    if (open.isInPlace()) return open;
    if (opening === current) {
      opening = undefined;
      log.error({ path }, 'the file of the store was removed or replaced while it was in use');
      await open.close();
    }
    return connections();
  }

  function openOnce(): Promise<Connections> {
    const opened = wasOpen && !mayBeThere(path) ? Promise.reject(removed()) : open(options);
    return opened.then(
      (open) => {
        wasOpen = true;
        damage = undefined;
        void lookForDamage();
        return open;
      },
      (error) => {
        opening = undefined; // what is wrong may be mended while we run
        log.error({ err: error, path }, 'the store cannot be opened');
        throw error;
      },
    );
  }

  async function lookForDamage() {
    damage = await options.findDamage(path).catch((error) => {
      if (!isClosing) log.warn({ err: error }, 'the store was not checked for damage');
      return undefined;
    });
    if (damage !== undefined) log.error({ path, damage }, 'the store is damaged; it is only read from now on');
  }

  async function withStoreErrors<Result>(action: () => Promise<Result>): Promise<Result> {
    try {
      return await action();
    } catch (error) {
      // A commit that fails on SQLite was taken back: the outcome is known.
      const reported = fromSqlite(error instanceof UnknownOutcome ? error.cause : error);
      if (reported instanceof UserError && reported !== error) log.error({ err: error, path }, 'the store failed');
      throw reported;
    }
  }

  /** A reader that never ends keeps the journal from being copied back; nothing is lost, but the disk fills. */
  function watchJournal() {
    if (++writes % writesBetweenLooks !== 0) return;
    const bytes = sizeOf(`${path}-wal`);
    if (bytes > journalAlarmBytes) log.warn({ bytes }, 'the journal of the store grows: a reader has not ended');
  }
}

function removed() {
  return unavailable(
    'The file of the store was removed while Octant used it. Put it back, or restart Octant to begin with an empty store.',
  );
}

async function open({ path, log, migrations, fileSystemType }: SqliteOptions): Promise<Connections> {
  const opened: DatabaseSync[] = [];
  try {
    await ensureStoreFile(path, (draft) => fill(draft, migrations));
    if (isNetworkFileSystem(dirname(path), fileSystemType)) {
      log.warn(
        { path },
        'the store is on a network file system, where SQLite files get damaged; use --data-dir or --store',
      );
    }
    const reading = await openDatabase(path, 2000);
    opened.push(reading);
    const writing = await openDatabase(path, 20);
    opened.push(writing);
    const identity = identityOf(path);
    const reader = new Kysely<Tables>({ dialect: createSqliteDialect(reading, 'begin') });
    const writer = new Kysely<Tables>({ dialect: createSqliteDialect(writing, 'begin immediate') });
    await bringUp(writer, migrations);
    const version = reading.prepare('pragma data_version');
    return {
      ...{ reader, writer, dataVersion: () => Number(version.get()?.data_version) },
      isInPlace: () => identity !== undefined && identityOf(path) === identity,
      async close() {
        await reader.destroy();
        await writer.destroy();
        closeAll(opened); // Kysely closes none that it has not used
      },
    };
  } catch (error) {
    closeAll(opened);
    throw fromSqlite(error);
  }
}

function closeAll(databases: readonly DatabaseSync[]) {
  for (const database of databases) if (database.isOpen) database.close();
}

/** Makes a new store; closing it copies its journal back, so that the file is complete by itself. */
async function fill(path: string, migrations: readonly Migration[] | undefined) {
  const database = await openDatabase(path, 2000);
  const db = new Kysely<Tables>({ dialect: createSqliteDialect(database, 'begin immediate') });
  try {
    database.exec(`pragma application_id = ${applicationId}`);
    await bringUp(db, migrations);
  } finally {
    await db.destroy();
  }
}

function bringUp(db: Database, migrations: readonly Migration[] | undefined) {
  return migrate(db, 'sqlite', (run) => db.transaction().execute(run), migrations);
}

/** Loaded here, since a Node that is too old does not have it, and since most servers never need it. */
async function openDatabase(path: string, busyTimeoutMs: number): Promise<DatabaseSync> {
  const { DatabaseSync } = process.getBuiltinModule('node:sqlite');
  const database = new DatabaseSync(path, { timeout: busyTimeoutMs, enableForeignKeyConstraints: true });
  try {
    database.exec(`
      pragma journal_mode = wal;
      pragma synchronous = full;
      pragma journal_size_limit = ${journalLimitBytes};
      pragma secure_delete = on; -- what is purged is overwritten; measured, writers do not feel it
    `);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}
