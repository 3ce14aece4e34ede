import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { connect } from '../helpers/connect.ts';
import { sharedModelServer, sharedServer } from '../helpers/shared-server.ts';
import { tempProject } from '../helpers/temp-project.ts';

const server = sharedModelServer();
beforeEach(() => server.play({}));

const key = 'sk-canary-5555566666';

async function serve(args: string[] = [], env: Record<string, string> = {}) {
  const client = await connect('v2-2026', {
    args: ['--project', tempProject(), '--data-dir', tempProject(), ...args],
    env,
  });
  onTestFinished(() => client.close());
  return client;
}

/** An OpenAI-compatible provider and an Ollama, both at the scripted server. */
const both = () => ({
  OCTANT_PROVIDERS: `shop=${server.url}/v1,ollama=ollama+${server.url},lmstudio=off`,
  SHOP_API_KEY: key,
});

const offline = sharedServer();

describe('list_models', () => {
  const checking = sharedServer(() => ({ flags: ['--models', 'high=shop/small'], env: both() }));

  it('lists providers, tiers and models with what is known of them', async () => {
    const data = [
      { id: 'maker/large', context_length: 200_000, pricing: { prompt: '0.000003', completion: '0.000015' } },
      { id: 'small' },
    ];
    await server.play({ lists: { '/v1/models': { data }, '/api/tags': { models: [{ name: 'tiny:latest' }] } } });
    const client = await serve(['--models', 'low=ollama/tiny', '--models', 'low=shop/small'], both());
    const { data: listed, text } = await client.callTool('list_models', {});
    expect(listed).toEqual({
      providers: [
        { provider: 'ollama', status: 'ok', models: 1 },
        { provider: 'shop', status: 'ok', models: 2 },
      ],
      tiers: { low: ['ollama/tiny', 'shop/small'] },
      models: [
        { model: 'ollama/tiny:latest' },
        { model: 'shop/maker/large', window: 200_000, price: { input: 3, output: 15 } },
        { model: 'shop/small' },
      ],
      total: 3,
    });
    expect(text.replace(/\d+ ms/g, 'N ms')).toBe(
      `ollama (local): ok, 1 model, listed in N ms
shop (local, has a key): ok, 2 models, listed in N ms
low: ollama/tiny, then shop/small
ollama/tiny:latest
shop/maker/large: window 200000, $3 in, $15 out
shop/small`,
    );
  });

  it('works without any provider, and says how to add one', async () => {
    const { data, text, isError } = await offline().callTool('list_models', {});
    expect([isError, data]).toEqual([false, { providers: [], tiers: {}, models: [], total: 0 }]);
    expect(text).toMatch(/^No provider is set up, .*OPENAI_API_KEY/);
  });

  it('tells what was spent today where limits are set, and asks nobody beyond them', async () => {
    const usage = { prompt_tokens: 40, completion_tokens: 10, cost: 0.25 };
    await server.play({ chat: [{ kind: 'answer', usage }] });
    const client = await serve(['--limits', 'day.cost=0.4', '--limits', 'call.tokens=5000'], both());
    const { data, text } = await client.callTool('list_models', { check: 'shop/small' });
    expect(data).toMatchObject({
      check: { answers: true },
      spending: { calls: 1, tokens: 50, cost: 0.25, unpriced: 0, limits: ['day.cost=0.4'] },
    });
    expect(text).toContain('Spent today (UTC): $0.25 and 50 tokens in 1 call; limits: day.cost=0.4');
    await client.callTool('list_models', { check: 'shop/small' });
    const { data: beyond, text: told } = await client.callTool('list_models', { check: 'shop/small' });
    expect(beyond).toMatchObject({ check: { answers: false }, spending: { calls: 2, cost: 0.5 } });
    expect(told).toContain(
      'limit: To ask a model could go beyond the limit of $0.4 for a day (UTC), of which $0 are left.',
    );
    const [health] = await client.readResource('octant://health');
    expect(health?.text).toContain('Spent today (UTC): $0.5 and 100 tokens in 2 calls; limits: day.cost=0.4');
    expect((await server.journal()).filter(({ path }) => path.endsWith('/completions'))).toHaveLength(2);
  });

  it('pages, and finds models by words and provider', async () => {
    const data = Array.from({ length: 400 }, (_, index) => ({
      id: `maker/model-${String(index).padStart(3, '0')}`,
      context_length: 131_072,
    }));
    await server.play({ lists: { '/v1/models': { data } } });
    const client = await serve([], both());
    const names: unknown[] = [];
    for (let cursor: unknown; ; ) {
      const { data: page, text } = await client.callTool('list_models', {
        limit: 200,
        provider: 'shop',
        ...(typeof cursor === 'string' && { cursor }),
      });
      expect(text.length).toBeLessThan(10_000);
      expect(JSON.stringify(page).length).toBeLessThan(10_000);
      if (Array.isArray(page?.models)) names.push(...page.models.map(({ model }) => model));
      cursor = page?.next_cursor;
      if (cursor === undefined) break;
    }
    expect(names).toEqual(data.map(({ id }) => `shop/${id}`));
    const { data: few } = await client.callTool('list_models', { query: 'MODEL 39 shop' });
    expect(few).toMatchObject({ total: 14 });
  });

  it('keeps lists for a while, asks again when told to, and shows the last when a provider fails', async () => {
    const client = await serve([], {
      OCTANT_PROVIDERS: `shop=${server.url}/v1,lmstudio=off,ollama=off`,
      SHOP_API_KEY: key,
    });
    await client.callTool('list_models', {});
    await client.callTool('list_models', {});
    expect(await server.journal()).toHaveLength(1);
    await server.play({ list: [{ kind: 'http', status: 401, body: `{"error":{"message":"bad key ${key}"}}` }] });
    const { data, text } = await client.callTool('list_models', { refresh: true });
    expect(data).toMatchObject({
      providers: [{ provider: 'shop', status: 'key', models: 1 }],
      models: [{ model: 'shop/small' }],
    });
    expect(text).toMatch(/^shop \(local, has a key\): key; 1 model when it last answered\n/);
    expect(text).not.toContain('canary');
  });

  it('checks whether a model answers, by its name or its tier', async () => {
    const client = checking();
    const checkOf = async (check: string) => (await client.callTool('list_models', { check })).data?.check;
    expect(await checkOf('high')).toEqual({
      model: 'shop/small',
      answers: true,
      first_word_ms: expect.any(Number),
      total_ms: expect.any(Number),
      tokens: { input: 7, output: 3 },
    });
    await server.play({ chat: [{ kind: 'http', status: 400, body: '{"error":{"message":"secret words"}}' }] });
    expect(await checkOf('shop/small')).toEqual({
      model: 'shop/small',
      answers: false,
      note: 'refused: shop/small refused the request (status 400).',
    });
    await server.play({ chat: [{ kind: 'answer', pieces: ['a', 'b'], fault: { at: 1, act: 'cut' } }] });
    expect(await checkOf('ollama/tiny')).toMatchObject({
      answers: false,
      note: 'cut: ollama/tiny broke off in the middle of the answer.',
    });
  });

  it('asks the next model of a tier when one does not begin to answer, and no other', async () => {
    const env = { OCTANT_PROVIDERS: `gone=http://127.0.0.1:9/v1,shop=${server.url}/v1,lmstudio=off,ollama=off` };
    const client = await serve(['--models', 'low=gone/x', '--models', 'low=shop/small'], env);
    expect((await client.callTool('list_models', { check: 'low' })).data?.check).toMatchObject({
      model: 'shop/small',
      answers: true,
    });
    expect((await client.callTool('list_models', { check: 'gone/x' })).data?.check).toMatchObject({
      answers: false,
      note: 'resting: gone/x failed too often, and is left alone for a while (unreachable).',
    });
  });

  it('names near ones for a model, a provider or a tier that is not there', async () => {
    const missing = { kind: 'http', status: 404, body: '{"error":{"code":"model_not_found"}}' } as const;
    await server.play({ chat: [missing] });
    const client = checking();
    const errorOf = async (check: string) => (await client.callTool('list_models', { check })).text;
    expect(await errorOf('shop/smal')).toBe(
      'not_found: shop has no model "smal". Nearest: shop/small. list_models lists them.',
    );
    expect(await errorOf('shpo/small')).toMatch(
      /^not_found: There is no model "shpo\/small"\. Write it as PROVIDER\/MODEL with one of: ollama, shop\./,
    );
    expect(await errorOf('planning')).toMatch(
      /^not_found: No model has the tier "planning"\. .*--models planning=PROVIDER\/MODEL/,
    );
  });

  it('stops at the provider when its caller cancels', async () => {
    await server.play({ chat: [{ kind: 'silent' }] });
    const client = checking();
    const caller = new AbortController();
    const call = client.callTool('list_models', { check: 'shop/small' }, { signal: caller.signal }).catch(() => {});
    const chats = async () => (await server.journal()).filter(({ path }) => path.endsWith('/completions'));
    await expect.poll(chats, { timeout: 10_000 }).toHaveLength(1); // the SDK is loaded first
    const cancelled = performance.now();
    caller.abort();
    await call;
    await expect.poll(async () => (await chats())[0]?.abortedAfterMs, { interval: 10 }).toBeDefined();
    expect(performance.now() - cancelled).toBeLessThan(250);
  });
});

