import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createBreaker } from '../../src/providers/breaker.ts';
import { ProviderFailure } from '../../src/providers/failure.ts';
import { createGate } from '../../src/providers/gate.ts';
import { createGuard } from '../../src/providers/guard.ts';
import { createOpenAI } from '../../src/providers/openai.ts';
import type { StreamEvent } from '../../src/providers/provider.ts';
import { createRetryAllowance, retrying } from '../../src/providers/retry.ts';
import { abortedAfter } from '../helpers/model-server.ts';
import type { Reply } from '../helpers/model-server-program.ts';
import { sharedModelServer } from '../helpers/shared-server.ts';

const server = sharedModelServer();

const forever = new AbortController().signal;
const statuses = (...list: number[]): Reply[] => list.map((status) => ({ kind: 'http', status, body: '{}' }));
const answer: Reply = { kind: 'answer', pieces: ['one ', 'two'] };

/** A guard whose clock the test turns, and whose waits are as short as chance allows. */
function setUp({ isLocal = true, parallel = 4 } = {}) {
  const clock = { ms: 0 };
  const guard = createGuard({ provider: 'shop', isLocal, parallel, chance: { now: () => clock.ms, random: () => 0 } });
  const provider = createOpenAI({ baseUrl: `${server.url}/v1`, key: undefined });
  const ask = async ({ signal = forever, withinMs = 60_000, model = 'small', waitsForLoading = true } = {}) => {
    const request = { model, messages: [{ role: 'user' as const, text: 'Hello' }] };
    const events: StreamEvent[] = [];
    const limits = { signal, withinMs, waitsForLoading };
    for await (const event of guard.stream(model, (ended) => provider.stream(request, ended), limits)) {
      events.push(event);
    }
    return events;
  };
  const failing = (limits = {}) =>
    ask(limits).then(
      () => 'answered',
      (error) => (error instanceof ProviderFailure ? error.kind : String(error)),
    );
  return { ask, failing, guard, clock };
}

/** A try that fails before its first word. */
async function* failed(failure: ProviderFailure): AsyncGenerator<never, void> {
  yield* [];
  throw failure;
}

const requests = async () => (await server.journal()).length;

describe('What fails for a while', () => {
  it('is tried again, and counted once', async () => {
    await server.play({ chat: [...statuses(500, 503, 429), answer] });
    const { ask } = setUp();
    const events = await ask();
    expect(events.filter(({ type }) => type === 'text')).toHaveLength(2);
    expect(events.filter(({ type }) => type === 'end')).toEqual([
      { type: 'end', finish: 'stop', usage: { input: 7, output: 3 } },
    ]);
    expect(await requests()).toBe(4);
  });

  it('is given up after four tries', async () => {
    await server.play({ chat: statuses(529) });
    await expect(setUp({ isLocal: false }).ask()).rejects.toThrow('shop/small is overloaded or broken (status 529).');
    expect(await requests()).toBe(4);
  });

  it.each([400, 401, 402, 403, 404, 413, 422])('is not what a status %i says', async (status) => {
    await server.play({ chat: statuses(status) });
    await setUp().failing();
    expect(await requests()).toBe(1);
  });

  it('is not tried again once a word has come', async () => {
    await server.play({ chat: [{ kind: 'answer', pieces: ['one', 'two'], fault: { at: 1, act: 'cut' }, everyMs: 5 }] });
    expect(await setUp().failing()).toBe('cut');
    expect(await requests()).toBe(1);
  });

  it('is waited for longer each time, or as long as the provider asks', async () => {
    const waitsOf = async (retryAfterMs: number | undefined, leftMs: number) => {
      const waits: number[] = [];
      const stream = retrying(() => failed(new ProviderFailure('rate_limited', { retryAfterMs })), {
        ...{
          signal: forever,
          waitsForLoading: true,
          mayWait: (ms) => ms < leftMs,
          allowance: createRetryAllowance(),
          random: () => 0.999,
        },
        wait: async (ms) => void waits.push(Math.round(ms)),
      });
      await expect(stream.next()).rejects.toMatchObject({ kind: 'rate_limited', retryAfterMs });
      return waits;
    };
    expect(await waitsOf(undefined, 60_000)).toEqual([500, 999, 1998]);
    expect(await waitsOf(2000, 60_000)).toEqual([2000, 2000, 2000]);
    expect(await waitsOf(1e12, 60_000)).toEqual([]);
    expect(await waitsOf(2000, 1500)).toEqual([]); // the time of the call would be over
  });

  it('stops at once when its caller cancels the wait', async () => {
    await server.play({ chat: [{ kind: 'http', status: 429, headers: { 'retry-after': '20' }, body: '{}' }] });
    const caller = new AbortController();
    const failed = setUp().failing({ signal: caller.signal });
    await expect.poll(requests).toBe(1);
    await delay(50);
    const cancelled = performance.now();
    caller.abort(new Error('no longer wanted'));
    expect(await failed).toBe('Error: no longer wanted');
    expect(performance.now() - cancelled).toBeLessThan(250);
    expect(await requests()).toBe(1);
  });

  it('is tried again for some calls only, when many fail', async () => {
    await server.play({ chat: statuses(429) });
    const { failing } = setUp({ isLocal: false });
    for (let calls = 0; calls < 20; calls++) expect(await failing()).toBe('rate_limited');
    expect(await requests()).toBeLessThan(20 + 10 + 20 * 0.2 + 1);
  });
});

