import { describe, expect, it, vi } from 'vitest';
import { failureOf, ProviderFailure } from '../../src/providers/failure.ts';
import { createOllama } from '../../src/providers/ollama.ts';
import { createOpenAI } from '../../src/providers/openai.ts';
import { paced } from '../../src/providers/pace.ts';
import type { ChatRequest, Provider, StreamEvent } from '../../src/providers/provider.ts';
import { abortedAfter, startModelServer } from '../helpers/model-server.ts';
import { sharedModelServer } from '../helpers/shared-server.ts';

const server = sharedModelServer();

const request: ChatRequest = { model: 'small', messages: [{ role: 'user', text: 'Say OK.' }] };
const forever = new AbortController().signal;
const key = () => 'sk-canary-1234567890';

/** Both, against the same server: what one promises the other keeps. */
const providers = [
  { name: 'openai', create: () => createOpenAI({ baseUrl: `${server.url}/v1`, key }) },
  { name: 'ollama', create: () => createOllama({ baseUrl: server.url, key }) },
] as const;

async function collect(stream: AsyncIterable<StreamEvent>): Promise<StreamEvent[]> {
  const events: StreamEvent[] = [];
  for await (const event of stream) events.push(event);
  return events;
}

function textOf(events: readonly StreamEvent[]): string {
  return events.map((event) => (event.type === 'text' ? event.text : '')).join('');
}

/** The kind of failure, and what came before it. */
async function failure(stream: AsyncIterable<StreamEvent>) {
  const events: StreamEvent[] = [];
  try {
    for await (const event of stream) events.push(event);
  } catch (error) {
    if (!(error instanceof ProviderFailure)) throw error;
    expect(error.message.length).toBeLessThan(300);
    expect(error.message).not.toMatch(/canary|secret words/);
    return { kind: error.kind, before: textOf(events), retryAfterMs: error.retryAfterMs };
  }
  throw new Error(`ended with ${JSON.stringify(events.at(-1))}`);
}

async function lastBody(path: RegExp): Promise<Record<string, unknown>> {
  const found = (await server.journal()).findLast((each) => path.test(each.path));
  return JSON.parse(found?.body ?? '{}');
}

