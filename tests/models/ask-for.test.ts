import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import * as z from 'zod';
import { modelFields, modelOrOffline } from '../../src/models/model-or-offline.ts';
import type { AskCall, Question } from '../../src/models/question.ts';
import type { Reply } from '../helpers/model-server-program.ts';
import { sharedModelServer } from '../helpers/shared-server.ts';
import { openSqlite } from '../helpers/stores.ts';
import { tempProject } from '../helpers/temp-project.ts';
import { setUpAsker } from './set-up.ts';

const server = sharedModelServer();
beforeEach(() => server.play({}));

const schema = z.strictObject({ purpose: z.string().max(40), score: z.number().nullable() });
const meant = { purpose: 'Holds items', score: 0.5 };
const good = JSON.stringify(meant);

const say = (...pieces: string[]) => ({ kind: 'answer', pieces }) as const;

function setUp(tiers: string[] = []) {
  const store = openSqlite(`${tempProject()}/octant.db`);
  onTestFinished(() => store.close());
  return setUpAsker(server, store, { tiers });
}

function question(model = 'shop/small', text = 'What is cart.ts for?'): Question {
  return { model, messages: [{ role: 'user', text }], files: [] };
}

function call(rest: Partial<AskCall> = {}): AskCall {
  return { signal: new AbortController().signal, withinMs: 20_000, purpose: 'summarizer', runId: 'run', ...rest };
}

async function asked() {
  const journal = await server.journal();
  return journal.filter(({ path }) => /chat/.test(path)).map(({ body }) => JSON.parse(body));
}

describe('Data', () => {
  it('is asked for anew without all of an answer that was cut off, since it may have filled the window', async () => {
    const long = `{"purpose": "${'x'.repeat(50_000)}`;
    await server.play({ chat: [{ ...say(long), finish: 'length' }, say(good)] });
    expect((await setUp().asker.askFor(schema, question(), call())).value).toEqual(meant);
    const [, second] = await asked();
    expect(second.messages.at(-2)).toEqual({ role: 'assistant', content: `${long.slice(0, 1999)}…` });
    expect(second.messages.at(-1).content).toContain('cut off');
  });

  it('is asked for by the schema that OpenAI and its like take, strict where that is possible', async () => {
    await server.play({ chat: [say(good)] });
    const { asker } = setUp();
    expect(await asker.askFor(schema, question(), call())).toMatchObject({ value: meant, notes: [] });
    await asker.askFor(z.object({ purpose: z.string(), score: z.number().optional() }), question(), call());
    const [strict, loose] = await asked();
    expect(strict.response_format).toEqual({
      type: 'json_schema',
      json_schema: {
        name: 'summarizer',
        strict: true,
        schema: {
          type: 'object',
          properties: { purpose: { type: 'string' }, score: { type: ['number', 'null'] } },
          required: ['purpose', 'score'],
          additionalProperties: false,
        },
      },
    });
    expect(strict.messages.at(-1).content).toContain('What is cart.ts for?\n\nAnswer as JSON: {"type":"object"');
    expect(loose.response_format.json_schema.strict).toBe(false);
  });

  it('is asked for by the format that Ollama takes', async () => {
    await server.play({ chat: [say(good)] });
    const { asker } = setUp();
    expect((await asker.askFor(schema, question('den/tiny'), call())).value).toEqual(meant);
    expect((await asked())[0].format).toMatchObject({ type: 'object', required: ['purpose', 'score'] });
  });

  it.each([
    ['shop/small', 400, 'response_format', { type: 'json_object' }],
    ['shop/small', 404, 'response_format', { type: 'json_object' }],
    ['den/tiny', 400, 'format', 'json'],
  ])(
    'is asked for in JSON mode where %s refuses a schema (%i), at once the next time',
    async (model, status, field, mode) => {
      const refused = { kind: 'http', status, body: '{"error":{"message":"response_format"}}' } as const;
      await server.play({ chat: [refused, say(good)] });
      const { asker, receipts } = setUp();
      expect((await asker.askFor(schema, question(model), call())).value).toEqual(meant);
      expect((await asker.askFor(schema, question(model), call())).value).toEqual(meant);
      expect((await asked()).map((body) => body[field])).toEqual([expect.anything(), mode, mode]);
      expect(await receipts('run')).toMatchObject([{ retries: 1 }, { retries: 0 }]);
    },
  );

  it('is not asked for a third time where JSON mode is refused too', async () => {
    await server.play({ chat: [{ kind: 'http', status: 400, body: '{}' }] });
    const { asker } = setUp();
    await expect(asker.askFor(schema, question(), call())).rejects.toMatchObject({ kind: 'refused' });
    expect(await asked()).toHaveLength(2);
  });

  it('is read from an answer that is not strict JSON, which says so', async () => {
    await server.play({ chat: [say('Here:\n```json\n', `{purpose: 'Holds items', score: 0.5,}`, '\n```')] });
    const { asker } = setUp();
    expect(await asker.askFor(schema, question(), call())).toMatchObject({
      value: meant,
      notes: ['The answer was not strict JSON, and was read all the same.'],
    });
  });

  it('that does not fit is corrected in one turn, which knows what was wrong', async () => {
    await server.play({ chat: [say('{"purpose": 7, "score": 0.5}'), say(good)] });
    const { asker, receipts } = setUp();
    expect(await asker.askFor(schema, question(), call())).toMatchObject({
      value: meant,
      usage: { input: 14, output: 6 },
      notes: ['The first answer could not be used; this is the corrected one.'],
    });
    const [, { messages }] = await asked();
    expect(messages.slice(1)).toEqual([
      { role: 'assistant', content: '{"purpose": 7, "score": 0.5}' },
      { role: 'user', content: expect.stringMatching(/^Wrong: It does not fit the schema. purpose: .*string/) },
    ]);
    expect(await receipts('run')).toHaveLength(2);
  });

  it('that was cut off is not completed, even where all brackets are closed', async () => {
    await server.play({ chat: [{ ...say(good), finish: 'length' }] });
    const { asker } = setUp();
    await expect(asker.askFor(schema, question(), call())).rejects.toThrow(
      'shop/small gave no answer in the form that was asked for, in two turns.',
    );
    expect(await asked()).toHaveLength(2);
  });

  it('with a secret in it is still JSON', async () => {
    const secret = `-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA"75\n-----END RSA PRIVATE KEY-----`;
    const { asker } = setUp();
    await asker.ask(question('shop/small', `What is ${secret}?`), call());
    const name = /REDACTED_\w+/.exec((await asked())[0].messages[0].content)?.[0] ?? '';
    const text = JSON.stringify({ purpose: name, score: 1 });
    await server.play({ chat: [say(text.slice(0, 20), text.slice(20))] });
    const free = z.object({ purpose: z.string(), score: z.number() });
    expect((await asker.askFor(free, question('shop/small', `What is ${secret}?`), call())).value.purpose).toBe(secret);
  });
});

