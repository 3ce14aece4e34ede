import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { sql } from 'kysely';
import { describe, expect, it, onTestFinished } from 'vitest';
import { migrations } from '../../src/store/migrations.ts';
import type { Store } from '../../src/store/store.ts';
import { createTickets } from '../../src/tickets/tickets.ts';
import { backends, openSqlite } from '../helpers/stores.ts';
import { tempProject } from '../helpers/temp-project.ts';
import { report } from '../hostile/observe.ts';
import { futureMigrations, futureSteps } from './migrator.ts';

const steps = Array.from({ length: futureSteps }, (_, step) => step);
const future = () => futureMigrations(() => {});

describe.each(backends)('A migration on $name that is killed with SIGKILL', ({ isThere, create }) => {
  it.skipIf(!isThere)(
    `at each of its ${futureSteps} steps leaves the old schema, and the next start completes`,
    async () => {
      const backend = await create();
      onTestFinished(() => backend.remove());
      await using(backend.open(), addTickets);
      const [flag, place = ''] = backend.flags;
      const before = await using(backend.open(), schemaOf);
      for (const step of steps) {
        await killAt(flag === '--data-dir' ? join(place, 'octant.db') : place, step);
        expect({ step, schema: await using(backend.open(), schemaOf) }).toEqual({ step, schema: before });
      }
      const startMs = performance.now();
      const after = await using(backend.open({ migrations: future() }), schemaOf);
      report(
        `a migration killed at ${futureSteps} steps; the next start took ${(performance.now() - startMs).toFixed(0)} ms`,
      );
      expect(after).toEqual({
        version: migrations.length + 3,
        hasExtra: true,
        titles: before.titles,
        versions: [2, 2, 2],
      });
    },
  );
});

describe('A new store whose making is killed with SIGKILL', () => {
  it('at each step has no file under its name, and the next start makes it', async () => {
    const folder = tempProject();
    const path = join(folder, 'octant.db');
    for (const step of steps) {
      await killAt(path, step);
      expect(existsSync(path)).toBe(false);
    }
    expect(readdirSync(folder).length).toBeGreaterThanOrEqual(futureSteps); // drafts, swept when they are an hour old
    expect(await using(openSqlite(path), schemaOf)).toEqual({
      ...{ version: migrations.length, hasExtra: false, titles: [], versions: [] },
    });
  });
});

async function killAt(place: string, step: number): Promise<void> {
  const args = ['--no-warnings', join(import.meta.dirname, 'migrator.ts'), place, String(step)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  child.stdout.once('data', () => child.kill('SIGKILL'));
  expect(await text(child.stdout)).toBe('reached\n');
  expect(await exited).toEqual([null, 'SIGKILL']);
}

async function addTickets(store: Store) {
  const project = { id: 'shop', name: 'shop', folder: '/shop' };
  const tickets = ['first', 'second', 'third'].map((title) => ({ change: { title } }));
  await createTickets(store).create(project, tickets, { source: 'human', connection: 'c' });
}

function schemaOf(store: Store) {
  return store.read(async ({ db }) => {
    const { version } = await db
      .selectFrom('schema_versions')
      .select(({ fn }) => fn.max('version').as('version'))
      .executeTakeFirstOrThrow();
    const tickets = await db.selectFrom('tickets').selectAll().orderBy('number').execute();
    const extra =
      store.kind === 'sqlite'
        ? sql<{ found: number }>`select count(*) as found from sqlite_master where name like '%extra%'`
        : sql<{ found: number }>`select count(*) as found from pg_class where relname like '%extra%'`;
    const { rows } = await extra.execute(db);
    return {
      version,
      hasExtra: Number(rows[0]?.found) > 0 || tickets.some((ticket) => 'extra' in ticket),
      titles: tickets.map(({ title }) => title),
      versions: tickets.map((ticket) => ticket.version),
    };
  });
}

async function using<Result>(store: Store, action: (store: Store) => Promise<Result>): Promise<Result> {
  try {
    return await action(store);
  } finally {
    await store.close();
  }
}
