import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Store } from '../../src/store/store.ts';
import { type Backend, backends } from '../helpers/stores.ts';
import { makeTempFolder, removeFolder } from '../helpers/temp-project.ts';
import { percentile, report } from '../hostile/observe.ts';
import { audit, checkAcks } from './audit.ts';
import { type Fleet, startFleet } from './fleet.ts';
import type { Outcome } from './orders.ts';

/** Several processes with one store open: nothing is lost, nothing is done twice, every history is complete. */
const processes = 4;
const changes = 300;
const creations = 500;

describe.each(backends)('Four processes on $name', ({ name, isThere, create }) => {
  describe.skipIf(!isThere)('', () => {
    let folder: string;
    let backend: Backend;
    let store: Store;
    let fleet: Fleet;

    beforeEach(async () => {
      folder = makeTempFolder();
      backend = await create();
      store = backend.open();
      fleet = await startFleet(processes, { flags: backend.flags, folder });
    });
    afterEach(async () => {
      await fleet?.stop();
      await store?.close();
      await backend?.remove();
      removeFolder(folder);
    });

    it(`make ${changes} changes each of one ticket`, async () => {
      await fleet.runOne(0, { job: 'create', count: 1 });
      const outcomes = await measured(`${name}: changes of one ticket`, () =>
        fleet.run({ job: 'change', count: changes }),
      );

      const found = await audit(store);
      expect(found.faults).toEqual([]);
      const acks = outcomes.flatMap((outcome) => outcome.acks);
      expect(checkAcks(found, acks)).toEqual([]);
      // One version for the creation, and one for each acknowledged change.
      expect(acks.map(({ version }) => version).sort(ascending)).toEqual(numbers(2, 1 + processes * changes));
      const document = found.documents.get(1);
      expect(document?.estimate).toBe((processes * changes) / 2);
      const comments = Object.values(document?.comments ?? {}).map(({ text }) => text);
      const commented = acks.map(({ mark }) => mark).filter((mark) => Number(mark.split('-')[1]) % 2 === 0);
      expect(comments.sort()).toEqual(commented.sort());
      expect(comments.length).toBe((processes * changes) / 2);
    });

    it(`create ${creations} tickets each`, async () => {
      const outcomes = await measured(`${name}: creations`, () => fleet.run({ job: 'create', count: creations }));

      const found = await audit(store);
      expect(found.faults).toEqual([]);
      const acks = outcomes.flatMap((outcome) => outcome.acks);
      expect(checkAcks(found, acks)).toEqual([]);
      expect(acks.length).toBe(processes * creations * 1.1);
      expect([...found.documents.keys()]).toEqual(numbers(1, processes * creations));
      // Each title has one number, the one that was acknowledged, and a repeated request got it again.
      const titles = [...found.documents].map(([number, { title }]) => `${title} is ${number}`);
      expect([...new Set(acks.map(({ mark, number }) => `${mark} is ${number}`))].sort()).toEqual(titles.sort());
    });
  });
});

async function measured(what: string, run: () => Promise<Outcome[]>): Promise<Outcome[]> {
  const start = performance.now();
  const outcomes = await run();
  const seconds = (performance.now() - start) / 1000;
  const ms = outcomes.flatMap((outcome) => outcome.ms);
  const conflicts = outcomes.reduce((sum, outcome) => sum + outcome.conflicts, 0);
  report(
    `${what}: ${ms.length} in ${seconds.toFixed(1)} s, ${Math.round(ms.length / seconds)}/s, p50 ${Math.round(percentile(ms, 0.5))} ms, ` +
      `p99 ${Math.round(percentile(ms, 0.99))} ms, max ${Math.round(percentile(ms, 1))} ms, ${conflicts} made again after a conflict`,
  );
  return outcomes;
}

function numbers(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

function ascending(a: number, b: number): number {
  return a - b;
}