describe.each(providers)('An answer of $name', ({ create }) => {
  it('comes in pieces, with its reasoning, usage and end', async () => {
    await server.play({ chat: [{ kind: 'answer', reasoning: ['Hm. '], pieces: ['Grü', 'ße, 世界 🐙'] }] });
    expect(await collect(create().stream(request, forever))).toEqual([
      { type: 'reasoning', text: 'Hm. ' },
      { type: 'text', text: 'Grü' },
      { type: 'text', text: 'ße, 世界 🐙' },
      { type: 'end', finish: 'stop', usage: { input: 7, output: 3 } },
    ]);
  });

  it('can be calls of tools, whose parts are put together', async () => {
    const toolCalls = [
      { name: 'search_files', arguments: '{"query":"cart"}' },
      { name: 'read_files', arguments: '{"paths":["a.ts"]}' },
    ];
    await server.play({ chat: [{ kind: 'answer', pieces: [], toolCalls }] });
    const events = await collect(create().stream(request, forever));
    expect(events.map((event) => (event.type === 'tool_call' ? event.call : event))).toEqual([
      { id: expect.stringMatching(/^\w+$/), ...toolCalls[0] },
      { id: expect.stringMatching(/^\w+$/), ...toolCalls[1] },
      { type: 'end', finish: 'tool_calls', usage: { input: 7, output: 3 } },
    ]);
  });

  it('sends the conversation, its tools and its limits', async () => {
    await server.play({});
    const call = { id: 'c1', name: 'get_time', arguments: '{"zone":"UTC"}' };
    const tool = { name: 'get_time', description: 'The time.', parameters: { type: 'object', properties: {} } };
    const messages: ChatRequest['messages'] = [
      { role: 'system', text: 'Be brief.' },
      { role: 'user', text: 'What time is it?' },
      { role: 'assistant', text: '', toolCalls: [call] },
      { role: 'tool', call, text: '12:00' },
    ];
    const limits = { maxTokens: 50, temperature: 0, stop: ['END'] };
    await collect(create().stream({ model: 'small', messages, tools: [tool], ...limits }, forever));
    const body = await lastBody(/chat/);
    expect(body).toMatchObject({ model: 'small', stream: true, tools: [{ type: 'function', function: tool }] });
    expect(body.messages).toMatchObject([
      { role: 'system', content: 'Be brief.' },
      { role: 'user' },
      { role: 'assistant', tool_calls: [{ function: { name: 'get_time' } }] },
      { role: 'tool', content: '12:00' },
    ]);
    expect(JSON.stringify(body)).toMatch(/"(max_tokens|num_predict)":50/);
    expect(JSON.stringify(body)).toContain('"temperature":0');
    expect(JSON.stringify(body)).toContain('"stop":["END"]');
  });

  it.each(['crlf', 'bom', 'comments', 'multiline', 'bytes'] as const)(
    'is the same text with the framing "%s"',
    async (framing) => {
      await server.play({ chat: [{ kind: 'answer', pieces: ['Grü', 'ße, 世界 🐙'], framing }] });
      const events = await collect(create().stream(request, forever));
      expect(textOf(events)).toBe('Grüße, 世界 🐙');
      expect(events.at(-1)).toEqual({ type: 'end', finish: 'stop', usage: { input: 7, output: 3 } });
    },
  );

  it('tells why it ended where that is not because all was said', async () => {
    const ends: unknown[] = [];
    for (const finish of ['length', 'content_filter', 'gone_fishing']) {
      await server.play({ chat: [{ kind: 'answer', finish }] });
      ends.push((await collect(create().stream(request, forever))).at(-1));
    }
    const filtered = expect.stringMatching(/^(filtered|other)$/); // Ollama has no such reason
    expect(ends).toMatchObject([{ finish: 'length' }, { finish: filtered }, { finish: 'other' }]);
  });

  it('may say that it ended only by the mark of the end', async () => {
    await server.play({ chat: [{ kind: 'answer', finish: null }] });
    expect((await collect(create().stream(request, forever))).at(-1)).toMatchObject({ type: 'end', finish: 'stop' });
    await server.play({ chat: [{ kind: 'answer', finish: null, usage: null, isMarked: false }] });
    expect(await failure(create().stream(request, forever))).toMatchObject({ kind: 'cut', before: 'OK' });
  });

  it('has no usage where that makes no sense', async () => {
    for (const usage of [null, { prompt_tokens: 'NaN', completion_tokens: -1, eval_count: -1 }]) {
      await server.play({ chat: [{ kind: 'answer', usage }] });
      const events = await collect(create().stream(request, forever));
      expect(events.at(-1)).toEqual({ type: 'end', finish: 'stop', usage: undefined });
    }
  });

  it.each(['cut', 'close'] as const)('that is broken off (%s) is no answer', async (act) => {
    await server.play({
      chat: [{ kind: 'answer', pieces: ['one', 'two', 'three'], fault: { at: 2, act }, everyMs: 5 }],
    });
    expect(await failure(create().stream(request, forever))).toMatchObject({ kind: 'cut', before: 'onetwo' });
  });

  it.each([
    { error: { message: 'secret words', code: 502 } },
    { error: { message: 'secret words', code: 'server_error' } },
    { error: 'secret words: model runner has stopped' },
  ])('that turns into an error is one: %j', async (error) => {
    await server.play({ chat: [{ kind: 'answer', pieces: ['one', 'two'], fault: { at: 1, act: 'error', error } }] });
    expect(await failure(create().stream(request, forever))).toMatchObject({ before: 'one', kind: 'overloaded' });
  });

  it('that turns into garbage is an error', async () => {
    await server.play({ chat: [{ kind: 'answer', pieces: ['one', 'two'], fault: { at: 1, act: 'garbage' } }] });
    expect(await failure(create().stream(request, forever))).toMatchObject({ kind: 'bad_response' });
  });

  it.each(['<html>secret words</html>', '', 'null', '{"choices": [', '[1,2]', '{"choices": "x", "done": "x"}'])(
    'of another form is an error: %s',
    async (body) => {
      const type = body.startsWith('<') ? 'text/html' : 'application/json';
      await server.play({ chat: [{ kind: 'http', status: 200, headers: { 'content-type': type }, body }] });
      expect((await failure(create().stream(request, forever))).kind).toMatch(/^(bad_response|cut)$/);
    },
  );

  it('without end, or of one endless line, is cut off', async () => {
    for (const isOneLine of [true, false]) {
      await server.play({ chat: [{ kind: 'huge', bytes: 100_000_000, isOneLine }] });
      const before = process.memoryUsage().arrayBuffers;
      let characters = 0;
      const stream = create().stream(request, forever);
      await expect(
        (async () => {
          for await (const event of stream) characters += event.type === 'text' ? event.text.length : 0;
        })(),
      ).rejects.toMatchObject({ kind: 'bad_response' });
      expect(characters).toBeLessThan(70_000_000);
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(120_000_000);
    }
  });
});

