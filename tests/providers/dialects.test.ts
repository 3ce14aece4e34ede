import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import * as z from 'zod';
import { readEndpoints, readTiers } from '../../src/endpoints.ts';
import { answerSchema } from '../../src/models/answer-schema.ts';
import { ProviderFailure } from '../../src/providers/failure.ts';
import { createModels, listingSchema, type ModelEvent } from '../../src/providers/models.ts';
import type { ChatRequest } from '../../src/providers/provider.ts';
import { createCaches } from '../../src/store/caches.ts';
import type { Reply } from '../helpers/model-server-program.ts';
import { sharedModelServer } from '../helpers/shared-server.ts';
import { silent } from '../helpers/stores.ts';
import { tempProject } from '../helpers/temp-project.ts';

/* What Groq, OpenRouter and LM Studio send and want otherwise than others, under the names by which we know them. */

const server = sharedModelServer();
beforeEach(() => server.play({}));

const messages = [{ role: 'user' as const, text: 'Say OK.' }];
const { wire: schema } = answerSchema(z.object({ said: z.string() }), 'test');

function serve() {
  const caches = createCaches({ url: undefined, folder: tempProject(), log: silent });
  onTestFinished(() => caches.close());
  const places = ['groq', 'openrouter', 'lmstudio'].map((name) => `${name}=${server.url}/v1`);
  return createModels({
    endpoints: readEndpoints([...places, 'ollama=off'], {
      GROQ_API_KEY: 'gsk-canary',
      OPENROUTER_API_KEY: 'sk-canary',
    }),
    tiers: readTiers([]),
    listings: caches.open('models', { schema: listingSchema, ttlMs: 60_000 }),
    chance: { now: () => performance.now(), random: () => 0 },
  });
}

/** All that came, and how it ended; what was sent, try by try. */
async function ask(model: string, replies: readonly Reply[], request: Partial<ChatRequest> = {}) {
  await server.play({ chat: replies });
  const events: ModelEvent[] = [];
  const limits = { signal: new AbortController().signal, withinMs: 20_000 };
  let failure: ProviderFailure | undefined;
  try {
    for await (const event of serve().stream(model, { messages, ...request }, limits)) events.push(event);
  } catch (error) {
    if (!(error instanceof ProviderFailure)) throw error;
    failure = error;
    expect(error.message).not.toMatch(/canary|words of theirs/);
  }
  const chats = (await server.journal()).filter(({ path }) => path.endsWith('/chat/completions'));
  const sent: Array<Record<string, unknown>> = chats.map(({ body }) => JSON.parse(body));
  const of = (type: 'text' | 'reasoning') => events.map((event) => (event.type === type ? event.text : '')).join('');
  return {
    text: of('text'),
    reasoning: of('reasoning'),
    end: events.find(({ type }) => type === 'end'),
    failure,
    sent,
  };
}

const piece = (delta: object, rest: object = {}) => ({
  ...{ id: 'c-1', object: 'chat.completion.chunk', created: 1, model: 'm' },
  ...{ choices: [{ index: 0, delta, logprobs: null, finish_reason: null }], ...rest },
});
const last = (finish: string, rest: object = {}) => ({
  ...piece({}),
  ...{ choices: [{ index: 0, delta: {}, logprobs: null, finish_reason: finish }], ...rest },
});
const done = 'data: [DONE]\n';
const refusal = (code: string | number): Reply => {
  const error = { message: 'words of theirs', type: 'invalid_request_error', code };
  return { kind: 'http', status: 400, body: JSON.stringify({ error }) };
};
const answered: Reply = {
  kind: 'events',
  events: [piece({ role: 'assistant', content: '{"said":"OK"}' }), last('stop'), done],
};

