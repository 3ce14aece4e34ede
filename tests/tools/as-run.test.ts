import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import * as z from 'zod';
import { UserError } from '../../src/errors.ts';
import { createRunner, type Runner } from '../../src/runs/runner.ts';
import { createRuns, type Runs } from '../../src/runs/runs.ts';
import type { Store } from '../../src/store/store.ts';
import { asRun, type LongCall, type LongWork } from '../../src/tools/as-run.ts';
import { type Backend, backends, silent } from '../helpers/stores.ts';

const project = { id: 'shop', name: 'Shop', folder: '/shop' };
const about = { tool: 'send_message', task: 'Hi', paths: [], asked: 'shop/small' };
const patienceMs = 45_000;
const output = z.object({ mode: z.enum(['model', 'offline']), status: z.string(), run_id: z.string().optional() });

describe.each(backends)('Long work on $name', ({ isThere, create }) => {
  describe.skipIf(!isThere)('', () => {
    let backend: Backend;
    let store: Store;
    let runs: Runs;

    beforeAll(async () => {
      backend = await create();
      store = backend.open();
      runs = createRuns(store);
    });
    afterAll(async () => {
      await store.close();
      await backend.remove();
    });

    function startRunner(over: Partial<Runs> = {}): Runner {
      const runner = createRunner({ runs: { ...runs, ...over }, log: silent });
      onTestFinished(() => runner.close());
      return runner;
    }

    const long = (doIt: (call: LongCall) => Promise<string>): LongWork<string, z.input<typeof output>> => ({
      ...{ project, about, output, do: doIt },
      show: (text) => ({ text, data: { mode: 'model', status: 'done' } }),
      showGoing: (run) => run,
    });

    /** A call whose caller waits no longer than `leftMs`. */
    function callOf(runner: Runner, leftMs: number) {
      const calledAt = performance.now() - patienceMs + leftMs;
      const caller = { source: 'agent:ann', connection: 'one', calledAt };
      return { runner, runs, caller, job: { signal: new AbortController().signal, budgetMs: 50_000 } };
    }

    const get = (id: string) => runs.get(id, ['shop']);

    it('is not given up where too many runs go on: it has cost something by then', async () => {
      const runner = startRunner();
      const request = {
        project,
        about: { ...about, by: 'agent:ann' },
        work: ({ signal }: { signal: AbortSignal }) => never(signal),
      };
      await Promise.all(Array.from({ length: 16 }, () => runner.start(request)));
      await expect(runner.start(request)).rejects.toThrow(UserError);
      const work = long(async () => delay(300, 'an answer'));
      const made = await asRun(work, callOf(runner, 100));
      expect(made.data.status).toBe('running');
      await expect
        .poll(() => get(made.data.run_id ?? ''))
        .toMatchObject({ status: 'done', document: { text: 'an answer' } });
    });

    it('is told as cancelled to its first caller too', async () => {
      const runner = startRunner();
      const begun = Promise.withResolvers<string>();
      const work = long(async ({ job, beginRun }) => {
        begun.resolve(await beginRun());
        return never(job.signal);
      });
      const made = asRun({ ...work, left: async () => 'C-1/3 is kept.' }, callOf(runner, 20_000));
      await runs.cancel(await get(await begun.promise), 'agent:bob');
      expect(await made).toMatchObject({ data: { run_id: await begun.promise, status: 'cancelled' } });
      expect((await get(await begun.promise)).document.notes).toEqual(['C-1/3 is kept.']);
    });

    it('notes how much of an answer has come, seldom, and keeps no step for long', async () => {
      const saved: Array<string | undefined> = [];
      const runner = startRunner({
        save: (run, document) => {
          saved.push(document.progress);
          return runs.save(run, document);
        },
      });
      const work = long(async ({ job, beginRun }) => {
        const id = await beginRun();
        for (let done = 1; done <= 10; done++) {
          job.onProgress?.({ done: done * 1200, message: 'x'.repeat(1200), isText: true });
          job.onProgress?.({ done: done * 1200 + 0.001, message: '' });
          await delay(120);
        }
        return id;
      });
      const made = await asRun(work, callOf(runner, 20_000));
      expect(made.data.status).toBe('done');
      expect(saved).toEqual(['1,200 characters so far']);
      const actions = async () => {
        const events = await store.read(({ db }) =>
          db.selectFrom('events').select('action').where('entity_id', '=', made.text).orderBy('seq').execute(),
        );
        return events.map(({ action }) => action);
      };
      expect(await actions()).toEqual(['began', 'step', 'done']);
      await store.write('shop', ({ db, now }) =>
        db
          .updateTable('events')
          .set({ at: now - 61_000 })
          .where('entity_id', '=', made.text)
          .execute(),
      );
      await asRun(
        long(async ({ beginRun }) => beginRun()),
        callOf(runner, 20_000),
      );
      expect(await actions()).toEqual(['began', 'done']);
    });

    it('has its end kept when the store is back', async () => {
      let refusals = 3;
      const runner = startRunner({
        end: async (...end) => {
          if (refusals-- > 0) throw new UserError('unavailable', 'The store cannot be reached.');
          return runs.end(...end);
        },
      });
      const work = long(async ({ beginRun }) => beginRun());
      const begun = performance.now();
      const made = await asRun(work, callOf(runner, 20_000));
      expect(performance.now() - begun).toBeLessThan(3000);
      expect(made.data.status).toBe('done');
      expect(await get(made.text)).toMatchObject({ status: 'running' });
      await expect.poll(() => get(made.text), { timeout: 15_000 }).toMatchObject({ status: 'done' });
    });
  });
});

async function never(signal: AbortSignal): Promise<never> {
  await delay(60_000, undefined, { signal });
  throw new Error('nobody ended it');
}