describe('A result with an offline twin', () => {
  const make = (model: string, chat: readonly Reply[], rest: Partial<AskCall> = {}) => {
    const { asker } = setUp(['low=shop/small']);
    const made = call(rest);
    return server.play({ chat }).then(() =>
      modelOrOffline(
        made.signal,
        () => asker.askFor(schema, question(model), made),
        () => ({ purpose: '?', score: null }),
      ),
    );
  };

  it('is what the model made, and says which', async () => {
    const made = await make('low', [say(good)]);
    expect(made).toEqual({ value: meant, mode: 'model', model: 'shop/small' });
    expect(z.object(modelFields).parse(made)).toEqual({ mode: 'model', model: 'shop/small' });
  });

  it.each([
    [
      'no model is set up',
      'planning',
      [],
      'No model has the tier "planning". The operator sets one: --models planning=PROVIDER/MODEL.',
    ],
    [
      'its provider is down',
      'low',
      [{ kind: 'http', status: 401, body: '{}' }],
      'shop/small refused the API key or has none (status 401).',
    ],
    [
      'it answers garbage',
      'low',
      [say('Sure!')],
      'shop/small gave no answer in the form that was asked for, in two turns.',
    ],
  ] as const)('is made without a model where %s', async (_, model, chat, why) => {
    expect(await make(model, chat)).toEqual({
      value: { purpose: '?', score: null },
      mode: 'offline',
      note: `Made without a model: ${why}`,
    });
  });

  it('is neither when the caller has gone', async () => {
    const reason = new Error('gone');
    await expect(make('low', [say(good)], { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  it('is refused for a model that nobody has', async () => {
    await expect(make('nowhere/x', [])).rejects.toThrow(/no model "nowhere\/x"/);
  });
});