describe.each(providers)('A refusal by $name', ({ create }) => {
  it.each([
    [400, '{"error":{"message":"secret words"}}', 'refused'],
    [400, '{"error":{"code":"context_length_exceeded"}}', 'too_long'],
    [400, '{"error":{"message":"This model\'s maximum context length is 8192 tokens"}}', 'too_long'],
    [401, '{"error":{"message":"Incorrect API key provided: sk-canary"}}', 'key'],
    [402, '{}', 'quota'],
    [403, '', 'key'],
    [404, '{"error":"model \'x\' not found"}', 'unknown_model'],
    [413, '', 'too_long'],
    [422, 'null', 'refused'],
    [429, '{"error":{"code":"insufficient_quota"}}', 'quota'],
    [429, '{}', 'rate_limited'],
    [500, '<html>secret words</html>', 'overloaded'],
    [502, 'secret words', 'overloaded'],
    [503, '{"error": 5}', 'overloaded'],
    [529, '', 'overloaded'],
  ])('with %i %s has a kind', async (status, body, kind) => {
    await server.play({ chat: [{ kind: 'http', status, body }] });
    expect(await failure(create().stream(request, forever))).toMatchObject({ kind, before: '' });
    expect((await server.journal()).filter(({ path }) => /chat/.test(path))).toHaveLength(1); // the SDK does not retry
  });

  it.each([
    ['2', 2000],
    ['0.5', 500],
    [new Date(Date.now() + 3_600_000).toUTCString(), expect.closeTo(3_600_000, -5.5)],
    ['1e9', 1e12],
    ['-5', undefined],
    ['soon', undefined],
    ['', undefined],
  ])('tells how long to wait: %s', async (value, expected) => {
    await server.play({ chat: [{ kind: 'http', status: 429, headers: { 'retry-after': value }, body: '{}' }] });
    expect((await failure(create().stream(request, forever))).retryAfterMs).toEqual(expected);
  });

  it('by a redirect is not followed, and the other place hears nothing', async () => {
    const other = await startModelServer();
    for (const status of [301, 307, 308]) {
      await server.play({
        chat: [{ kind: 'http', status, headers: { location: `${other.url}/v1/chat/completions` } }],
      });
      expect(await failure(create().stream(request, forever))).toMatchObject({ kind: 'bad_response' });
    }
    expect(await other.journal()).toEqual([]);
    await other.stop();
  });

  it('since nothing listens there, or no such name is known, is told from others', async () => {
    const gone = await startModelServer();
    await gone.stop();
    for (const baseUrl of [gone.url, 'http://no-such-host.invalid']) {
      for (const provider of [createOpenAI({ baseUrl, key }), createOllama({ baseUrl, key })]) {
        expect(await failure(provider.stream(request, forever))).toMatchObject({ kind: 'unreachable' });
      }
    }
  });
});

describe('An error of the connection', () => {
  it.each([
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'certificate'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'certificate'],
    ['CERT_HAS_EXPIRED', 'certificate'],
    ['UND_ERR_CONNECT_TIMEOUT', 'unreachable'],
    ['UND_ERR_HEADERS_TIMEOUT', 'timeout'],
    ['ECONNRESET', 'cut'],
    ['HPE_INVALID_CONSTANT', 'bad_response'],
  ])('has a kind, however an SDK wraps it: %s', (code, kind) => {
    const cause = Object.assign(new Error('secret words'), { code });
    const wrapped = new Error('Connection error.', { cause: new TypeError('fetch failed', { cause }) });
    expect(failureOf(wrapped)).toMatchObject({ kind, message: expect.not.stringContaining('secret') });
  });

  it('is not what is a fault of ours', () => {
    expect(() => failureOf(new RangeError('a bug'))).toThrow('a bug');
  });
});

