import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { type ClientKind, connect, type TestClient, type ToolResult } from '../helpers/connect.ts';
import { openSqlite } from '../helpers/stores.ts';
import { tempProject } from '../helpers/temp-project.ts';
import { percentile, report } from '../hostile/observe.ts';
import { audit } from './audit.ts';

/**
 * Four servers, as four clients start them, on one file. Each client works without a pause at a handful of tickets and
 * at new ones; what was acknowledged is looked up in the store afterwards. The client of a fifth only listens. `OCTANT_SOAK_SECONDS=60` makes it a minute.
 */
const seconds = Number(process.env.OCTANT_SOAK_SECONDS || 20);
const kinds: readonly ClientKind[] = ['v1', 'v2-2025', 'v2-2026', 'v1'];
const hotTickets = 12;
const callsAtOnce = 2;
const timeout = (seconds + 120) * 1000;

interface Ack {
  requestId: string;
  id: string;
  version: number;
  /** What the change must have brought into the ticket. */
  mark: string;
}

interface Tally {
  acks: Ack[];
  ms: number[];
  conflicts: number;
  repeats: number;
  /** Whatever is neither an acknowledgement nor a refusal that the caller must expect. */
  errors: string[];
}

it(`Four servers on one file lose nothing and do nothing twice for ${seconds} s, and tell each other`, {
  timeout,
}, async () => {
  const folder = tempProject({ 'a.ts': '' });
  const data = tempProject();
  const args = ['--project', folder, '--data-dir', data];
  const clients = await Promise.all(kinds.map((kind) => connect(kind, { args })));
  const listeners = [...clients, await connect('v2-2026', { args })];
  onTestFinished(async () => void (await Promise.all(listeners.map((client) => client.close()))));
  const [first] = clients;
  for (let number = 1; number <= hotTickets + listeners.length; number++) {
    await first?.callTool('create_ticket', { title: `Seed ${number}` });
  }

  const until = performance.now() + seconds * 1000;
  const started = performance.now();
  const workers = clients.flatMap((client, index) =>
    Array.from({ length: callsAtOnce }, (_, lane) => {
      const other = clients[(index + 1) % clients.length] ?? client;
      return work(`c${index}.${lane}`, client, other, until);
    }),
  );
  const watches = listeners.map((client, index) => {
    const poker = clients[(index + 1) % clients.length] ?? client;
    return measureNotices(client, poker, `T-${hotTickets + 1 + index}`, until);
  });
  const tallies = await Promise.all(workers);
  const delays = await Promise.all(watches);
  const took = (performance.now() - started) / 1000;

  const sum = <Item>(pick: (tally: Tally) => Item[]) => tallies.flatMap(pick);
  const [acks, ms, errors] = [sum((tally) => tally.acks), sum((tally) => tally.ms), sum((tally) => tally.errors)];
  const conflicts = tallies.reduce((total, tally) => total + tally.conflicts, 0);
  const repeats = tallies.reduce((total, tally) => total + tally.repeats, 0);
  report(
    `4 servers, ${Math.round(took)} s: ${acks.length} acknowledged changes, ${Math.round(acks.length / took)}/s, ` +
      `p50 ${Math.round(percentile(ms, 0.5))} ms, p99 ${Math.round(percentile(ms, 0.99))} ms, max ${Math.round(percentile(ms, 1))} ms; ` +
      `${repeats} repeated requests, ${conflicts} expected conflicts, ${errors.length} errors`,
  );
  const notices = { 'servers that work': delays.slice(0, -1).flat(), 'one that only listens': delays.at(-1) ?? [] };
  for (const [whom, ms] of Object.entries(notices)) {
    const [p50, max] = [percentile(ms, 0.5), percentile(ms, 1)].map(Math.round);
    report(`${ms.length} changes told to ${whom}: p50 ${p50} ms, max ${max} ms after the acknowledgement`);
    expect(max).toBeLessThan(1000);
    expect(ms.length).toBeGreaterThan(seconds / 2);
  }

  expect(errors).toEqual([]);
  const store = openSqlite(join(data, 'octant.db'));
  onTestFinished(() => store.close());
  const found = await audit(store);
  expect(found.faults).toEqual([]);
  expect(lost(acks, found.events)).toEqual([]);
  const made = [...found.documents.values()].map(({ title }) => title);
  expect(new Set(made).size).toBe(made.length);
  expect(acks.length).toBeGreaterThan(10 * seconds);
});

/** The acknowledgements that have not exactly one event, of that ticket, at that version, with that mark. */
function lost(acks: readonly Ack[], events: Awaited<ReturnType<typeof audit>>['events']): string[] {
  const byRequest = Map.groupBy(events, ({ request_id }) => request_id);
  return acks.flatMap(({ requestId, id, version, mark }) => {
    const [event, ...more] = byRequest.get(requestId) ?? [];
    const isThere = event && `T-${event.entity_id}` === id && event.version === version && event.after.includes(mark);
    return isThere && more.length === 0 ? [] : [`${requestId}: ${id} version ${version} ${mark}`];
  });
}

