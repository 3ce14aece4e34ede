import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createPostgresStore } from '../../src/store/postgres.ts';
import type { Changed, Store } from '../../src/store/store.ts';
import { createTickets } from '../../src/tickets/tickets.ts';
import { connect } from '../helpers/connect.ts';
import { query } from '../helpers/postgres.ts';
import { noServer, type PostgresServer, startPostgres } from '../helpers/postgres-server.ts';
import { startHttp } from '../helpers/program.ts';
import { silent } from '../helpers/stores.ts';
import { tempProject } from '../helpers/temp-project.ts';
import { percentile, report } from '../hostile/observe.ts';
import { compare, killWriter, readAcknowledged, startWriter, untilAnswered, type Writer } from './acknowledgements.ts';
import { startProxy } from './cutting-proxy.ts';

const names = ['ann', 'bob', 'cem', 'dot'];
const recoveryMs = 10_000;
const pauseMs = 5000;
/** What a writer is told when the server is away for longer than a change waits for it. */
const refusal = 'The database of the store cannot be reached. Try again in a moment.';
const author = { source: 'human', connection: 'tests' };

describe.skipIf(noServer !== '')(`A PostgreSQL server${noServer}`, () => {
  let server: PostgresServer;

  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server?.remove());

  it('that is restarted under four writers loses nothing, doubles nothing and ends nobody', async () => {
    const database = await tempDatabase();
    const folder = tempProject({ 'notes.txt': 'x' });
    const http = await startHttp(['--project', folder, '--store', database.url]);
    onTestFinished(async () => void (await http.stop()));
    const client = await connect('v2-2026', { url: http.url });
    const writers = await startWriters(database.url, folder);
    const recoveries: number[] = [];
    for (const mode of ['fast', 'immediate', 'immediate', 'fast', 'immediate'] as const) {
      await delay(500 + Math.random() * 500);
      await server.restart(mode);
      recoveries.push(await untilAllGoOn(writers));
      expect(await client.callTool('list_tickets', {})).toMatchObject({ isError: false });
      expect(await client.callTool('create_ticket', { title: `after ${mode}` })).toMatchObject({ isError: false });
    }
    await client.close();
    const { acknowledged, extra, refused } = await endAndCompare(writers, database.url);
    expect(http.process.exitCode).toBe(null);
    expect(Math.max(...recoveries)).toBeLessThan(recoveryMs);
    report(
      `PostgreSQL restarted ${recoveries.length} times: ${acknowledged} acknowledged, each there once, ${extra} more, ${refused} refused; ` +
        `all go on after ${percentile(recoveries, 0.5).toFixed(0)} ms (most ${Math.max(...recoveries).toFixed(0)} ms)`,
    );
  });

  it.each(['backends', 'postmaster'] as const)('whose %s stand still for 5 s lets everybody go on', async (which) => {
    const database = await tempDatabase();
    const writers = await startWriters(database.url, tempProject());
    const pids = await server.pids(which);
    for (const pid of pids) process.kill(pid, 'SIGSTOP');
    const newcomer = postgresStore(database.url);
    const opened = newcomer.open(); // can do so only afterwards
    await delay(pauseMs);
    for (const pid of pids) process.kill(pid, 'SIGCONT');
    const ms = await untilAllGoOn(writers);
    await opened;
    const { acknowledged } = await endAndCompare(writers, database.url);
    expect(ms).toBeLessThan(recoveryMs);
    report(
      `${pids.length} ${which} still for 5 s: ${acknowledged} acknowledged, each there once; all go on after ${ms.toFixed(0)} ms`,
    );
  });

  it.each([
    ['is lost before it arrives', 'before'],
    ['has no reply', 'after'],
    ['arrives when its sender has given up', 'late'],
  ] as const)('does a change once whose commit %s', async (_title, cut) => {
    const database = await tempDatabase();
    const proxy = await startProxy(database.url);
    onTestFinished(() => proxy.close());
    const tickets = createTickets(postgresStore(proxy.url));
    const project = { id: 'shop', name: 'shop', folder: '/shop' };
    await tickets.create(project, [{ change: { title: 'first' } }], author);
    for (let round = 0; round < 2; round++) {
      proxy.cutNext(cut);
      const [created] = await tickets.create(project, [{ change: { title: `cut ${round}` } }], author);
      expect(proxy.isCut()).toBe(true);
      expect(created?.document.title).toBe(`cut ${round}`);
    }
    await delay(cut === 'late' ? 2000 : 0); // for what may still be on its way
    const { rows } = await query('select number, title from tickets order by number', database.url);
    expect(rows).toEqual(['first', 'cut 0', 'cut 1'].map((title, index) => ({ number: index + 1, title })));
  });

  it('tells listeners again after a restart', async () => {
    const database = await tempDatabase();
    const [hearing, writing] = [postgresStore(database.url), postgresStore(database.url)];
    const heard: Changed[] = [];
    hearing.onChange((changed) => heard.push(changed));
    const addTicket = adderTo(writing);
    await untilHeard(heard, addTicket);
    await server.restart('immediate');
    const started = performance.now();
    await expect.poll(() => heard.includes('everything'), { timeout: recoveryMs }).toBe(true);
    heard.length = 0;
    await addTicket();
    await expect.poll(() => heard.length, { timeout: 1000 }).toBeGreaterThan(0);
    report(`notices arrive again ${(performance.now() - started).toFixed(0)} ms after a restart`);
  });

  it('has been listened to again when listeners are told that they may have missed something', async () => {
    const database = await tempDatabase();
    const proxy = await startProxy(database.url);
    onTestFinished(() => proxy.close());
    const [hearing, writing] = [postgresStore(proxy.url), postgresStore(database.url)];
    const addTicket = adderTo(writing);
    await addTicket();
    const heard: Changed[] = [];
    const again = Promise.withResolvers<void>();
    hearing.onChange((changed) => {
      heard.push(changed);
      if (changed === 'everything') again.resolve();
    });
    await untilHeard(heard, addTicket);
    proxy.slowDown(300); // what is asked of the server now takes its time
    proxy.breakAll();
    await again.promise;
    heard.length = 0;
    await addTicket();
    await expect.poll(() => heard.length, { timeout: 3000 }).toBeGreaterThan(0);
  });

  /** On the server of this file; left to it. */
  async function tempDatabase() {
    const name = `test_${process.hrtime.bigint()}`;
    await query(`create database ${name}`, server.url);
    return { url: server.url.replace(/postgres$/, name) };
  }

  async function startWriters(place: string, folder: string): Promise<Writer[]> {
    const logs = tempProject();
    const project = { id: 'shop', name: 'shop', folder };
    const writers = names.map((name) => startWriter({ place, name, project, log: join(logs, `${name}.log`) }));
    onTestFinished(() => {
      for (const { process: child } of writers) child.kill('SIGKILL');
    });
    await untilAnswered(writers, 5);
    return writers;
  }
});

