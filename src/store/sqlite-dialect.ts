import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import { isBusy } from './sqlite-errors.ts';

const maxStatements = 300;
const busyDeadlineMs = 10_000;

/**
 * Kysely over Node's own SQLite. Queries run synchronously; Kysely lets one caller at a time have the connection.
 *
 * @param begin `begin immediate` takes the write lock at once, so that what a transaction reads cannot become stale
 */
export function createSqliteDialect(database: DatabaseSync, begin: 'begin' | 'begin immediate'): Dialect {
  return {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => createDriver(database, begin),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
}

function createDriver(database: DatabaseSync, begin: string): Driver {
  const connection = createConnection(database);
  const [beginning, commit] = [database.prepare(begin), database.prepare('commit')];
  return {
    async init() {},
    acquireConnection: async () => connection,
    async beginTransaction() {
      await whileBusy(() => beginning.run());
    },
    async commitTransaction() {
      commit.run();
    },
    async rollbackTransaction() {
      if (database.isTransaction) database.exec('rollback'); // a full disk has rolled back already
    },
    async releaseConnection() {},
    async destroy() {
      database.close();
    },
  };
}

interface Prepared {
  statement: StatementSync;
  givesRows: boolean;
}

function createConnection(database: DatabaseSync): DatabaseConnection {
  const statements = new Map<string, Prepared>();

  return {
    async executeQuery<Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
      const { statement, givesRows } = prepare(sql);
      const values = parameters.map(toSqlite);
      if (givesRows) return { rows: rowsOf<Row>(statement.all(...values)) };
      return { rows: [], numAffectedRows: BigInt(statement.run(...values).changes) };
    },
    async *streamQuery<Row>({ sql, parameters }: CompiledQuery): AsyncGenerator<QueryResult<Row>> {
      const statement = database.prepare(sql); // its own: a cached one may be in use again before the stream has ended
      for (const row of statement.iterate(...parameters.map(toSqlite))) yield { rows: rowsOf<Row>([row]) };
    },
  };

  function prepare(sql: string): Prepared {
    const known = statements.get(sql);
    if (known) return known;
    if (statements.size >= maxStatements) statements.clear();
    const statement = database.prepare(sql);
    const prepared = { statement, givesRows: statement.columns().length > 0 };
    statements.set(sql, prepared);
    return prepared;
  }
}

/** Kysely knows the type of a row from the query that it compiled; SQLite only that it is one. */
function rowsOf<Row>(rows: unknown[]): Row[];
function rowsOf(rows: unknown[]) {
  return rows;
}

function toSqlite(value: unknown): string | number | bigint | null | Uint8Array {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint')
    return value;
  if (value instanceof Uint8Array) return value;
  throw new TypeError(`SQLite takes no ${typeof value}`);
}

/**
 * Tries again while another process holds the lock. SQLite's own busy timeout would hold up the whole event loop, so
 * that one is short and the rest of the waiting is done here.
 */
async function whileBusy(action: () => unknown): Promise<void> {
  const deadline = performance.now() + busyDeadlineMs;
  for (;;) {
    try {
      action();
      return;
    } catch (error) {
      if (!isBusy(error) || performance.now() > deadline) throw error;
      await delay(1 + Math.random() * 9);
    }
  }
}
