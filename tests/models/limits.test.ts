import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { createLedger } from '../../src/models/ledger.ts';
import { modelOrOffline } from '../../src/models/model-or-offline.ts';
import type { AskCall, Question } from '../../src/models/question.ts';
import type { Store } from '../../src/store/store.ts';
import { sharedModelServer } from '../helpers/shared-server.ts';
import { type Backend, backends, openSqlite } from '../helpers/stores.ts';
import { tempProject } from '../helpers/temp-project.ts';
import { setUpAsker } from './set-up.ts';

const server = sharedModelServer();

const usage = { prompt_tokens: 100, completion_tokens: 400 };
const prices = { data: [{ id: 'small', pricing: { prompt: '0.000001', completion: '0.000002' } }] };
const shop = { id: 'shop', name: 'shop', folder: '/projects/shop' };
const den = { id: 'den', name: 'den', folder: '/projects/den' };

function question(maxTokens = 500): Question {
  return { model: 'shop/small', messages: [{ role: 'user', text: 'x'.repeat(384) }], maxTokens, files: [] };
}

const asked = async () => (await server.journal()).filter(({ method }) => method === 'POST');

function call(rest: Partial<AskCall> = {}): AskCall {
  return { signal: new AbortController().signal, withinMs: 20_000, purpose: 'test', ...rest };
}

describe.each(backends)('Limits on $name', ({ isThere, create }) => {
  describe.skipIf(!isThere)('', () => {
    let backend: Backend;
    let store: Store;
    beforeAll(async () => {
      backend = await create();
      store = backend.open();
      await server.play({ chat: [{ kind: 'answer', usage }], lists: { '/v1/models': prices } });
    });
    afterAll(async () => {
      await store?.close();
      await backend?.remove();
    });

    it('of a project and day hold for it, and for no other', async () => {
      const { asker } = setUpAsker(server, store, { limits: ['project.tokens=1300'] });
      await asker.ask(question(), call({ project: shop }));
      await asker.ask(question(), call({ project: shop }));
      await expect(asker.ask(question(), call({ project: shop }))).rejects.toMatchObject({
        name: 'UserError',
        code: 'limit',
        message:
          'To ask a model could go beyond the limit of 1300 tokens for a project and day (UTC), of which 300 tokens are left.',
      });
      await asker.ask(question(), call({ project: den }));
    });

    it('of a day hold in three processes at once, and leave nothing held', async () => {
      const fresh = await create();
      const before = fresh.open();
      await before.open();
      const limit = 12_000;
      const outcomes = await Promise.all([1, 2, 3].map((seed) => spendIn(fresh, `day.tokens=${limit}`, seed)));
      const total = outcomes.reduce((sum, { spent }) => sum + spent, 0);
      expect(total).toBeLessThanOrEqual(limit);
      expect(total).toBeGreaterThan(limit - 2500);
      expect(Math.min(...outcomes.map(({ refused }) => refused))).toBeGreaterThan(0);
      expect(await createLedger(before, []).spentToday()).toMatchObject({ tokens: total, unpriced: 0 });
      await before.close();
      await fresh.remove();
    });
  });
});

