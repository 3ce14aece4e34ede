import { writeSync } from 'node:fs';
import { sql } from 'kysely';
import { type Migration, migrations } from '../../src/store/migrations.ts';
import { createPostgresStore } from '../../src/store/postgres.ts';
import { openSqlite, silent } from '../helpers/stores.ts';
import '../helpers/keep-compiled.ts';

/** A schema of the future in three migrations. `reach` is called between all of their statements. */
export function futureMigrations(reach: (step: number) => void): readonly Migration[] {
  const statements = [
    ['create table extra (id integer primary key, title text)', 'insert into extra select number, title from tickets'],
    ['alter table tickets add column extra text', `update tickets set extra = 'for ' || title, version = version + 1`],
    ['create index tickets_extra on tickets (extra)', 'drop index tickets_by_due'],
  ];
  let step = 0;
  const later = statements.map(
    (texts): Migration =>
      async (db) => {
        for (const text of texts) {
          reach(step++);
          await sql.raw(text).execute(db);
        }
        reach(step++);
      },
  );
  return [...migrations, ...later];
}

export const futureSteps = 9;

/** A process of its own that migrates a store, and stands still at a step, to be killed there. */
if (import.meta.main) {
  const [, , place = '', wanted] = process.argv;
  const list = futureMigrations((step) => {
    if (step !== Number(wanted)) return;
    writeSync(1, 'reached\n');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  });
  const store = place.startsWith('postgres://')
    ? createPostgresStore({ url: place, log: silent, migrations: list })
    : openSqlite(place, { migrations: list });
  await store.open();
  await store.close();
}