/** Milliseconds until each writer has two more answers: the first may have been on its way. */
async function untilAllGoOn(writers: readonly Writer[]): Promise<number> {
  const started = performance.now();
  await Promise.all(
    writers.map(async (writer) => {
      const { numbers, failures } = readAcknowledged(writer);
      await untilAnswered([writer], numbers.size + failures.length + 2);
    }),
  );
  return performance.now() - started;
}

async function endAndCompare(writers: readonly Writer[], url: string) {
  for (const writer of writers) await killWriter(writer);
  const refused = writers.flatMap((writer) => readAcknowledged(writer).failures);
  expect(refused.filter((message) => message !== refusal)).toEqual([]);
  await delay(200); // a server ends the last change of a client that is gone
  const { rows } = await query('select number, title, document from tickets', url);
  const compared = compare(rows, writers);
  expect(compared.faults).toEqual([]);
  const titles = rows.map(({ title }) => String(title)).filter((title) => !title.startsWith('after'));
  expect(titles.length).toBe(new Set(titles).size);
  return { ...compared, refused: refused.length };
}

function postgresStore(url: string): Store {
  const store = createPostgresStore({ url, log: silent });
  onTestFinished(() => store.close());
  return store;
}

/** Listening begins some time after it was asked for. */
async function untilHeard(heard: readonly Changed[], addTicket: () => Promise<unknown>) {
  while (heard.length === 0) {
    await addTicket();
    await delay(50);
  }
}

function adderTo(store: Store) {
  const tickets = createTickets(store);
  return () => tickets.create({ id: 'shop', name: 'shop', folder: '/shop' }, [{ change: { title: 'one' } }], author);
}
