import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AskCall, Question } from '../../src/models/question.ts';
import type { Store } from '../../src/store/store.ts';
import { abortedAfter } from '../helpers/model-server.ts';
import { sharedModelServer } from '../helpers/shared-server.ts';
import { type Backend, backends } from '../helpers/stores.ts';
import { key, setUpAsker } from './set-up.ts';

const server = sharedModelServer();
beforeEach(() => server.play({}));

const secret = `ghp_${'aB3dE5gH7jK9mN1pQ3sT5vW7xZ9bC1dE3fG5'}`;
const project = { id: 'shop', name: 'shop', folder: '/projects/shop' };

function question(text = 'Say OK.', rest: Partial<Question> = {}): Question {
  return { model: 'shop/small', messages: [{ role: 'user', text }], files: [], ...rest };
}

function call(runId: string, rest: Partial<AskCall> = {}): AskCall {
  return { signal: new AbortController().signal, withinMs: 20_000, purpose: 'summarizer', project, runId, ...rest };
}

describe.each(backends)('A question, with its receipts in $name', ({ isThere, create }) => {
  describe.skipIf(!isThere)('', () => {
    let backend: Backend;
    let store: Store;
    beforeAll(async () => {
      backend = await create();
      store = backend.open();
    });
    afterAll(async () => {
      await store?.close();
      await backend?.remove();
    });

    it('is answered, and its receipt says what was sent and what it cost', async () => {
      const usage = { prompt_tokens: 20, completion_tokens: 5, cost: 0.00125 };
      await server.play({ chat: [{ kind: 'answer', pieces: ['It is ', 'fine.'], usage }] });
      const { asker, receipts } = setUpAsker(server, store);
      const files = [{ path: 'src/cart.ts', ranges: [{ from: 1, to: 9 }], hash: 'ab12' }];
      const asked = question(`Is ${secret} right?`, { files });
      expect(await asker.ask(asked, call('run-1', { actor: 'agent:tests' }))).toEqual({
        value: 'It is fine.',
        model: 'shop/small',
        usage: { input: 20, output: 5, cost: 0.00125 },
        cost: 0.00125,
        notes: [],
      });
      const kept = await receipts('run-1');
      expect(kept).toEqual([
        {
          ...{ id: expect.any(String), at: expect.any(Number), actor: 'agent:tests', purpose: 'summarizer' },
          ...{ asked: 'shop/small', model: 'shop/small', outcome: 'ok', failure: undefined, files },
          ...{ parts: { user: expect.any(Number) }, redactions: { github: 1 }, inputTokens: 20, outputTokens: 5 },
          ...{ isEstimate: false, retries: 0, ms: expect.any(Number), cost: 0.00125 },
        },
      ]);
      expect(JSON.stringify(kept)).not.toMatch(/aB3dE5gH7jK9|canary/);
    });

    it('costs what the list of its provider says, where an answer does not say it', async () => {
      const data = [{ id: 'small', pricing: { prompt: '0.000003', completion: '0.000015' } }];
      const lists = { '/v1/models': { data } };
      await server.play({ lists, chat: [{ kind: 'answer', usage: { prompt_tokens: 1000, completion_tokens: 200 } }] });
      const { asker } = setUpAsker(server, store);
      expect((await asker.ask(question(), call('run-2'))).cost).toBeCloseTo(0.006);
      await server.play({ lists, chat: [{ kind: 'answer', usage: null }] });
      const { cost, usage } = await asker.ask(question('x'.repeat(4000)), call('run-2'));
      expect(usage).toBeUndefined();
      expect(cost).toBeCloseTo(0.003, 3);
    });

    it('leaves a receipt when it fails, with the tries and without the words of the provider', async () => {
      const down = { kind: 'http', status: 503, body: `{"error":"${key}"}` } as const;
      await server.play({ chat: [down] });
      const { asker, receipts } = setUpAsker(server, store);
      await expect(asker.ask(question(), call('run-3'))).rejects.toMatchObject({ kind: 'overloaded' });
      expect(await receipts('run-3')).toMatchObject([
        { outcome: 'failed', failure: 'overloaded', retries: 2, inputTokens: 0, outputTokens: 0, cost: 0 },
      ]);
    });

    it('leaves a receipt of what had come when it breaks off, and none of it is an answer', async () => {
      const pieces = ['one two three ', 'four'];
      await server.play({ chat: [{ kind: 'answer', pieces, fault: { at: 1, act: 'cut' }, everyMs: 5 }] });
      const { asker, receipts } = setUpAsker(server, store);
      await expect(asker.ask(question(), call('run-4'))).rejects.toMatchObject({ kind: 'cut' });
      expect(await receipts('run-4')).toMatchObject([
        { outcome: 'failed', failure: 'cut', isEstimate: true, inputTokens: 6, outputTokens: 4, cost: undefined },
      ]);
    });

    it.each(['length', 'content_filter', 'strange'])('is not answered by what ended with "%s"', async (finish) => {
      await server.play({ chat: [{ kind: 'answer', pieces: ['The answer is'], finish }] });
      const { asker } = setUpAsker(server, store);
      await expect(asker.ask(question(), call('run-5'))).rejects.toMatchObject({ name: 'UnusableAnswer' });
    });

    it('is not answered by thoughts alone', async () => {
      await server.play({ chat: [{ kind: 'answer', reasoning: ['Let me see. '], pieces: ['\n'] }] });
      const { asker } = setUpAsker(server, store);
      await expect(asker.ask(question(), call('run-5b'))).rejects.toThrow(
        'shop/small ended without a word of an answer.',
      );
    });

    it('leaves a receipt when its caller cancels, and lets the provider go', async () => {
      await server.play({ chat: [{ kind: 'answer', pieces: ['one', 'two'], fault: { at: 1, act: 'stall' } }] });
      const { asker, receipts } = setUpAsker(server, store);
      const caller = new AbortController();
      const reason = new Error('the caller went away');
      const reading = (async () => {
        for await (const event of asker.stream(question(), call('run-6', { signal: caller.signal }))) {
          if (event.type === 'text') caller.abort(reason);
        }
      })();
      await expect(reading).rejects.toBe(reason);
      expect(await receipts('run-6')).toMatchObject([{ outcome: 'cancelled', failure: undefined, isEstimate: true }]);
      expect(await abortedAfter(server)).toBeLessThan(250);
    });

    it('leaves a receipt when its reader stops reading', async () => {
      await server.play({ chat: [{ kind: 'answer', pieces: ['one', 'two', 'three'], everyMs: 20 }] });
      const { asker, receipts } = setUpAsker(server, store);
      for await (const event of asker.stream(question(), call('run-7'))) if (event.type === 'text') break;
      expect(await receipts('run-7')).toMatchObject([{ outcome: 'cancelled', outputTokens: 1 }]);
    });

    it('has its receipt before anything is sent, so that it outlives a crash', async () => {
      await server.play({ chat: [{ kind: 'answer', pieces: ['one', 'two'], everyMs: 10 }] });
      const { asker, receipts } = setUpAsker(server, store);
      const stream = asker.stream(question(), call('run-8'));
      await stream.next();
      expect(await receipts('run-8')).toMatchObject([{ outcome: 'open', isEstimate: true, inputTokens: 6 }]);
      await stream.return();
    });

    it('of a tier has a receipt of the model that answered', async () => {
      await server.play({ chat: [{ kind: 'http', status: 401, body: '{}' }, { kind: 'answer' }] });
      const { asker, receipts } = setUpAsker(server, store, { tiers: ['low=shop/small', 'low=den/tiny'] });
      expect((await asker.ask(question('Hello', { model: 'low' }), call('run-9'))).model).toBe('den/tiny');
      expect(await receipts('run-9')).toMatchObject([{ asked: 'low', model: 'den/tiny', outcome: 'ok' }]);
      await expect(asker.ask(question('Hello', { model: 'high' }), call('run-9'))).rejects.toThrow(/no model has/i);
      expect(await receipts('run-9')).toHaveLength(1);
    });

    it('is not sent where its receipt cannot be written', async () => {
      const { asker } = setUpAsker(server, { ...store, write: () => Promise.reject(new Error('disk')) });
      await server.play({});
      await expect(asker.ask(question(), call('run-10'))).rejects.toThrow('disk');
      expect((await server.journal()).filter(({ method }) => method === 'POST')).toEqual([]);
    });
  });
});
