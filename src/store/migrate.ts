import { sql } from 'kysely';
import { unavailable } from './faults.ts';
import { type Migration, migrations } from './migrations.ts';
import type { Database, StoreKind } from './store.ts';

/**
 * Brings a database to the newest schema; nothing happens where it has it. Safe when several processes start at once:
 * they take turns, and the later ones find the work done.
 *
 * @param exclusively runs a function in one transaction that no other writer overlaps
 * @throws UserError `unavailable` for a schema that is newer than this program
 */
export async function migrate(
  db: Database,
  kind: StoreKind,
  exclusively: (run: (db: Database) => Promise<void>) => Promise<void>,
  list: readonly Migration[] = migrations,
): Promise<void> {
  if ((await versionOf(db, kind, list)) === list.length) return;
  await exclusively(async (transaction) => {
    await sql`create table if not exists schema_versions (version integer primary key, applied_at bigint not null)`.execute(
      transaction,
    );
    const version = await versionOf(transaction, kind, list);
    for (const [index, migration] of list.entries()) {
      if (index < version) continue;
      await migration(transaction, kind);
      const row = { version: index + 1, applied_at: Date.now() };
      await transaction.insertInto('schema_versions').values(row).execute();
    }
  });
}

async function versionOf(db: Database, kind: StoreKind, list: readonly Migration[]): Promise<number> {
  if (!(await hasVersions(db, kind))) return 0;
  const { version } = await db
    .selectFrom('schema_versions')
    .select(({ fn }) => fn.max('version').as('version'))
    .executeTakeFirstOrThrow();
  if (version === null || version <= list.length) return version ?? 0;
  throw unavailable(
    `The store was made by a newer Octant (schema ${version}, this one knows ${list.length}). Update Octant, or name another store.`,
  );
}

async function hasVersions(db: Database, kind: StoreKind): Promise<boolean> {
  const query =
    kind === 'sqlite'
      ? sql<{ found: number }>`select count(*) as found from sqlite_master where name = 'schema_versions'`
      : sql<{ found: number }>`select count(to_regclass('schema_versions')) as found`;
  return Number((await query.execute(db)).rows[0]?.found) > 0;
}
