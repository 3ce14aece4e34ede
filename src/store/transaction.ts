import type { ControlledTransaction } from 'kysely';
import type { Tables } from './schema.ts';
import type { Database, NewEvent, Read, StoreKind, Write } from './store.ts';
import { timeId } from './time-id.ts';

/** A transaction whose commit broke off: it may have happened or not. `result` is what its caller gets if it has. */
export class UnknownOutcome<Result> extends Error {
  override readonly name = 'UnknownOutcome';
  readonly changeId: string;
  readonly result: Result;

  constructor(changeId: string, result: Result, cause: unknown) {
    super('the commit broke off', { cause });
    this.changeId = changeId;
    this.result = result;
  }
}

/**
 * Runs a change inside a transaction that has begun, and commits it or takes it back.
 *
 * @param clock the time of the change, asked first and inside the transaction
 */
export async function runChange<Result>(
  transaction: ControlledTransaction<Tables>,
  kind: StoreKind,
  clock: (transaction: Database) => number | Promise<number>,
  change: (write: Write) => Promise<Result>,
): Promise<Result> {
  const changeId = timeId();
  let result: Result;
  try {
    const now = await clock(transaction);
    result = await change({
      db: transaction,
      kind,
      now,
      append: (event) => append(transaction, event, now, changeId),
    });
  } catch (error) {
    await rollBack(transaction);
    throw error;
  }
  try {
    await transaction.commit().execute();
  } catch (error) {
    await rollBack(transaction);
    throw new UnknownOutcome(changeId, result, error);
  }
  return result;
}

/** Runs queries in a transaction that has begun, and ends it. */
export async function runQuery<Result>(
  transaction: ControlledTransaction<Tables>,
  kind: StoreKind,
  clock: (transaction: Database) => number | Promise<number>,
  query: (read: Read) => Promise<Result>,
): Promise<Result> {
  try {
    return await query({ db: transaction, kind, now: await clock(transaction) });
  } finally {
    await rollBack(transaction);
  }
}

/** What cannot be taken back has a broken connection, and was taken back by the database. */
async function rollBack(transaction: ControlledTransaction<Tables>) {
  if (!transaction.isCommitted && !transaction.isRolledBack)
    await transaction
      .rollback()
      .execute()
      .catch(() => {});
}

async function append(db: Database, event: NewEvent, now: number, changeId: string) {
  await db
    .insertInto('events')
    .values({
      change_id: changeId,
      at: now,
      project_id: event.projectId,
      entity: event.entity,
      entity_id: event.entityId,
      version: event.version,
      action: event.action,
      actor: event.actor,
      request_id: event.request?.id ?? null,
      request_digest: event.request?.digest ?? null,
      before: event.before,
      after: event.after,
    })
    .execute();
}
