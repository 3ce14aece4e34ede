import { setTimeout as delay } from 'node:timers/promises';
import { Kysely, PostgresDialect, sql } from 'kysely';
import { UserError } from '../errors.ts';
import type { Log } from '../log.ts';
import { unknownOutcome } from './faults.ts';
import { createListeners } from './listeners.ts';
import { migrate } from './migrate.ts';
import type { Migration } from './migrations.ts';
import { fromPostgres, isRetryable } from './postgres-errors.ts';
import { announce, createPostgresNotices, type EntityName } from './postgres-notices.ts';
import type { Tables } from './schema.ts';
import type { Database, Store, Write } from './store.ts';
import { runChange, runQuery, UnknownOutcome } from './transaction.ts';

export interface PostgresOptions {
  /** `postgres://user:password@host:port/database`; never logged. */
  url: string;
  log: Log;
  migrations?: readonly Migration[];
}

const poolSize = 10;
const retryDeadlineMs = 10_000;
const migrationScope = 'octant:migrations';
/** PostgreSQL's own limits: a statement, a lock, and a client that stopped in the middle of a change. */
const session = '-c statement_timeout=30s -c lock_timeout=15s -c idle_in_transaction_session_timeout=15s';

/** One database for several machines. */
export function createPostgresStore({ url, log, migrations }: PostgresOptions): Store {
  let opening: Promise<Database> | undefined;
  const notices = createPostgresNotices({ url, log, tell: (changed) => listeners.tell(changed) });
  const listeners = createListeners({ onFirst: notices.start, onLast: notices.stop });

  return {
    kind: 'postgres',
    exists: () => true,

    async open() {
      await again(connection);
    },

    read: (query) =>
      again(async () => {
        const db = await connection();
        const begin = db.startTransaction().setIsolationLevel('repeatable read').setAccessMode('read only');
        return runQuery(await begin.execute(), 'postgres', clockOf, query);
      }),

    write: (scope, change) =>
      again(async () => {
        const db = await connection();
        return writeOnce(db, scope, change);
      }, scope),

    onChange: listeners.add,

    async backup() {
      throw new UserError(
        'bad_input',
        'The store is a PostgreSQL database: use pg_dump, or "octant export PATH" for a file that any store can read.',
      );
    },

    async close() {
      await notices.stop();
      const open = await opening?.catch(() => undefined);
      opening = undefined;
      await open?.destroy();
    },
  };

  function connection() {
    opening ??= connect(url, log, migrations).catch((error) => {
      opening = undefined;
      throw error;
    });
    return opening;
  }

  /** A server that restarts, a connection that breaks and a deadlock pass; what is wrong with the change does not. */
  async function again<Result>(attempt: () => Promise<Result>, scope = ''): Promise<Result> {
    const deadline = performance.now() + retryDeadlineMs;
    for (let pauseMs = 20; ; pauseMs = Math.min(pauseMs * 2, 1000)) {
      try {
        return await attempt();
      } catch (error) {
        if (error instanceof UnknownOutcome && (await wasCommitted(error, scope))) return error.result;
        if (!isRetryable(error) || performance.now() + pauseMs > deadline) throw report(error);
      }
      await delay(pauseMs * (0.5 + Math.random() / 2));
    }
  }

  /**
   * Asks the events whether a change whose commit broke off has happened, as soon as the server can be asked. Waits for
   * its turn: as long as the old connection holds the scope's lock on the server, it may still commit.
   */
  async function wasCommitted<Result>({ changeId }: UnknownOutcome<Result>, scope: string): Promise<boolean> {
    const find = async (db: Database) => {
      await takeTurn(db, scope);
      return db.selectFrom('events').select('seq').where('change_id', '=', changeId).limit(1).executeTakeFirst();
    };
    try {
      return (await again(async () => (await connection()).transaction().execute(find))) !== undefined;
    } catch (error) {
      throw unknownOutcome(error);
    }
  }

  function report(error: unknown): unknown {
    const reported = fromPostgres(error);
    if (reported instanceof UserError && reported !== error) log.error({ err: error }, 'the store failed');
    return reported;
  }
}

/** Each statement sees what was committed before it; the scope's lock makes sure that nothing is in the meantime. */
async function writeOnce<Result>(
  db: Database,
  scope: string,
  change: (write: Write) => Promise<Result>,
): Promise<Result> {
  const transaction = await db.startTransaction().setIsolationLevel('read committed').execute();
  const changed = new Map<string, EntityName>();
  return runChange(
    transaction,
    'postgres',
    (inside) => takeTurn(inside, scope),
    async (write) => {
      const result = await change({
        ...write,
        async append(event) {
          await write.append(event);
          changed.set(`${event.projectId} ${event.entity} ${event.entityId}`, event);
        },
      });
      await announce(transaction, [...changed.values()]);
      return result;
    },
  );
}

/** Waits for the scope's lock, which the end of the transaction releases, and tells the server's time. */
async function takeTurn(db: Database, scope: string): Promise<number> {
  const { rows } = await sql<{ now: number }>`
    select pg_advisory_xact_lock(hashtextextended(${scope}, 0)),
           (extract(epoch from clock_timestamp()) * 1000)::bigint as now`.execute(db);
  return rows[0]?.now ?? Date.now();
}

async function clockOf(db: Database): Promise<number> {
  const { rows } = await sql<{ now: number }>`
    select (extract(epoch from clock_timestamp()) * 1000)::bigint as now`.execute(db);
  return rows[0]?.now ?? Date.now();
}

async function connect(url: string, log: Log, migrations: readonly Migration[] | undefined) {
  const { default: pg } = await import('pg');
  const pool = new pg.Pool({
    connectionString: url,
    max: poolSize,
    connectionTimeoutMillis: 5000,
    options: session,
    keepAlive: true,
    allowExitOnIdle: true,
    types: { getTypeParser: (type, format) => (type === int8 ? Number : pg.types.getTypeParser(type, format)) },
  });
  // A server that ends a connection would otherwise end this process, whether the connection is in use or not.
  const onError = (error: Error) => log.warn({ err: error }, 'a connection to the store broke');
  pool.on('error', onError);
  pool.on('connect', (client) => client.on('error', onError));
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
  try {
    await migrate(db, 'postgres', (run) => exclusively(db, run), migrations);
  } catch (error) {
    await db.destroy();
    throw error;
  }
  return db;
}

/** 64-bit integers come as text, since not all fit a number; ours are counters and milliseconds, which do. */
const int8 = 20;

function exclusively(db: Database, run: (db: Database) => Promise<void>): Promise<void> {
  return db.transaction().execute(async (transaction) => {
    await takeTurn(transaction, migrationScope);
    await run(transaction);
  });
}
