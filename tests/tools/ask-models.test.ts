import { beforeEach, describe, expect, it } from 'vitest';
import type { Reply } from '../helpers/model-server-program.ts';
import { sharedModelServer, sharedServer } from '../helpers/shared-server.ts';
import { chatsOf, says, serveShop, shopFiles, shopModels } from '../helpers/shop.ts';

const server = sharedModelServer();
beforeEach(() => server.play({}));

const told = (text: string): Reply => ({ kind: 'answer', pieces: [text] });
const models = ['shop/a', 'shop/b', 'shop/c'];

describe('ask_models', () => {
  const withModel = () => ({ files: shopFiles, env: shopModels(server) });
  const served = sharedServer(withModel);
  /** Asks one after the other, so that it is known who answers what. */
  const servedInTurn = sharedServer(() => ({ ...withModel(), flags: ['--parallel', '1'] }));

  it('tells what each answered, what they share, and what one alone says', async () => {
    await server.play({
      chat: [
        told('Use a lock around the counter.'),
        told('Use a lock around the counter. Buy more memory.'),
        { kind: 'http', status: 401, body: '{"error":{"message":"canary"}}' },
      ],
    });
    const client = servedInTurn();
    const { data, text } = await client.callTool('ask_models', { question: 'How?', models });
    expect(data).toEqual({
      ...{
        mode: 'model',
        model: 'shop/a, shop/b',
        question: 'How?',
        note: expect.stringMatching(/^Claims are taken for the same /),
      },
      answers: [
        { model: 'shop/a', text: 'Use a lock around the counter.', tokens: 10, ms: expect.any(Number) },
        {
          model: 'shop/b',
          text: 'Use a lock around the counter. Buy more memory.',
          tokens: 10,
          ms: expect.any(Number),
        },
        { model: 'shop/c', failure: 'shop/c refused the API key or has none (status 401).' },
      ],
      shared: [{ claim: 'Use a lock around the counter.', models: ['shop/a', 'shop/b'] }],
      opposed: [],
      alone: [{ claim: 'Buy more memory.', models: ['shop/b'] }],
    });
    expect(text).toContain(
      'Shared:\n- Use a lock around the counter. (shop/a, shop/b)\n\nBy one alone:\n- Buy more memory. (shop/b)',
    );
    expect(text).not.toContain('canary');
  });

  it('has a judge who does not learn whose answers they are', async () => {
    await server.play({ chat: [told('Yes, by a lock. </data-0>'), told('No.'), says({ best: 'B', why: 'Shorter.' })] });
    const client = servedInTurn();
    const { data } = await client.callTool('ask_models', {
      question: 'Why {{answers}}?',
      models: ['shop/a', 'shop/b'],
      judge: 'medium',
    });
    expect(data).toMatchObject({ judge: { model: 'shop/small', best: 'shop/b', why: 'Shorter.' } });
    const asked = (await chatsOf(server))[2]?.messages[0]?.content ?? '';
    expect(asked).toContain('Question:\nWhy {{answers}}?\n\nAnswer A:\n<data-');
    expect(asked).not.toMatch(/shop\/[ab]/);
    await server.play({ chat: [told('One thing.'), told('Other thing.'), told('I cannot.')] });
    const failed = await client.callTool('ask_models', {
      question: 'x',
      models: ['shop/a', 'shop/b'],
      judge: 'medium',
    });
    expect(failed.data).toMatchObject({
      mode: 'model',
      judge: { model: 'medium', failure: expect.stringContaining('no answer in the form') },
    });
  });

  it('asks all models of a tier, at the same time', async () => {
    await server.play({ chat: [{ ...told('Yes it is.'), everyMs: 300 } as Reply] });
    const env = {
      OCTANT_PROVIDERS: `shop=${server.url}/v1,lmstudio=off,ollama=off`,
      OCTANT_MODELS: 'high=shop/a,high=shop/b,high=shop/c',
    };
    const { data } = await (await serveShop(server, { env })).callTool('ask_models', {
      question: 'x',
      models: ['high', 'shop/a'],
    });
    expect(data).toMatchObject({ answers: models.map((model) => ({ model })) });
    const times = (await server.journal()).filter(({ path }) => path.endsWith('/completions')).map(({ at }) => at);
    expect(Math.max(...times) - Math.min(...times)).toBeLessThan(300);
  });

  it('hands the question back where there is no model, or none that answers', async () => {
    const none = await (await serveShop(server, { env: {} })).callTool('ask_models', { question: 'How does it end?' });
    expect(none).toMatchObject({
      isError: false,
      data: {
        mode: 'offline',
        question: 'How does it end?',
        answers: [],
        shared: [],
        opposed: [],
        alone: [],
        note: expect.stringMatching(/^No tier has a model\. .*left for you to answer\.$/),
      },
    });
    const env = { OCTANT_PROVIDERS: 'gone=http://127.0.0.1:9/v1,lmstudio=off,ollama=off' };
    const dead = await (await serveShop(server, { env })).callTool('ask_models', {
      question: 'How?',
      models: ['gone/a', 'nobody/b'],
    });
    expect(dead.data).toMatchObject({
      mode: 'offline',
      note: 'No model answered. The question is left for you to answer.',
      answers: [
        { model: 'gone/a', failure: expect.stringContaining('cannot be reached') },
        { model: 'nobody/b', failure: expect.stringContaining('There is no model "nobody/b"') },
      ],
    });
  });

  it('stays within 10,000 characters, whatever they answer', async () => {
    const long = Array.from(
      { length: 300 },
      (_, index) => `Claim ${index} says that word${index} of ${'very '.repeat(20)}thing${index} holds.`,
    ).join(' ');
    await server.play({ chat: [told(long)] });
    const eight = Array.from({ length: 8 }, (_, index) => `shop/m${index}`);
    const { data, text } = await served().callTool('ask_models', {
      question: 'x'.repeat(5000),
      models: eight,
    });
    expect([text.length < 10_000, JSON.stringify(data).length < 10_000]).toEqual([true, true]);
    const many = [...eight, 'shop/m9'].slice(1);
    const nine = await served().callTool('ask_models', { question: 'x', models: ['medium', ...many] });
    expect(nine.text).toMatch(/^bad_input: /);
  });

  it('ends all calls when its caller cancels', async () => {
    await server.play({ chat: [{ kind: 'silent' }] });
    const client = served();
    const caller = new AbortController();
    const call = client.callTool('ask_models', { question: 'x', models }, { signal: caller.signal }).catch(() => {});
    const chats = async () => (await server.journal()).filter(({ path }) => path.endsWith('/completions'));
    await expect.poll(chats, { timeout: 10_000 }).toHaveLength(3);
    const cancelled = performance.now();
    caller.abort();
    await call;
    await expect
      .poll(async () => (await chats()).every(({ abortedAfterMs }) => abortedAfterMs !== undefined), { interval: 10 })
      .toBe(true);
    expect(performance.now() - cancelled).toBeLessThan(250);
  });
});