describe('A model that is being loaded', () => {
  const loading: Reply = {
    ...{ kind: 'http', status: 503 },
    body: '{"error":{"message":"Loading model","type":"unavailable_error","code":503}}',
  };

  it('is waited for as long as the call may take, and has not failed', async () => {
    await server.play({ chat: [loading, loading, loading, loading, answer] });
    const { failing, guard, clock } = setUp();
    expect(await failing()).toBe('answered');
    expect(await requests()).toBe(5); // more than a call that fails is tried

    await server.play({ chat: [loading] });
    clock.ms = 60_000;
    for (let calls = 0; calls < 5; calls++) expect(await failing({ withinMs: 900 })).toBe('loading');
    expect(guard.state().resting).toEqual([]);
  });

  it('is not waited for where there is another to ask', async () => {
    await server.play({ chat: [loading] });
    expect(await setUp().failing({ waitsForLoading: false })).toBe('loading');
    expect(await requests()).toBe(1);
  });

  it.each([
    [500, '{"error":{"message":"error loading model: secret words"}}'],
    [503, '{"error":{"message":"No models loaded. Please load a model."}}'],
  ])('is not what failed to load: %i %s', async (status, body) => {
    await server.play({ chat: [{ kind: 'http', status, body }] });
    expect(await setUp().failing()).toBe('overloaded');
  });
});

describe('A provider that fails', () => {
  it('is left alone, and found again by one call', async () => {
    const { failing, guard, clock } = setUp();
    await server.play({ chat: statuses(500) });
    await failing();
    const asked = await requests();
    expect(asked).toBe(3); // of four, since a local provider is left alone after three faults
    const begun = performance.now();
    for (let calls = 0; calls < 20; calls++) expect(await failing()).toBe('resting');
    expect((performance.now() - begun) / 20).toBeLessThan(20);
    expect(await requests()).toBe(asked);
    expect(guard.state().resting).toEqual([{ model: 'small', leftMs: 15_000 }]);
    expect(await failing({ model: 'other' })).toBe('overloaded'); // each model by itself

    clock.ms += 15_001;
    await server.play({ chat: [{ kind: 'answer', everyMs: 60 }] });
    const all = await Promise.all([failing(), failing(), failing()]);
    expect(all.sort()).toEqual(['answered', 'resting', 'resting']);
    expect(await Promise.all([failing(), failing()])).toEqual(['answered', 'answered']);
    expect(guard.state().resting).toEqual([]);
  });

  it('is left alone for longer each time, up to five minutes', () => {
    const clock = { ms: 0 };
    const breaker = createBreaker({ isLocal: true, now: () => clock.ms });
    const fail = () => breaker.enter().fail(new ProviderFailure('overloaded'));
    for (let calls = 0; calls < 3; calls++) fail();
    const rests = [breaker.restsMs()];
    for (let trials = 0; trials < 6; trials++) {
      clock.ms += breaker.restsMs();
      fail();
      rests.push(breaker.restsMs());
    }
    expect(rests).toEqual([15_000, 30_000, 60_000, 120_000, 240_000, 300_000, 300_000]);
  });

  it('may refuse, or lose its caller, without keeping the place of the one call', () => {
    const clock = { ms: 0 };
    const breaker = createBreaker({ isLocal: true, now: () => clock.ms });
    for (let calls = 0; calls < 3; calls++) breaker.enter().fail(new ProviderFailure('unreachable'));
    clock.ms += 15_000;
    breaker.enter().leave();
    const trial = breaker.enter();
    expect(() => breaker.enter()).toThrow('left alone');
    trial.fail(new ProviderFailure('refused'));
    breaker.enter().succeed(); // it works, whatever it thought of that request
    breaker.enter().succeed();
  });

  it('in the cloud is left alone when half of the last calls failed, five at least', () => {
    const outcomes = (...list: boolean[]) => {
      const breaker = createBreaker({ isLocal: false, now: () => 0 });
      for (const isFault of list) {
        const passage = breaker.enter();
        if (isFault) passage.fail(new ProviderFailure('timeout'));
        else passage.succeed();
      }
      return breaker.restsMs() > 0;
    };
    expect(outcomes(true, true, true, true)).toBe(false);
    expect(outcomes(true, true, true, true, true)).toBe(true);
    expect(outcomes(false, true, false, true, false, true, false, true, false, true)).toBe(true);
    expect(outcomes(false, false, false, false, false, false, true, true, true, true, true)).toBe(false);
  });

  it('that asks for a long wait is not asked before', async () => {
    await server.play({ chat: [{ kind: 'http', status: 429, headers: { 'retry-after': '90' }, body: '{}' }] });
    const { failing, guard, clock } = setUp();
    expect(await failing()).toBe('rate_limited');
    expect(await failing()).toBe('resting');
    expect([await requests(), guard.state().resting]).toEqual([1, [{ model: 'small', leftMs: 90_000 }]]);
    clock.ms += 90_001;
    await server.play({});
    expect(await failing()).toBe('answered');
  });

  it('is remembered with what went wrong last', async () => {
    await server.play({ chat: statuses(401) });
    const { failing, guard, clock } = setUp();
    await failing();
    clock.ms += 5000;
    expect(guard.state()).toEqual({
      running: 0,
      waiting: 0,
      resting: [],
      lastFailure: { model: 'small', kind: 'key', agoMs: 5000 },
    });
  });
});

