import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import KeyvRedis, { createClient } from '@keyv/redis';
import KeyvSqlite from '@keyv/sqlite';
import { Keyv } from 'keyv';
import { afterAll, describe, expect, it } from 'vitest';
import { hasSharedRedis, sharedRedisUrl } from '../helpers/redis.ts';

/**
 * What the installed packages do where `src/store` builds on it or around it. When an upgrade fails one of these, look
 * whether the place that it names can become simpler, or must change.
 */
const folder = await mkdtemp(join(tmpdir(), 'octant-keyv-'));
afterAll(() => rm(folder, { recursive: true, force: true }));

function sqlite(name: string, options: { busyTimeout?: number } = {}) {
  const uri = `sqlite://${join(folder, name)}`;
  return new KeyvSqlite({ uri, driver: 'node:sqlite', wal: true, busyTimeout: 200, ...options });
}

describe('Keyv over a store that always fails', () => {
  const failing = () => {
    const fail = async () => {
      throw new Error('down');
    };
    const every = { get: fail, getMany: fail, set: fail, setMany: fail, delete: fail, deleteMany: fail, clear: fail };
    return { ...every, has: fail, hasMany: fail, capabilities: { expires: true } };
  };

  it('throws when nobody listens', async () => {
    const keyv = new Keyv({ store: failing() });
    await expect(keyv.get('key')).rejects.toThrow('down');
    await expect(keyv.getMany(['key'])).rejects.toThrow('down');
    await expect(keyv.set('key', 1)).rejects.toThrow('down');
  });

  it('answers as for a miss when somebody listens, so a cache link must listen (cache-link.ts)', async () => {
    const keyv = new Keyv({ store: failing() });
    const heard: unknown[] = [];
    keyv.on('error', (error) => heard.push(error));
    expect(await keyv.get('key')).toBeUndefined();
    expect(await keyv.getMany(['key'])).toEqual([undefined]);
    expect(await keyv.set('key', 1)).toBe(false);
    expect(await keyv.has('key')).toBe(false);
    expect(await keyv.delete('key')).toBe(false);
    await keyv.clear();
    expect(heard.length).toBe(6);
  });

  it('has no option to throw all the same', async () => {
    const options = { store: failing(), throwOnErrors: true };
    const keyv = new Keyv(options);
    keyv.on('error', () => {});
    expect(await keyv.get('key')).toBeUndefined();
  });
});

describe('Keyv', () => {
  it('takes a TTL of nothing for one without end (caches.ts refuses it)', async () => {
    const keyv = new Keyv();
    await keyv.set('key', 1, 0);
    expect(await keyv.getRaw('key')).toEqual({ value: 1, expires: undefined });
  });

  it('mixes up two namespaces over one adapter (one adapter for each, cache-link.ts)', async () => {
    const store = sqlite('shared.db');
    const first = new Keyv({ store, namespace: 'first' });
    const second = new Keyv({ store, namespace: 'second' });
    await first.set('key', 1);
    await second.set('key', 2);
    expect(await first.get('key')).toBe(2);
    await store.disconnect();
  });
});

describe('The SQLite adapter', () => {
  it('takes a key that begins like its namespace for another (storedKey in caches.ts)', async () => {
    const store = sqlite('prefix.db');
    const keyv = new Keyv({ store, namespace: 'p' });
    await keyv.set('p:1', 'one');
    expect(await keyv.get('1')).toBe('one');
    await store.disconnect();
  });

  it('clears no namespace that looks alike', async () => {
    const stores = ['a_b', 'axb', 'A_B'].map((namespace) => ({ namespace, store: sqlite('alike.db') }));
    const opened = stores.map((options) => new Keyv(options));
    for (const keyv of opened) await keyv.set('key', 1);
    await opened[0]?.clear();
    expect(await Promise.all(opened.map((keyv) => keyv.get('key')))).toEqual([undefined, 1, 1]);
    for (const { store } of stores) await store.disconnect();
  });

  it('waits for nobody unless told to (busyTimeout in cache-file.ts)', async () => {
    const store = sqlite('busy.db', { busyTimeout: 0 });
    expect(await store.query('PRAGMA busy_timeout')).toEqual([{ timeout: 0 }]);
    await store.disconnect();
    const patient = sqlite('busy.db');
    expect(await patient.query('PRAGMA busy_timeout')).toEqual([{ timeout: 200 }]);
    expect(await patient.query('PRAGMA journal_mode')).toEqual([{ journal_mode: 'wal' }]);
    await patient.disconnect();
  });
});

const why = hasSharedRedis ? '' : ` (skipped: none answers at ${sharedRedisUrl})`;
describe(`The Redis adapter${why}`, () => {
  it.runIf(hasSharedRedis)('connects again a client that was let go (getClient in cache-redis.ts)', async () => {
    const client = createClient({
      url: sharedRedisUrl,
      disableOfflineQueue: true,
      socket: { reconnectStrategy: false },
    });
    client.on('error', () => {});
    await client.connect();
    const store = new KeyvRedis(client);
    client.destroy();
    expect(client.isOpen).toBe(false);
    await store.get('octant-test-none');
    expect(client.isOpen).toBe(true);
    client.destroy();

    store.getClient = async () => client;
    expect(await store.get('octant-test-none')).toBeUndefined();
    expect(client.isOpen).toBe(false);
  });
});