describe('Groq', () => {
  const model = 'groq/openai/gpt-oss-20b';

  it('counts in x_groq, thinks in reasoning, and takes max_completion_tokens', async () => {
    const usage = { queue_time: 0.01, prompt_tokens: 12, completion_tokens: 5, total_time: 0.02 };
    const events = [
      piece({ role: 'assistant', content: '' }, { x_groq: { id: 'req_1' } }),
      piece({ reasoning: 'Let me ' }),
      piece({ reasoning: 'think.', channel: 'analysis' }),
      piece({ content: 'OK' }),
      last('stop', { x_groq: { id: 'req_1', usage } }),
      done,
    ];
    const found = await ask(model, [{ kind: 'events', events }], { maxTokens: 100 });
    expect(found).toMatchObject({ text: 'OK', reasoning: 'Let me think.' });
    expect(found.end).toMatchObject({ finish: 'stop', usage: { input: 12, output: 5 }, model });
    expect(found.sent).toMatchObject([{ model: 'openai/gpt-oss-20b', max_completion_tokens: 100 }]);
    expect(found.sent[0]).not.toHaveProperty('max_tokens');
  });

  it('that stops early says so in x_groq, which is no end of an answer', async () => {
    const events = [piece({ content: 'O' }), last('stop', { x_groq: { id: 'req_1', error: 'words of theirs' } }), done];
    const { failure, text, sent } = await ask(model, [{ kind: 'events', events }]);
    expect([failure?.kind, text, sent.length]).toEqual(['overloaded', 'O', 1]);
  });

  it('that cannot hold a model to a schema, or whose model fails to, is asked for JSON', async () => {
    for (const code of ['unsupported_response_format', 'json_validate_failed']) {
      const { text, sent } = await ask(model, [refusal(code), answered], { schema });
      expect(text).toBe('{"said":"OK"}');
      expect(sent.map(({ response_format: form }) => Object(form).type)).toEqual(['json_schema', 'json_object']);
    }
  });

  it('whose flexible capacity is used up (498) is asked again; what is too large for its minute (413) is not', async () => {
    const flex = await ask(model, [{ kind: 'http', status: 498, body: '{}' }, answered]);
    expect([flex.text, flex.sent.length]).toEqual(['{"said":"OK"}', 2]);
    const large = await ask(model, [{ kind: 'http', status: 413, body: '{"error":{"code":"rate_limit_exceeded"}}' }]);
    expect([large.failure?.kind, large.sent.length]).toEqual(['too_long', 1]);
  });
});