describe.each(providers)('A request to $name', ({ create }) => {
  const paceOf = (provider: Provider, pace: { first: number; idle: number; total: number }) =>
    paced((signal) => provider.stream(request, signal), pace, forever);
  const long = 20_000;

  it('ends when the first word does not come, or the next, or all takes too long', async () => {
    await server.play({ chat: [{ kind: 'silent' }] });
    expect(await failure(paceOf(create(), { first: 100, idle: long, total: long }))).toMatchObject({ kind: 'timeout' });
    expect(await abortedAfter(server)).toBeLessThan(1000);

    await server.play({ chat: [{ kind: 'answer', pieces: ['one', 'two'], fault: { at: 1, act: 'stall' } }] });
    const stalled = await failure(paceOf(create(), { first: long, idle: 100, total: long }));
    expect(stalled).toMatchObject({ kind: 'timeout', before: 'one' });
    expect(await abortedAfter(server)).toBeLessThan(1000);

    await server.play({ chat: [{ kind: 'drip', everyMs: 20 }] });
    expect(await failure(paceOf(create(), { first: long, idle: long, total: 150 }))).toMatchObject({ kind: 'timeout' });
    expect(await abortedAfter(server)).toBeLessThan(1000);
  });

  it.each([5, 40, 90])('that is cancelled after %i ms ends at once, and at the provider too', async (ms) => {
    await server.play({ chat: [{ kind: 'answer', pieces: Array(200).fill('word '), everyMs: 10 }] });
    const caller = new AbortController();
    const reading = collect(
      paced((signal) => create().stream(request, signal), { first: long, idle: long, total: long }, caller.signal),
    );
    reading.catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, ms));
    const cancelled = performance.now();
    caller.abort(new Error('no longer wanted'));
    await expect(reading).rejects.toThrow('no longer wanted');
    expect(performance.now() - cancelled).toBeLessThan(100);
    const requests = await server.journal();
    if (requests.some(({ path }) => /chat/.test(path))) expect(await abortedAfter(server)).toBeLessThan(ms + 250);
  });

  it('whose reader stops reading is given up', async () => {
    await server.play({ chat: [{ kind: 'answer', pieces: Array(200).fill('word '), everyMs: 10 }] });
    for await (const event of paceOf(create(), { first: long, idle: long, total: long }))
      if (event.type === 'text') break;
    expect(await abortedAfter(server)).toBeLessThan(1000);
  });

  it('has our headers and no others, whatever the environment of the SDK says', async () => {
    process.env.OPENAI_CUSTOM_HEADERS = 'x-leak: secret';
    process.env.OPENAI_ORG_ID = 'org-leak';
    await server.play({});
    await collect(create().stream(request, forever));
    delete process.env.OPENAI_CUSTOM_HEADERS;
    delete process.env.OPENAI_ORG_ID;
    const { headers } = (await server.journal()).at(-1) ?? { headers: {} };
    expect(headers).toMatchObject({
      authorization: `Bearer ${key()}`,
      'user-agent': expect.stringMatching(/^octant\//),
    });
    expect(Object.keys(headers).filter((name) => /^(x-|openai-)/.test(name))).toEqual([]);
  });
});

describe('Ollama', () => {
  const ollama = () => createOllama({ baseUrl: server.url, key: undefined });
  const numCtx = async (characters: number) => {
    await server.play({});
    await collect(ollama().stream({ ...request, messages: [{ role: 'user', text: 'x'.repeat(characters) }] }, forever));
    return (await lastBody(/chat/)).options;
  };

  it('is asked for a window that holds the request, in powers of two, and at most what the model has', async () => {
    expect(await numCtx(10)).toEqual({ num_ctx: 4096 });
    expect(await numCtx(20_000)).toEqual({ num_ctx: 16_384 });
    expect(await numCtx(100_000)).toEqual({ num_ctx: 32_768 });
  });

  it('is not asked what cannot fit, since it would cut the beginning without a word', async () => {
    await expect(numCtx(200_000)).rejects.toMatchObject({
      kind: 'too_long',
      message: /about 52\d{3} tokens, and its window has 32768/,
    });
    expect((await server.journal()).map(({ path }) => path)).toEqual(['/api/show']);
  });

  it('prints nothing, whatever comes back', async () => {
    const printed: unknown[] = [];
    const spies = (['log', 'warn'] as const).map((name) => {
      return vi.spyOn(console, name).mockImplementation((...words) => void printed.push(words));
    });
    for (const reply of [
      { kind: 'http', status: 500, body: 'oops', headers: { 'content-type': 'text/plain' } },
      { kind: 'http', status: 200, body: '{nonsense\n{more' },
      { kind: 'http', status: 200, body: '{nonsense' },
    ] as const) {
      await server.play({ chat: [reply] });
      await failure(ollama().stream(request, forever));
    }
    for (const spy of spies) spy.mockRestore();
    expect(printed).toEqual([]);
  });
});

