import { createHash } from 'node:crypto';
import type { z } from 'zod';
import type { Log } from '../log.ts';
import { createCacheLink } from './cache-link.ts';

/**
 * The one door to caches. A dead cache slows a call, but never fails it: reads then answer undefined, and writes do
 * nothing. Nothing is loaded or opened before the first operation.
 */
export interface Caches {
  /**
   * A namespace of its own; opening it again gives the same entries. Values are JSON, and `schema` checks them when they
   * come back: a misfit is a miss.
   */
  open<Value>(namespace: string, options: { schema: z.ZodType<Value>; ttlMs: number }): Cache<Value>;
  close(): Promise<void>;
}

export interface Cache<Value> {
  get(key: string): Promise<Value | undefined>;
  /** In the order of the keys. */
  getMany(keys: readonly string[]): Promise<Array<Value | undefined>>;
  set(key: string, value: Value): Promise<void>;
  delete(key: string): Promise<void>;
  clear(): Promise<void>;
}

/** What one operation may take. A Redis is cleared by walking through all of its keys. */
const operationMs = 250;
const clearMs = 2_000;

/** Without `url`, of a Redis, caches live in the file `caches.db` in `folder`. */
export function createCaches(options: { url: string | undefined; folder: string; log: Log }): Caches {
  const { url, folder, log } = options;
  const link = createCacheLink({ where: url === undefined ? 'file' : hostOf(url), load, log });

  async function load() {
    if (url === undefined) return (await import('./cache-file.ts')).createFileBackend(folder);
    return (await import('./cache-redis.ts')).createRedisBackend(url);
  }

  return {
    open(name, { schema, ttlMs }) {
      // Redis takes a namespace for a pattern when it is cleared, and Keyv takes no TTL for one without end.
      if (!/^[\w-]{1,100}$/.test(name)) throw new TypeError(`A cache cannot be named ${JSON.stringify(name)}.`);
      if (!(ttlMs > 0 && ttlMs < Number.POSITIVE_INFINITY))
        throw new RangeError(`A cache cannot keep for ${ttlMs} ms.`);
      const namespace = `octant:${name}`;
      return {
        async get(key) {
          return checked(schema, await link.run(namespace, operationMs, (keyv) => keyv.get(storedKey(key))));
        },
        async getMany(keys) {
          if (keys.length === 0) return [];
          const stored = keys.map(storedKey);
          const values = await link.run(namespace, operationMs, (keyv) => keyv.getMany(stored));
          return keys.map((_key, index) => checked(schema, values?.[index]));
        },
        async set(key, value) {
          await link.run(namespace, operationMs, (keyv) => keyv.set(storedKey(key), value, ttlMs));
        },
        async delete(key) {
          await link.run(namespace, operationMs, (keyv) => keyv.delete(storedKey(key)));
        },
        async clear() {
          await link.run(namespace, clearMs, (keyv) => keyv.clear());
        },
      };
    },
    close: () => link.close(),
  };
}

/**
 * Short, plain keys stay legible; the others are hashed, by their UTF-16 units, since half a character has no UTF-8.
 * The first character keeps the two apart, and keeps a key from beginning like a namespace, which adapters cut off.
 */
function storedKey(key: string): string {
  if (/^[ -~]{0,1024}$/.test(key)) return `=${key}`;
  return `#${createHash('sha256').update(key, 'utf16le').digest('base64url')}`;
}

function checked<Value>(schema: z.ZodType<Value>, value: unknown): Value | undefined {
  if (value === undefined) return undefined;
  const { data } = schema.safeParse(value);
  return data;
}

function hostOf(url: string): string {
  return URL.parse(url)?.host ?? 'a Redis whose URL makes no sense';
}
