import { randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Log } from '../../src/log.ts';
import { findDamage } from '../../src/store/find-damage.ts';
import { createSqliteStore } from '../../src/store/sqlite.ts';
import { connect } from '../helpers/connect.ts';
import { silent } from '../helpers/stores.ts';
import { tempProject } from '../helpers/temp-project.ts';
import { percentile, report, startPinger } from '../hostile/observe.ts';
import { storeWithTickets } from '../store/served.ts';

const megabyte = 1024 * 1024;
const starts = 5;

describe('A reader that does not end', () => {
  it('holds up no change; the journal that grows for it is warned of, and shrinks when it has ended', async () => {
    const path = join(tempProject(), 'octant.db');
    const warnings: Array<{ message: string; fields: object }> = [];
    const log: Log = { ...silent, warn: (fields, message) => warnings.push({ fields, message }) };
    const store = createSqliteStore({ path, log, findDamage: async () => undefined });
    onTestFinished(() => store.close());
    await store.write('p', async ({ db }) => {
      const row = { id: 'p', name: 'p', folder: '/p', is_added: 0, removed_at: null, created_at: 0, next_ticket: 1 };
      await db.insertInto('projects').values(row).execute();
    });
    const reader = new DatabaseSync(path, { readOnly: true });
    reader.exec('begin');
    const readName = reader.prepare('select length(name) as length from projects');
    expect(readName.get()).toEqual({ length: 1 });

    const times: number[] = [];
    for (let index = 0; index < 420; index++) {
      const started = performance.now();
      await rename(randomBytes(megabyte / 2).toString('hex')); // SQLite writes no page that stays the same
      times.push(performance.now() - started);
    }
    const grown = statSync(`${path}-wal`).size;
    expect(grown).toBeGreaterThan(256 * megabyte);
    expect(warnings.map(({ message }) => message)).toContain('the journal of the store grows: a reader has not ended');
    expect(readName.get()).toEqual({ length: 1 });

    reader.exec('commit');
    reader.close();
    for (let index = 0; index < 3; index++) await rename(`after ${index}`);
    const shrunk = statSync(`${path}-wal`).size;
    expect(shrunk).toBeLessThanOrEqual(64 * megabyte);
    report(
      `a reader held open over ${times.length} changes of 1 MB: each ${percentile(times, 0.5).toFixed(0)} ms (most ` +
        `${Math.max(...times).toFixed(0)} ms), journal ${toMegabytes(grown)} MB, ${warnings.length} warnings; ` +
        `${toMegabytes(shrunk)} MB after it ended`,
    );

    function rename(name: string) {
      return store.write('p', async ({ db }) => {
        await db.updateTable('projects').set({ name }).execute();
      });
    }
  });
});

describe('The look for damage', () => {
  it('holds up neither the first answer nor those after it, however large the store', async () => {
    const [small, large] = [await storeWithTickets(), await storeWithTickets()];
    enlarge(large.path, 400);
    const checkStarted = performance.now();
    expect(findDamage({ path: large.path })).toBe(undefined);
    const checkMs = performance.now() - checkStarted;
    const firsts = { small: [] as number[], large: [] as number[] };
    const slowest: number[] = [];
    for (let index = 0; index < starts; index++) {
      firsts.small.push((await firstAnswer(small)).firstMs);
      const { firstMs, pingMs } = await firstAnswer(large);
      firsts.large.push(firstMs);
      slowest.push(Math.max(...pingMs));
    }
    // The least of each: what else the machine does comes on top, but a look in the way would come on top every time.
    const [smallMs, largeMs, pingMs] = [firsts.small, firsts.large, slowest].map((times) => Math.min(...times));
    expect((largeMs ?? 0) - (smallMs ?? 0)).toBeLessThan(checkMs * 0.75);
    expect(pingMs).toBeLessThan(checkMs * 0.75);
    report(
      `a store of ${toMegabytes(statSync(large.path).size)} MB is read for damage in ${checkMs.toFixed(0)} ms; first list_tickets ` +
        `${largeMs?.toFixed(0)} ms after start (a small store: ${smallMs?.toFixed(0)} ms), the slowest other answer ${pingMs?.toFixed(0)} ms`,
    );
  });

  it('is waited for by nobody', async () => {
    const path = join(tempProject(), 'octant.db');
    const store = createSqliteStore({ path, log: silent, findDamage: () => new Promise(() => {}) });
    onTestFinished(() => store.close());
    await store.open();
    expect(await store.write('p', async () => 'written')).toBe('written');
    expect(await store.read(async () => 'read')).toBe('read');
  });
});

/** From the start of a server to its first list of tickets, and how long other answers took while it looks. */
async function firstAnswer({ data, folder }: { data: string; folder: string }) {
  const started = performance.now();
  const client = await connect('v1', { args: ['--project', folder, '--data-dir', data] });
  const pinger = startPinger(client);
  expect(await client.callTool('list_tickets', {})).toMatchObject({ isError: false });
  const firstMs = performance.now() - started;
  await new Promise((resolve) => setTimeout(resolve, 300));
  const pingMs = await pinger.stop();
  await client.close();
  return { firstMs, pingMs };
}

/** By a history of so many megabytes. */
function enlarge(path: string, megabytes: number) {
  const database = new DatabaseSync(path);
  database.exec(`
    with recursive n (i) as (select 1 union all select i + 1 from n where i < ${megabytes * 100})
    insert into events (change_id, at, project_id, entity, entity_id, version, action, actor, before, after)
    select 'c' || i, 0, 'other', 'ticket', '1', i, 'updated', 'human', '{}', '{"overview":"' || hex(randomblob(5200)) || '"}' from n`);
  database.exec('pragma wal_checkpoint(truncate)');
  database.close();
}

function toMegabytes(bytes: number): string {
  return (bytes / megabyte).toFixed(0);
}