/** One call after the other; which one, and of which ticket, follows from its number. */
async function work(lane: string, client: TestClient, other: TestClient, until: number): Promise<Tally> {
  const tally: Tally = { acks: [], ms: [], conflicts: 0, repeats: 0, errors: [] };
  for (let step = 0; performance.now() < until; step++) {
    const mark = `${lane}-${step}`;
    const hot = (offset: number) => `T-${1 + ((step * 7 + offset * 5 + lane.charCodeAt(1)) % hotTickets)}`;
    const call = (tool: string, args: Record<string, unknown>, expected = '') =>
      change(tally, client, tool, { ...args, request_id: mark }, expected);
    switch (step % 10) {
      case 0:
        await call('create_ticket', { title: mark, labels: [lane], links: [`child ${hot(0)}`] }, mark);
        break;
      case 1:
      case 6:
        await call('update_ticket', { ticket: hot(1), comment: mark }, mark);
        break;
      case 2:
        await call('update_ticket', { ticket: hot(2), overview: mark, tasks: [{ title: mark }] }, mark);
        break;
      case 3:
        await call('update_ticket', { ticket: hot(3), link: [`${step % 20 < 10 ? 'blocks' : 'related'} ${hot(4)}`] });
        break;
      case 4:
        await call('update_ticket', { ticket: hot(5), undo: true });
        break;
      case 5:
        await claimAndFinish(tally, client, lane, mark);
        break;
      case 7: {
        const read = await client.callTool('get_ticket', { ticket: hot(6), history: 1 });
        const version = /version (\d+)/.exec(read.text)?.[1];
        await call('update_ticket', { ticket: hot(6), title: mark, if_version: Number(version) }, mark);
        break;
      }
      case 8:
        await repeat(tally, client, other, { ticket: hot(7), comment: mark, request_id: mark });
        break;
      case 9:
        await call('create_ticket', { title: mark }, mark);
        break;
    }
  }
  return tally;
}

async function change(
  tally: Tally,
  client: TestClient,
  tool: string,
  args: Record<string, unknown> & { request_id: string },
  mark: string,
): Promise<ToolResult | undefined> {
  const start = performance.now();
  const result = await client.callTool(tool, args).catch((error) => {
    tally.errors.push(`${tool} ${JSON.stringify(args)}: ${error}`);
  });
  tally.ms.push(performance.now() - start);
  if (!result) return undefined;
  if (result.isError) {
    if (isExpected(result.text)) tally.conflicts++;
    else tally.errors.push(`${tool} ${JSON.stringify(args)}: ${result.text}`);
    return undefined;
  }
  const { id, version } = changedTicket(result.data);
  if (id !== undefined) tally.acks.push({ requestId: args.request_id, id, version, mark });
  return result;
}

/** Another has changed it, deleted it by undoing its creation, or linked it the other way round. */
function isExpected(text: string): boolean {
  return /^conflict: /.test(text) || /^not_found: T-\d+ is deleted/.test(text) || /^limit: .* links/.test(text);
}

/** The answer of a claim holds the ticket inside, and none when nothing was ready. */
function changedTicket(data: ToolResult['data']): { id: string | undefined; version: number } {
  const ticket: unknown = data?.ticket ?? data;
  if (typeof ticket !== 'object' || ticket === null) return { id: undefined, version: 0 };
  const id = 'id' in ticket && typeof ticket.id === 'string' ? ticket.id : undefined;
  return { id, version: 'version' in ticket ? Number(ticket.version) : 0 };
}

async function claimAndFinish(tally: Tally, client: TestClient, label: string, mark: string) {
  const args = { label, minutes: 5, holder: mark, request_id: `${mark}.claim` };
  const claimed = await change(tally, client, 'claim_ticket', args, mark);
  const { id } = changedTicket(claimed?.data);
  if (id === undefined) return;
  await change(tally, client, 'update_ticket', { ticket: id, status: 'done', request_id: `${mark}.done` }, 'done');
}

/** The same request again, by way of another server. */
async function repeat(
  tally: Tally,
  client: TestClient,
  other: TestClient,
  args: { ticket: string; comment: string; request_id: string },
) {
  const before = tally.acks.length;
  const results = [
    await change(tally, client, 'update_ticket', args, args.comment),
    await change(tally, other, 'update_ticket', args, args.comment),
  ];
  const [one, two] = results.map((result) => JSON.stringify(result?.data));
  if (one === undefined) return;
  tally.repeats++;
  if (one !== two) tally.errors.push(`${args.request_id} gave ${one} and then ${two}`);
  tally.acks.splice(before + 1); // it is one change
}

/** How long after the acknowledgement of a change by another process a client hears of it, again and again. */
async function measureNotices(client: TestClient, poker: TestClient, id: string, until: number): Promise<number[]> {
  const delays: number[] = [];
  let heard = Promise.withResolvers<number>();
  await client.subscribe(`octant://tickets/${id}`, () => heard.resolve(performance.now()));
  while (performance.now() < until) {
    heard = Promise.withResolvers();
    const result = await poker.callTool('update_ticket', { ticket: id, comment: `poke ${delays.length}` });
    const changed = performance.now();
    if (result.isError) throw new Error(result.text);
    delays.push(Math.max(0, (await Promise.race([heard.promise, delay(5000, Number.POSITIVE_INFINITY)])) - changed));
    await delay(300 + Math.random() * 200);
  }
  return delays;
}