describe('OpenRouter', () => {
  const model = 'openrouter/meta-llama/llama-3.3-70b-instruct:free';

  it('gets the whole name of a model, with its suffix, and tells what it cost and who thought what', async () => {
    const usage = { prompt_tokens: 20, completion_tokens: 4, total_tokens: 24, cost: 0.0012, is_byok: false };
    const details = { completion_tokens_details: { reasoning_tokens: 3 }, prompt_tokens_details: { cached_tokens: 8 } };
    const events = [
      ': OPENROUTER PROCESSING\n',
      piece({ role: 'assistant', content: '', reasoning: 'Hm.', reasoning_details: [{ type: 'reasoning.text' }] }),
      ': OPENROUTER PROCESSING\n',
      piece({ content: 'OK' }, { provider: 'Somebody' }),
      last('stop', { native_finish_reason: 'end_turn' }),
      { id: 'c-1', provider: 'Somebody', choices: [], usage: { ...usage, ...details } },
      done,
    ];
    const found = await ask(model, [{ kind: 'events', events }], { maxTokens: 50 });
    expect(found).toMatchObject({ text: 'OK', reasoning: 'Hm.' });
    expect(found.end).toMatchObject({ model, usage: { input: 20, output: 4, cached: 8, reasoning: 3, cost: 0.0012 } });
    expect(found.sent).toMatchObject([
      { model: 'meta-llama/llama-3.3-70b-instruct:free', max_tokens: 50, usage: { include: true } },
    ]);
  });

  const broken = (code: string | number): Reply => ({
    kind: 'events',
    events: [
      piece({ content: 'O' }),
      { ...last('error'), error: { code, message: 'words of theirs', metadata: { provider_name: 'Somebody' } } },
    ],
  });
  it.each([
    [502, 'overloaded'],
    ['server_error', 'overloaded'],
    [429, 'rate_limited'],
    [402, 'quota'],
  ])(
    'that breaks within a stream of status 200 (%s) has given no answer, and is not asked twice',
    async (code, kind) => {
      const { failure, text, sent } = await ask(model, [broken(code), answered]);
      expect([failure?.kind, text, sent.length]).toEqual([kind, 'O', 1]);
    },
  );

  it('that breaks so before the first word is asked again', async () => {
    const first: Reply = {
      kind: 'events',
      events: [': OPENROUTER PROCESSING\n', { error: { code: 502, message: 'x' } }],
    };
    const { text, sent } = await ask(model, [first, answered]);
    expect([text, sent.length]).toEqual(['{"said":"OK"}', 2]);
  });

  it('that ends with "error" and says no more has given no answer', async () => {
    const { failure } = await ask(model, [{ kind: 'events', events: [piece({ content: 'O' }), last('error'), done] }]);
    expect(failure?.kind).toBe('overloaded');
  });

  it('that knows nobody who holds the model to a schema (404) is asked for JSON', async () => {
    const none: Reply = { kind: 'http', status: 404, body: '{"error":{"message":"words of theirs","code":404}}' };
    const { text, sent } = await ask(model, [none, answered], { schema });
    expect(text).toBe('{"said":"OK"}');
    expect(sent.map(({ response_format: form }) => Object(form).type)).toEqual(['json_schema', 'json_object']);
  });
});

describe('LM Studio', () => {
  const model = 'lmstudio/qwen3-4b';

  it('thinks in reasoning_content, and is asked with max_tokens', async () => {
    const usage = { prompt_tokens: 9, completion_tokens: 2, total_tokens: 11 };
    const events = [
      piece({ role: 'assistant', reasoning_content: 'Hm.' }, { system_fingerprint: 'qwen3-4b' }),
      piece({ content: 'OK' }),
      last('stop'),
      { id: 'c-1', choices: [], usage },
      done,
    ];
    const found = await ask(model, [{ kind: 'events', events }], { maxTokens: 50 });
    expect(found).toMatchObject({ text: 'OK', reasoning: 'Hm.', end: { usage: { input: 9, output: 2 } } });
    expect(found.sent).toMatchObject([{ model: 'qwen3-4b', max_tokens: 50 }]);
  });

  it('knows no JSON mode: what it refuses with a schema, it is asked in words', async () => {
    const { text, sent } = await ask(model, [refusal('invalid_response_format'), answered], { schema });
    expect(text).toBe('{"said":"OK"}');
    expect(sent.map(({ response_format: form }) => Object(form).type)).toEqual(['json_schema', undefined]);
  });

  it('that says within a stream that the model has crashed has given no answer', async () => {
    const crash = 'event: error\ndata: {"error":{"message":"words of theirs: The model has crashed"}}\n';
    const { failure, text } = await ask(model, [{ kind: 'events', events: [piece({ content: 'O' }), crash] }]);
    expect([failure?.kind, text]).toEqual(['overloaded', 'O']);
  });

  it('lists how much of its window a model was loaded with', async () => {
    const data = [
      {
        id: 'qwen3-4b',
        object: 'model',
        type: 'llm',
        state: 'loaded',
        max_context_length: 40_960,
        loaded_context_length: 4096,
      },
      { id: 'nomic', object: 'model', type: 'embeddings', state: 'not-loaded', max_context_length: 2048 },
    ];
    await server.play({ lists: { '/api/v0/models': { object: 'list', data } } });
    const [facts] = await serve().facts(model, new AbortController().signal);
    expect(facts).toMatchObject({ model, window: 4096 });
  });
});