async function spendIn({ flags }: Backend, limit: string, seed: number) {
  const place = flags[0] === '--store' ? flags[1] : join(flags[1] ?? '', 'octant.db');
  const args = [join(import.meta.dirname, 'spender.ts'), place ?? '', limit, String(seed)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const said = await text(child.stdout);
  return z.object({ spent: z.number(), refused: z.number() }).parse(JSON.parse(said));
}

describe('What a process that died had held', () => {
  it('is free again when its calls could not go on, and what it had sent stays counted', async () => {
    const folder = tempProject();
    let now = Date.UTC(2026, 0, 2, 12);
    const store = openSqlite(join(folder, 'octant.db'), { clock: () => now });
    const ledger = createLedger(store, [{ scope: 'day', kind: 'tokens', most: 2300 }]);
    const estimate = { inputTokens: 500, answerTokens: 1200, price: undefined };
    const opening = () =>
      ledger.open({
        ...{ asked: 'shop/small', purpose: 'test', actor: 'agent', runId: undefined, project: undefined },
        ...{ files: [], parts: {}, estimate, withinMs: 60_000 },
      });
    await opening();
    await expect(opening()).rejects.toMatchObject({ code: 'limit' });
    now += 60_000;
    await expect(opening()).rejects.toMatchObject({ code: 'limit' });
    now += 60_001;
    expect((await ledger.spentToday()).tokens).toBe(500);
    expect((await opening()).answerTokens).toBe(1200);
    now += 24 * 60 * 60_000;
    expect(await ledger.spentToday()).toEqual({ calls: 0, tokens: 0, cost: 0, unpriced: 0 });
    now += 91 * 24 * 60 * 60_000;
    await opening();
    expect(await store.read(({ db }) => db.selectFrom('receipts').select('id').execute())).toHaveLength(1);
    await store.close();
  });
});

describe('A limit', () => {
  function setUp(...limits: string[]) {
    const store = openSqlite(join(tempProject(), 'octant.db'));
    return setUpAsker(server, store, { limits });
  }

  it('of a call shortens its answer, or keeps it from being asked', async () => {
    await server.play({ chat: [{ kind: 'answer', usage }] });
    const { asker } = setUp('call.tokens=3000');
    await asker.ask(question(10_000), call());
    await asker.ask({ ...question(), maxTokens: 400 }, call());
    const sent = (await asked()).map(({ body }) => JSON.parse(body).max_tokens);
    expect(sent).toEqual([2900, 400]);
    await expect(
      asker.ask({ ...question(), messages: [{ role: 'user', text: 'x'.repeat(11_000) }] }, call()),
    ).rejects.toThrow('could go beyond the limit of 3000 tokens for one call of a model');
    expect(await asked()).toHaveLength(2);
  });

  it('of cost counts by the price of the list, and says where there is none', async () => {
    await server.play({ chat: [{ kind: 'answer', usage }], lists: { '/v1/models': prices } });
    const { asker, ledger } = setUp('day.cost=0.003');
    for (const _ of [1, 2]) expect((await asker.ask(question(), call())).cost).toBeCloseTo(0.0009);
    const third = await modelOrOffline(
      new AbortController().signal,
      () => asker.ask(question(1000), call()),
      () => 'offline',
    );
    expect(third).toEqual({
      value: 'offline',
      mode: 'offline',
      note: 'Made without a model: To ask a model could go beyond the limit of $0.003 for a day (UTC), of which $0.0012 are left.',
    });
    expect((await ledger.spentToday()).cost).toBeCloseTo(0.0018);

    await server.play({ chat: [{ kind: 'answer', usage }], lists: { '/v1/models': { data: [{ id: 'small' }] } } });
    const unpriced = setUp('day.cost=0.003');
    expect(await unpriced.asker.ask(question(), call())).toMatchObject({
      cost: undefined,
      notes: ['The price of shop/small is not known: limits of cost do not count this call.'],
    });
    expect(await unpriced.ledger.spentToday()).toMatchObject({ tokens: 500, cost: 0, unpriced: 1 });
  });

  it('of a run is shared by all that the run asks, at the same time too', async () => {
    await server.play({ chat: [{ kind: 'answer', usage, everyMs: 20 }] });
    const { asker } = setUp('run.tokens=1900');
    const budget = asker.budget({});
    const answers = await Promise.allSettled([1, 2, 3, 4].map(() => asker.ask(question(), call({ budget }))));
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
    expect(budget.spent()).toMatchObject({ tokens: 1500 });
    await expect(asker.ask(question(), call({ budget }))).rejects.toThrow('for one run, of which 400 tokens are left');
    await asker.ask(question(), call()); // a run of its own
  });

  it('of a run is the least that anybody has set', () => {
    const { asker } = setUp('run.tokens=1900', 'run.tokens=5000');
    const budget = asker.budget({ tokens: 3000 });
    expect(Math.min(...budget.rooms().map(({ left }) => left))).toBe(1900);
    budget.hold({ tokens: 700, cost: 0 })({ tokens: 600, cost: 0.1 });
    expect(Math.min(...budget.rooms().map(({ left }) => left))).toBe(1300);
    expect(budget.spent()).toEqual({ tokens: 600, cost: 0.1 });
  });
});
