import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { rows } from '../../src/store/dump-rows.ts';
import { openSqlite } from '../helpers/stores.ts';
import { tempProject } from '../helpers/temp-project.ts';

/** What an import makes anew, or what is of one database alone. */
const derived = /^(schema_versions|ticket_terms|ticket_links|(ticket|chat)_text(_\w+)?|sqlite_\w+)$/;
const ownColumns = new Set(['tickets.row_id', 'chat_messages.row_id', 'events.seq', 'prompts.head']);

describe('An export', () => {
  it('has every table and column that is not made anew', async () => {
    const path = join(tempProject(), 'octant.db');
    const store = openSqlite(path);
    await store.open();
    await store.close();
    const database = new DatabaseSync(path);
    const tables = database.prepare("select name from sqlite_master where type = 'table'").all();
    const kept = tables.map(({ name }) => String(name)).filter((name) => !derived.test(name));
    expect(kept.sort()).toEqual(Object.keys(rows).sort());
    for (const [table, { shape }] of Object.entries(rows)) {
      const columns = database.prepare(`pragma table_info(${table})`).all();
      const names = columns.map(({ name }) => String(name)).filter((name) => !ownColumns.has(`${table}.${name}`));
      expect([table, Object.keys(shape).sort()]).toEqual([table, names.sort()]);
    }
    database.close();
  });
});