describe('Lists of models', () => {
  const openai = (dialect = {}) => createOpenAI({ baseUrl: `${server.url}/v1`, key, dialect });

  it('are read in the forms of OpenAI, OpenRouter, Groq, vLLM, LM Studio and llama.cpp', async () => {
    const data = [
      { id: 'gpt-4o', object: 'model', created: 1, owned_by: 'openai' },
      { id: 'text-embedding-3-small' },
      {
        id: 'a/b',
        context_length: 100,
        pricing: { prompt: '0.0000025', completion: '0.00001' },
        top_provider: { max_completion_tokens: 50 },
      },
      { id: 'llama', context_window: 131_072, max_completion_tokens: 32_768 },
      { id: 'qwen', max_model_len: 40_960 },
      { id: 'gguf', context_length: 131_072, meta: { n_ctx: 8192, n_ctx_train: 131_072, size: 4_000_000_000 } },
      { id: 'unloaded', status: { value: 'unloaded' }, context_length: 131_072 },
      { id: 'odd', context_length: 'many', pricing: { prompt: 'free', completion: null } },
    ];
    await server.play({ lists: { '/v1/models': { data } } });
    expect(await openai().models(forever)).toEqual([
      { id: 'gpt-4o' },
      { id: 'a/b', window: 100, maxOutput: 50, price: { input: 2.5, output: 10 } },
      { id: 'llama', window: 131_072, maxOutput: 32_768 },
      { id: 'qwen', window: 40_960 },
      { id: 'gguf', window: 8192 },
      { id: 'unloaded', window: 131_072 },
      { id: 'odd' },
    ]);
  });

  it('of LM Studio tell the window with which a model was loaded; older versions are asked in the common way', async () => {
    const dialect = { modelsPath: '/api/v0/models' };
    const data = [
      { id: 'qwen', type: 'llm', state: 'loaded', max_context_length: 32_768, loaded_context_length: 4096 },
      { id: 'nomic', type: 'embeddings' },
    ];
    await server.play({ lists: { '/api/v0/models': { data } } });
    expect(await openai(dialect).models(forever)).toEqual([{ id: 'qwen', window: 4096 }]);
    await server.play({ lists: { '/v1/models': { data: [{ id: 'old' }] } } });
    expect(await openai(dialect).models(forever)).toEqual([{ id: 'old' }]);
  });

  it('of Ollama hold the window of each model', async () => {
    const models = ['qwen3:8b', 'nomic-embed-text:latest'].map((name) => ({ name, details: { family: 'x' } }));
    const shown = { model_info: { 'qwen3.context_length': 40_960 } };
    await server.play({ lists: { '/api/tags': { models }, '/api/show': shown } });
    const ollama = createOllama({ baseUrl: server.url, key: undefined });
    expect(await ollama.models(forever)).toEqual([{ id: 'qwen3:8b', window: 40_960 }]);
    await server.play({ lists: { '/api/tags': { models } } });
    expect(await ollama.models(forever)).toEqual([{ id: 'qwen3:8b' }]);
  });

  it.each([{ nonsense: 1 }, null, [], { data: [{ name: 'x' }], models: [{ id: 1 }] }])(
    'of another form are an error: %j',
    async (body) => {
      await server.play({ lists: { '/v1/models': body, '/api/tags': body } });
      for (const provider of [openai(), createOllama({ baseUrl: server.url, key })]) {
        await expect(provider.models(forever)).rejects.toMatchObject({ name: 'ProviderFailure' });
      }
    },
  );
});