describe('Calls at the same time', () => {
  it('are so many, others wait their turn, and no more than that', async () => {
    await server.play({ chat: [{ kind: 'answer', everyMs: 30 }] });
    const { failing, guard } = setUp();
    const calls = Array.from({ length: 40 }, () => failing());
    await expect.poll(() => guard.state().running).toBe(4);
    expect(guard.state().waiting).toBe(32);
    const results = await Promise.all(calls);
    expect(results.filter((each) => each === 'answered')).toHaveLength(36);
    expect(results.slice(36)).toEqual(['busy', 'busy', 'busy', 'busy']);
    expect(guard.state()).toMatchObject({ running: 0, waiting: 0 });
  });

  it('are as many as the operator allows', async () => {
    await server.play({ chat: [{ kind: 'answer', everyMs: 20 }] });
    const { failing, guard } = setUp({ parallel: 12 });
    const calls = Array.from({ length: 20 }, () => failing());
    await expect.poll(() => guard.state()).toMatchObject({ running: 12, waiting: 8 });
    expect(new Set(await Promise.all(calls))).toEqual(new Set(['answered']));
  });

  it('come in their order, and one that is cancelled loses its turn alone', async () => {
    const gate = createGate(1, 5);
    const order: string[] = [];
    const leave = await gate.enter(forever);
    const caller = new AbortController();
    const enter = async (name: string, signal: AbortSignal) => {
      const next = await gate.enter(signal);
      order.push(name);
      next();
    };
    const waiting = [
      enter('first', forever),
      enter('second', caller.signal).catch(() => order.push('cancelled')),
      enter('third', forever),
    ];
    caller.abort(new Error('no longer wanted'));
    leave();
    await Promise.all(waiting);
    expect(order).toEqual(['first', 'cancelled', 'third']);
    expect([gate.running(), gate.waiting()]).toEqual([0, 0]);
  });

  it('keep their turn when another is cancelled in the moment in which it is let in', async () => {
    const gate = createGate(1, 5);
    const leave = await gate.enter(forever);
    const caller = new AbortController();
    const [second, third] = [gate.enter(caller.signal), gate.enter(forever)];
    leave();
    caller.abort(new Error('too late'));
    (await second)();
    (await third)();
    expect([gate.running(), gate.waiting()]).toEqual([0, 0]);
  });

  it('of one provider do not hinder those of another', async () => {
    const [one, other] = [setUp(), setUp()];
    await server.play({ chat: [...statuses(500, 500, 500), answer] });
    await one.failing();
    expect([await one.failing(), await other.failing()]).toEqual(['resting', 'answered']);
  });
});

describe('The time of a call', () => {
  it.each([
    [{ kind: 'silent' }, 'timeout'],
    [{ kind: 'drip', everyMs: 20 }, 'timeout'],
    [{ kind: 'answer', pieces: Array(500).fill('word '), everyMs: 10 }, 'overdue'],
  ] as const)('ends it whatever the provider does: %j', async (reply, kind) => {
    await server.play({ chat: [reply] });
    const { failing, guard } = setUp();
    const begun = performance.now();
    expect(await failing({ withinMs: 200 })).toBe(kind);
    expect(performance.now() - begun).toBeLessThan(600);
    expect(await abortedAfter(server)).toBeLessThan(1000);
    expect(guard.state()).toMatchObject({ running: 0 });
  });

  it('can be ended by its caller at any moment, and no place or connection stays behind', async () => {
    await server.play({ chat: [{ kind: 'answer', pieces: Array(50).fill('word '), everyMs: 2 }] });
    const { failing, guard } = setUp();
    for (let moment = 0; moment < 20; moment++) {
      const caller = new AbortController();
      const call = failing({ signal: caller.signal });
      await delay(moment * 4);
      const cancelled = performance.now();
      caller.abort(new Error('no longer wanted'));
      expect(await call).toBe('Error: no longer wanted');
      expect(performance.now() - cancelled).toBeLessThan(250);
      expect(guard.state()).toMatchObject({ running: 0, waiting: 0, lastFailure: undefined });
    }
    await expect
      .poll(async () => (await server.journal()).every(({ abortedAfterMs }) => abortedAfterMs !== undefined))
      .toBe(true);
    const late = (await server.journal()).map(({ abortedAfterMs = 0 }) => abortedAfterMs);
    expect(Math.max(...late)).toBeLessThan(20 * 4 + 250);
    expect(await failing()).toBe('answered');
  });
});
