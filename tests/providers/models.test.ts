import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { readEndpoints, readTiers } from '../../src/endpoints.ts';
import { createLog } from '../../src/log.ts';
import { createModels, listingSchema, type ModelEvent } from '../../src/providers/models.ts';
import { createCaches } from '../../src/store/caches.ts';
import { sharedModelServer } from '../helpers/shared-server.ts';
import { tempProject } from '../helpers/temp-project.ts';

const server = sharedModelServer();
beforeEach(() => server.play({}));

const key = 'shop-canary-key-0123456789';
const secret = `ghp_${'aB3dE5gH7jK9mN1pQ3sT5vW7xZ9bC1dE3fG5'}`;
const limits = { signal: new AbortController().signal, withinMs: 20_000 };

function setUp(...tiers: string[]) {
  const caches = createCaches({ url: undefined, folder: tempProject(), log: createLog('silent') });
  onTestFinished(() => caches.close());
  const places = [`shop=${server.url}/v1`, `den=ollama+${server.url}`, 'lmstudio=off', 'ollama=off'];
  return createModels({
    endpoints: readEndpoints(places, { SHOP_API_KEY: key }),
    tiers: readTiers(tiers),
    listings: caches.open('models', { schema: listingSchema, ttlMs: 60_000 }),
    chance: { now: () => performance.now(), random: () => 0 },
  });
}

async function collect(stream: AsyncIterable<ModelEvent>) {
  const events: ModelEvent[] = [];
  for await (const event of stream) events.push(event);
  return { text: events.map((event) => (event.type === 'text' ? event.text : '')).join(''), last: events.at(-1) };
}

const bodies = async () => (await server.journal()).map(({ body }) => body).join('\n');

describe('Models', () => {
  it.each(['shop/small', 'den/tiny'])(
    'never get a secret, neither of a file nor a key of a provider: %s',
    async (model) => {
      const messages = [{ role: 'user' as const, text: `Why does "${secret}" not work? Ours is ${key}.` }];
      expect((await collect(setUp().stream(model, { messages }, limits))).text).toBe('OK');
      expect(await bodies()).toMatch(
        /Why does .{0,2}"REDACTED_GITHUB_[0-9a-f]{8}.{0,2}" not work\? Ours is REDACTED_KEY_/,
      );
      expect(await bodies()).not.toMatch(/canary|aB3dE5gH7jK9/);
    },
  );

  it('may speak of a secret by its name, and are understood', async () => {
    const messages = [{ role: 'user' as const, text: `Is ${secret} a key?` }];
    const models = setUp();
    await collect(models.stream('shop/small', { messages }, limits));
    const name = /REDACTED_\w+/.exec(await bodies())?.[0] ?? '';
    await server.play({ chat: [{ kind: 'answer', pieces: ['It is ', name.slice(0, 12), name.slice(12), '.'] }] });
    expect((await collect(models.stream('shop/small', { messages }, limits))).text).toBe(`It is ${secret}.`);
  });

  it('of a tier are tried in turn until one begins, and the answer says which', async () => {
    const down = { kind: 'http', status: 401, body: '{}' } as const;
    await server.play({ chat: [down, { kind: 'answer' }] });
    const models = setUp('low=shop/small', 'low=den/tiny');
    const messages = [{ role: 'user' as const, text: 'Hello' }];
    expect((await collect(models.stream('low', { messages }, limits))).last).toMatchObject({
      type: 'end',
      model: 'den/tiny',
    });

    await server.play({ chat: [{ kind: 'answer', pieces: ['one', 'two'], fault: { at: 1, act: 'cut' }, everyMs: 5 }] });
    await expect(collect(models.stream('low', { messages }, limits))).rejects.toMatchObject({
      kind: 'cut',
      message: 'shop/small broke off in the middle of the answer.',
    });
    expect(await server.journal()).toHaveLength(1);
  });
});
