import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Store } from '../../src/store/store.ts';
import { createTickets, type Tickets } from '../../src/tickets/tickets.ts';
import { type Backend, backends } from '../helpers/stores.ts';
import { makeTempFolder, removeFolder } from '../helpers/temp-project.ts';
import { percentile, report } from '../hostile/observe.ts';
import { type Audit, audit } from './audit.ts';
import { type Fleet, startFleet } from './fleet.ts';

/** Eight processes, as eight agents of a team, that share out tickets among themselves. */
const processes = 8;
const shared = 200;
const me = { source: 'human', connection: 'test' };
/** Long enough that a busy machine does not let it run out, where a test is not about that. */
const longMinutes = 10;
const shortMs = 1500;
const shortMinutes = shortMs / 60_000;

describe.each(backends)('Eight processes on $name', ({ name, isThere, create }) => {
  describe.skipIf(!isThere)('', () => {
    let folder: string;
    let backend: Backend;
    let store: Store;
    let tickets: Tickets;
    let fleet: Fleet;
    const started: Fleet[] = [];

    beforeAll(async () => {
      folder = makeTempFolder();
      backend = await create();
      store = backend.open();
      tickets = createTickets(store);
      fleet = await another(processes);
    });
    afterAll(async () => {
      for (const each of started) await each.stop();
      await store?.close();
      await backend?.remove();
      removeFolder(folder);
    });

    async function another(size: number, skewMs = 0): Promise<Fleet> {
      const fleet = await startFleet(size, { flags: backend.flags, folder, skewMs });
      started.push(fleet);
      return fleet;
    }

    const project = () => ({ id: 'shared', name: 'shared', folder });

    async function add(label: string, count = 1): Promise<number> {
      const wanted = Array.from({ length: count }, (_, index) => ({
        change: { title: `${label} ${index}`, labels: [label] },
      }));
      const [first] = await tickets.create(project(), wanted, me);
      return first?.number ?? 0;
    }

    it(`share out ${shared} tickets, each of them once`, async () => {
      const first = await add('shared', shared);
      const start = performance.now();
      const outcomes = await fleet.run({ job: 'claim', minutes: longMinutes, most: shared, label: 'shared' });
      const seconds = (performance.now() - start) / 1000;
      const ms = outcomes.flatMap((outcome) => outcome.ms);
      const shares = outcomes.map(({ acks }) => acks.length);
      report(
        `${name}: ${shared} tickets claimed by ${processes} processes in ${seconds.toFixed(2)} s, ${Math.round(shared / seconds)}/s, ` +
          `p50 ${Math.round(percentile(ms, 0.5))} ms, p99 ${Math.round(percentile(ms, 0.99))} ms; shares ${shares.join(' ')}`,
      );
      const claimed = outcomes.flatMap(({ acks }) => acks.map(({ number }) => number));
      expect(claimed.length).toBe(shared);
      expect(new Set(claimed).size).toBe(shared);
      expect(shares.filter((share) => share > 0).length).toBeGreaterThan(1);
      for (const { reason } of outcomes) expect(reason).toMatch(/^No ticket is ready/);
      const { faults, events } = await audit(store);
      expect(faults).toEqual([]);
      const claims = events.filter(({ action, entity_id }) => action === 'claimed' && Number(entity_id) >= first);
      expect(claims.length).toBe(shared);
    });

    it('never work on more tickets of a queue than its limit says', async () => {
      const [limit, count] = [3, 80];
      await tickets.setQueue(project(), { label: 'queue', parallel: limit, attempts: 3, isPaused: false }, me);
      const first = await add('queue', count);
      const outcomes = await fleet.run({ job: 'work', label: 'queue' });
      const found = await audit(store);
      const running = runningAtOnce(found, 'queue');
      const waits = outcomes.reduce((sum, { conflicts }) => sum + conflicts, 0);
      report(
        `${name}: ${count} tickets of a queue: at most ${Math.max(...running)} of ${limit} at once, ${waits} times full`,
      );
      expect(found.faults).toEqual([]);
      expect(Math.max(...running)).toBe(limit);
      expect(running.at(-1)).toBe(0);
      const done = [...found.documents].filter(([number, { status }]) => number >= first && status === 'done');
      expect(done.length).toBe(count);
    });

    it('get what a process that was killed had claimed, when its lease is over and not before', async () => {
      const number = await add('killed');
      const victim = await another(1);
      const [taken] = await victim.run({ job: 'claim named', number, minutes: shortMinutes });
      const since = performance.now();
      await victim.kill(0);
      const refusals = await claimUntilGiven(fleet, number);
      const passed = performance.now() - since;
      report(`${name}: a lease of ${shortMs} ms, passed on ${Math.round(passed)} ms after its holder was killed`);
      expect(taken?.acks.length).toBe(1);
      expect(refusals[0]).toMatch(/is claimed by agent:p0 until/);
      expect(passed).toBeGreaterThan(shortMs - 100);
      expect(passed).toBeLessThan(shortMs + 2000);
      expect((await tickets.get(project().id, number, { history: 0 })).ticket.claimNumber).toBe(2);
    });

    it('count attempts, and set aside what failed too often, once', async () => {
      await tickets.setQueue(project(), { label: 'flaky', parallel: processes, attempts: 2, isPaused: false }, me);
      const number = await add('flaky');
      const claimed: number[] = [];
      for (let round = 0; round < 3; round++) {
        const outcomes = await fleet.run({ job: 'claim', minutes: shortMinutes, most: 1, label: 'flaky' });
        claimed.push(outcomes.flatMap(({ acks }) => acks).length);
        await delay(shortMs + 100);
      }
      expect(claimed).toEqual([1, 1, 0]);
      const { faults, events, documents } = await audit(store);
      expect(faults).toEqual([]);
      const actions = events.filter(({ entity_id }) => entity_id === String(number)).map(({ action }) => action);
      expect(actions).toEqual(['created', 'claimed', 'claimed', 'failed']);
      expect(documents.get(number)).toMatchObject({ status: 'blocked', attempts: 2 });
    });

    it('keep a claim while its holder makes calls, and not much longer', async () => {
      const number = await add('alive');
      await fleet.runOne(0, { job: 'claim named', number, minutes: shortMinutes });
      const alive = fleet.runOne(0, { job: 'stay alive', ms: 3 * shortMs });
      const until = performance.now() + 3 * shortMs;
      while (performance.now() < until) {
        const { reason } = await fleet.runOne(1, { job: 'claim named', number, minutes: shortMinutes });
        expect(reason).toMatch(/is claimed by agent:p0/);
        await delay(100);
      }
      await alive;
      const since = performance.now();
      await claimUntilGiven(fleet, number);
      expect(performance.now() - since).toBeLessThan(shortMs + 2000);
    });

    /** SQLite has the clock of its one machine. */
    describe.skipIf(name === 'SQLite')('with clocks that are 10 minutes off', () => {
      it.each([10, -10])('cannot steal a lease, nor give one that is longer or shorter: %i min', async (skew) => {
        const skewed = await another(1, skew * 60_000);
        const [theirs, own] = [await add(`skew${skew}`), await add(`own${skew}`)];
        const minutes = 5;

        await fleet.runOne(0, { job: 'claim named', number: theirs, minutes });
        const named = await skewed.runOne(0, { job: 'claim named', number: theirs, minutes });
        expect(named.reason).toMatch(/is claimed by agent:p0/);
        const next = await skewed.runOne(0, { job: 'claim', most: 1, minutes, label: `skew${skew}` });
        expect(next.reason).toMatch(/^No ticket is ready/);

        const given = await skewed.runOne(0, { job: 'claim named', number: own, minutes });
        const lasts = (given.acks[0]?.claimExpiresAt ?? 0) - Date.now();
        expect(Math.abs(lasts - minutes * 60_000)).toBeLessThan(10_000);
        const stolen = await fleet.runOne(0, { job: 'claim named', number: own, minutes });
        expect(stolen.reason).toMatch(/is claimed by agent:p0skewed/);
        report(`${name}: clock ${skew} min off: a lease of ${minutes} min lasts ${Math.round(lasts / 1000)} s`);
      });

      it.each([10, -10])('keep a claim alive all the same: %i min', async (skew) => {
        const skewed = await another(1, skew * 60_000);
        const number = await add(`alive${skew}`);
        await skewed.runOne(0, { job: 'claim named', number, minutes: shortMinutes });
        await skewed.runOne(0, { job: 'stay alive', ms: 2 * shortMs });
        const { reason } = await fleet.runOne(0, { job: 'claim named', number, minutes: shortMinutes });
        expect(reason).toMatch(/is claimed by agent:p0skewed/);
      });
    });
  });
});

/** Asks the second process of the fleet until it is given the ticket; the refusals until then. */
async function claimUntilGiven(fleet: Fleet, number: number): Promise<string[]> {
  const refusals: string[] = [];
  const until = performance.now() + 20_000;
  while (performance.now() < until) {
    const { reason } = await fleet.runOne(1, { job: 'claim named', number, minutes: shortMinutes });
    if (reason === undefined) return refusals;
    refusals.push(reason);
    await delay(20);
  }
  throw new Error(`T-${number} was never given: ${refusals.at(-1)}`);
}

/** How many tickets with the label were claimed after each event, in the order in which they were committed. */
function runningAtOnce({ events, documents }: Audit, label: string): number[] {
  const claimed = new Set<string>();
  return events.map(({ entity, entity_id: id, action }) => {
    const isOurs = entity === 'ticket' && documents.get(Number(id))?.labels.includes(label);
    if (isOurs && action === 'claimed') claimed.add(id);
    else if (isOurs) claimed.delete(id);
    return claimed.size;
  });
}