describe('The resources', () => {
  it('octant://models and octant://health tell the same', async () => {
    const client = await serve(['--models', 'low=shop/small'], {
      ...both(),
      OCTANT_PROVIDERS: `shop=${server.url}/v1,gone=http://127.0.0.1:9/v1,lmstudio=off,ollama=off`,
    });
    const read = async (uri: string) => (await client.readResource(uri))[0]?.text?.replace(/\d+ ms/g, 'N ms');
    expect(await read('octant://models')).toBe('low: shop/small\nshop/small: window 8192');
    expect(await read('octant://health')).toBe(
      'shop (local, has a key): ok, 1 model, listed in N ms\ngone (local): unreachable',
    );
    const uris = (await client.listResources()).resources.map(({ uri }) => uri);
    expect(uris).toEqual(expect.arrayContaining(['octant://models', 'octant://health']));
  });

  it('octant://health tells of what failed last, and of what is left alone', async () => {
    await server.play({ chat: [{ kind: 'http', status: 500, body: '{}' }] });
    const client = await serve([], both());
    const { data } = await client.callTool('list_models', { check: 'shop/small' });
    expect(data?.check).toMatchObject({ note: 'overloaded: shop/small is overloaded or broken (status 500).' });
    const again = await client.callTool('list_models', { check: 'shop/small' });
    expect(again.text).toMatch(
      /^shop\/small does not answer\. resting: shop\/small failed too often, and is left alone/,
    );
    expect((await client.readResource('octant://health'))[0]?.text?.replace(/\d+ (m?s)\b/g, 'N $1')).toBe(
      `ollama (local): ok, 1 model, listed in N ms
shop (local, has a key): ok, 1 model, listed in N ms
  shop/small is left alone for N s: it failed too often
  last failure N s ago: shop/small, overloaded`,
    );
  });

  it('say how to add a provider where there is none', async () => {
    const client = offline();
    for (const uri of ['octant://models', 'octant://health']) {
      expect((await client.readResource(uri))[0]?.text).toMatch(/^No provider is set up/);
    }
  });
});
