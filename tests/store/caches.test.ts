import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import type { Log } from '../../src/log.ts';
import { type Cache, type Caches, createCaches } from '../../src/store/caches.ts';
import {
  freePort,
  hasRedisServer,
  hasSharedRedis,
  kill,
  sharedRedisUrl,
  startRedis,
  startSilentServer,
} from '../helpers/redis.ts';

const door = new URL('../../src/store/caches.ts', import.meta.url).href;
const minute = 60_000;
const schema = z.unknown();

/** What an operation may take, and what a busy machine adds. */
const boundMs = 250 + 150;

const cleanups: Array<() => unknown> = [];
afterEach(async () => {
  vi.useRealTimers();
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'octant-caches-'));
  cleanups.push(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

function makeCaches(options: { url?: string | undefined; folder?: string }) {
  const lines: string[] = [];
  const write = (level: string) => (fields: object, message: string) => {
    lines.push(`${level}: ${message} ${JSON.stringify(fields)}`);
  };
  const log: Log = {
    fatal: write('fatal'),
    error: write('error'),
    warn: write('warn'),
    info: write('info'),
    debug: write('debug'),
  };
  const caches = createCaches({ url: options.url, folder: options.folder ?? '/nowhere', log });
  cleanups.push(() => caches.close());
  return { caches, lines };
}

/** A name that no other test uses in a shared Redis; what it holds is cleared. */
function openAs<Value>(caches: Caches, name: string, type: z.ZodType<Value>, ttlMs = minute): Cache<Value> {
  const cache = caches.open(name, { schema: type, ttlMs });
  cleanups.push(() => cache.clear());
  return cache;
}

const uniqueName = () => `test-${randomBytes(6).toString('hex')}`;

async function took(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** Every operation does nothing, in time. */
async function expectDead(caches: Caches) {
  const cache = caches.open('dead', { schema, ttlMs: minute });
  expect(await took(() => cache.set('key', 1))).toBeLessThan(boundMs);
  expect(await cache.get('key')).toBeUndefined();
  expect(await cache.getMany(['key', 'other'])).toEqual([undefined, undefined]);
  await cache.delete('key');
  await cache.clear();
}

/** The pause after a failure is over; nobody has to wait for it. */
function passPause() {
  const now = Date.now();
  vi.useFakeTimers({ toFake: ['Date'] });
  vi.setSystemTime(now + 6_000);
}

const backends = [
  { title: 'A cache in a file', isHere: true, place: async () => ({ folder: await temporaryFolder() }) },
  {
    title: `A cache in Redis${hasSharedRedis ? '' : ` (skipped: none answers at ${sharedRedisUrl})`}`,
    isHere: hasSharedRedis,
    place: async () => ({ url: sharedRedisUrl }),
  },
];

describe.each(backends)('$title', ({ isHere, place }) => {
  it.runIf(isHere)('gives back what it was given, over instances, and forgets what is deleted', async () => {
    const where = await place();
    const name = uniqueName();
    const first = makeCaches(where);
    const cache = openAs(first.caches, name, schema);
    const value = { text: 'ä ":base64:AA==" \u0000', list: [1, null, ':x'], nested: { yes: true } };
    expect(await cache.get('key')).toBeUndefined();
    await cache.set('key', value);
    await cache.set('other', 0);
    expect(await cache.get('key')).toEqual(value);
    await first.caches.close();

    const second = makeCaches(where);
    const again = openAs(second.caches, name, schema);
    expect(await again.get('key')).toEqual(value);
    await again.set('key', 'new');
    expect(await again.get('key')).toBe('new');
    await again.delete('key');
    expect(await again.get('key')).toBeUndefined();
    expect(await again.get('other')).toBe(0);
    expect([...first.lines, ...second.lines]).toEqual([]);
  });

  it.runIf(isHere)('forgets in time', async () => {
    const { caches } = makeCaches(await place());
    const cache = openAs(caches, uniqueName(), schema, 400);
    await cache.set('key', 1);
    expect(await cache.getMany(['key'])).toEqual([1]);
    await new Promise((resolve) => setTimeout(resolve, 450));
    expect(await cache.get('key')).toBeUndefined();
    expect(await cache.getMany(['key'])).toEqual([undefined]);
  });

  it.runIf(isHere)('keeps namespaces apart, also those that look alike to LIKE', async () => {
    const { caches } = makeCaches(await place());
    const base = uniqueName();
    const names = [`${base}-a_b`, `${base}-axb`, `${base}-A_B`, `${base}-a_b-c`, base];
    const opened = names.map((name) => openAs(caches, name, schema));
    for (const [index, cache] of opened.entries()) await cache.set('key', names[index]);
    for (const [index, cache] of opened.entries()) expect(await cache.get('key')).toBe(names[index]);
    await opened[0]?.clear();
    const left = await Promise.all(opened.map((cache) => cache.get('key')));
    expect(left).toEqual([undefined, ...names.slice(1)]);
    await opened[4]?.clear();
    expect(await opened[1]?.get('key')).toBe(names[1]);
  });

  it.runIf(isHere)('answers many keys in their order, absent and repeated ones too', async () => {
    const { caches } = makeCaches(await place());
    const cache = openAs(caches, uniqueName(), schema);
    const keys = Array.from({ length: 1_200 }, (_none, index) => `key ${index}`);
    await Promise.all(keys.map((key) => cache.set(key, key)));
    const reversed = keys.toReversed();
    expect(await cache.getMany(reversed)).toEqual(reversed);
    expect(await cache.getMany(['key 7', 'none', 'key 1', 'key 7'])).toEqual(['key 7', undefined, 'key 1', 'key 7']);
    expect(await cache.getMany([])).toEqual([]);
    await cache.clear();
    expect(await cache.getMany(keys)).toEqual(keys.map(() => undefined));
  });

  it.runIf(isHere)('takes any string for a key', async () => {
    const { caches, lines } = makeCaches(await place());
    const name = uniqueName();
    const cache = openAs(caches, name, schema);
    const long = 'x'.repeat(10_000);
    const keys = [
      ...[
        '',
        ' ',
        '__proto__',
        'constructor',
        'a\nb',
        'a\0b',
        'a\0c',
        '*',
        '%',
        '_',
        "'",
        '"',
        'Key',
        'key',
        'é',
        'e\u0301',
      ],
      ...['k', `${name}:k`, `octant:${name}:k`, `octant:${name}::k`, '=k', '#k', '\ud800', '\ud801', long, `${long}y`],
    ];
    for (const [index, key] of keys.entries()) await cache.set(key, index);
    expect(await Promise.all(keys.map((key) => cache.get(key)))).toEqual(keys.map((_key, index) => index));
    expect(await cache.getMany(keys)).toEqual(keys.map((_key, index) => index));
    for (const key of keys) await cache.delete(key);
    expect(await cache.getMany(keys)).toEqual(keys.map(() => undefined));
    expect(lines).toEqual([]);
  });

  it.runIf(isHere)('takes a value that does not fit the schema for a miss', async () => {
    const { caches, lines } = makeCaches(await place());
    const name = uniqueName();
    const loose = openAs(caches, name, schema);
    const strict = openAs(caches, name, z.strictObject({ count: z.int() }));
    await strict.set('good', { count: 1 });
    await loose.set('old', { count: '1' });
    await loose.set('null', null);
    expect(await strict.getMany(['good', 'old', 'null'])).toEqual([{ count: 1 }, undefined, undefined]);
    expect(await strict.get('old')).toBeUndefined();
    expect(lines).toEqual([]);
  });

  it.runIf(isHere)('is not hurt by a value that JSON cannot hold', async () => {
    const { caches, lines } = makeCaches(await place());
    const cache = openAs(caches, uniqueName(), schema);
    const circle: { self?: object } = {};
    circle.self = circle;
    for (const value of [circle, 1n, undefined, () => 1]) {
      await cache.set('key', value);
      expect(await cache.get('key')).toBeUndefined();
    }
    expect(lines).toEqual([]);
  });

  it.runIf(isHere)('is shared by instances that write at once', async () => {
    const where = await place();
    const name = uniqueName();
    const made = [makeCaches(where), makeCaches(where)];
    const opened = made.map(({ caches }) => openAs(caches, name, schema));
    const keys = Array.from({ length: 200 }, (_none, index) => `key ${index}`);
    await Promise.all(keys.flatMap((key) => opened.map((cache) => cache.set(key, key))));
    for (const cache of opened) expect(await cache.getMany(keys)).toEqual(keys);
    expect(made.flatMap(({ lines }) => lines)).toEqual([]);
  });

  it.runIf(isHere)('is shared by processes that start at once, and keeps none of them alive', async () => {
    const where = await place();
    const name = uniqueName();
    const printed = await Promise.all(['one', 'two', 'three'].map((own) => runProcess(where, name, own)));
    expect(printed).toEqual(['0 missed\n', '0 missed\n', '0 missed\n']);
    const { caches } = makeCaches(where);
    const cache = openAs(caches, name, schema);
    expect(await cache.getMany(['one 99', 'two 99', 'three 99'])).toEqual([99, 99, 99]);
  });

  it.runIf(isHere)('closes at once, and does nothing afterwards', async () => {
    const { caches, lines } = makeCaches(await place());
    const cache = openAs(caches, uniqueName(), schema);
    await cache.set('key', 1);
    const late = cache.set('late', 1);
    expect(await took(() => caches.close())).toBeLessThan(boundMs);
    await late;
    await cache.set('key', 2);
    expect(await cache.get('key')).toBeUndefined();
    await caches.close();
    expect(lines).toEqual([]);
  });
});

/** Writes a hundred keys and reads them; ends by itself without having closed anything. Complains about any log line. */
async function runProcess(where: { url?: string; folder?: string }, name: string, own: string): Promise<string> {
  const source = `
    import { createCaches } from ${JSON.stringify(door)};
    const complain = (fields, message) => console.log(message, fields);
    const log = { fatal: complain, error: complain, warn: complain, info: complain, debug: complain };
    const caches = createCaches({ ...${JSON.stringify({ folder: '/nowhere', ...where })}, log });
    const schema = { safeParse: (data) => ({ success: true, data }) };
    const cache = caches.open(${JSON.stringify(name)}, { schema, ttlMs: ${minute} });
    let missed = 0;
    for (let index = 0; index < 100; index++) {
      await cache.set('${own} ' + index, index);
      if (await cache.get('${own} ' + index) !== index) missed++;
    }
    console.log(missed + ' missed');`;
  const child = spawn(process.execPath, ['--no-warnings', '--input-type=module', '-e', source], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
}

describe('Caches', () => {
  it('open nothing before the first operation', async () => {
    const folder = join(await temporaryFolder(), 'deep', 'inside');
    const { caches } = makeCaches({ folder });
    const cache = openAs(caches, 'quiet', schema);
    expect(existsSync(folder)).toBe(false);
    await cache.get('key');
    expect(existsSync(join(folder, 'caches.db'))).toBe(true);
  });

  it('refuse names that a backend could take for a pattern, and times that mean for ever', () => {
    const { caches } = makeCaches({});
    for (const name of ['', 'a*', 'a:b', 'a b', 'ä']) {
      expect(() => caches.open(name, { schema, ttlMs: minute })).toThrow('cannot be named');
    }
    for (const ttlMs of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => caches.open('name', { schema, ttlMs })).toThrow('cannot keep');
    }
  });
});

describe('The file of the caches', () => {
  it('is private', async () => {
    const folder = join(await temporaryFolder(), 'data');
    const { caches } = makeCaches({ folder });
    await openAs(caches, 'name', schema).set('key', 1);
    const mode = async (path: string) => ((await stat(path)).mode & 0o777).toString(8);
    expect(await mode(folder)).toBe('700');
    for (const file of ['caches.db', 'caches.db-wal']) expect(await mode(join(folder, file))).toBe('600');
  });

  it('is swept of what has expired', async () => {
    const folder = await temporaryFolder();
    const first = makeCaches({ folder });
    const brief = first.caches.open('brief', { schema, ttlMs: 1 });
    for (let index = 0; index < 20; index++) await brief.set(String(index), index);
    await first.caches.open('long', { schema, ttlMs: minute }).set('key', 1);
    await first.caches.close();

    const second = makeCaches({ folder });
    await second.caches.open('other', { schema, ttlMs: minute }).get('key');
    await second.caches.close();
    const database = new DatabaseSync(join(folder, 'caches.db'));
    const rows = database.prepare('SELECT namespace FROM keyv').all();
    database.close();
    expect(rows).toEqual([{ namespace: 'octant:long' }]);
  });

  it.each([
    ['text', Buffer.from('not a database')],
    ['zeros', Buffer.alloc(20_000)],
    ['a header and noise', Buffer.concat([Buffer.from('SQLite format 3\0'), randomBytes(20_000)])],
  ])('is made anew when it holds %s', async (_title, content) => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'caches.db'), content);
    await writeFile(join(folder, 'caches.db-wal'), randomBytes(5_000));
    const { caches, lines } = makeCaches({ folder });
    const cache = openAs(caches, 'name', schema);
    await cache.set('key', 1);
    expect(await cache.get('key')).toBe(1);
    expect(lines).toEqual([]);
  });

  it.each([
    ['damaged pages', damagePages],
    ['a table of another form', replaceTable],
  ])('is made anew after a pause when %s show only in use', async (_title, damage) => {
    const folder = await temporaryFolder();
    const first = makeCaches({ folder });
    const keys = Array.from({ length: 300 }, (_none, index) => `key ${index}`);
    const filled = first.caches.open('name', { schema, ttlMs: minute });
    for (const key of keys) await filled.set(key, 'x'.repeat(200));
    await first.caches.close();
    await damage(join(folder, 'caches.db'));

    const { caches } = makeCaches({ folder });
    const cache = openAs(caches, 'name', schema);
    await cache.getMany(keys);
    passPause();
    await cache.set('key', 1);
    expect(await cache.get('key')).toBe(1);
    expect((await cache.getMany(keys)).every((value) => value === undefined)).toBe(true);
  });

  it('that another process has locked makes nobody wait twice', async () => {
    const folder = await temporaryFolder();
    const { caches, lines } = makeCaches({ folder });
    const cache = openAs(caches, 'name', schema);
    await cache.set('key', 1);
    const other = new DatabaseSync(join(folder, 'caches.db'));
    other.exec('BEGIN IMMEDIATE');
    expect(await took(() => cache.set('key', 2))).toBeLessThan(boundMs);
    expect(await took(() => cache.set('key', 2))).toBeLessThan(50);
    other.exec('ROLLBACK');
    other.close();
    passPause();
    expect(await cache.get('key')).toBe(1);
    expect(lines).toEqual([
      'warn: the cache does not answer {"cache":"file","reason":"database is locked"}',
      'info: the cache answers again {"cache":"file"}',
    ]);
  });

  it('cannot lie below a file', async () => {
    const path = join(await temporaryFolder(), 'file');
    await writeFile(path, '');
    const { caches, lines } = makeCaches({ folder: join(path, 'data') });
    await expectDead(caches);
    expect(lines).toEqual(['warn: the cache does not answer {"cache":"file","reason":"ENOTDIR"}']);
  });

  const isRoot = process.getuid?.() === 0;
  it.skipIf(isRoot)(`cannot be made in a read-only folder${isRoot ? ' (skipped: root may write)' : ''}`, async () => {
    const folder = join(await temporaryFolder(), 'data');
    await mkdir(folder, { mode: 0o500 });
    const { caches, lines } = makeCaches({ folder });
    await expectDead(caches);
    expect(lines).toEqual(['warn: the cache does not answer {"cache":"file","reason":"EACCES"}']);
    await chmod(folder, 0o700);
    passPause();
    const cache = openAs(caches, 'name', schema);
    await cache.set('key', 1);
    expect(await cache.get('key')).toBe(1);
  });
});

async function damagePages(path: string) {
  const content = await readFile(path);
  await writeFile(path, content.fill(0xff, 4_096 * 4));
}

async function replaceTable(path: string) {
  const database = new DatabaseSync(path);
  database.exec('DROP TABLE keyv; CREATE TABLE keyv (id INTEGER, namespace TEXT, expires BIGINT)');
  database.close();
}

describe('A Redis', () => {
  it('that is not there costs next to nothing, and its password is not told', async () => {
    const port = await freePort();
    const { caches, lines } = makeCaches({ url: `redis://user:s3cret@127.0.0.1:${port}/2` });
    await expectDead(caches);
    const cache = caches.open('name', { schema, ttlMs: minute });
    expect(await took(() => Promise.all(Array.from({ length: 1_000 }, () => cache.get('key'))))).toBeLessThan(100);
    expect(lines).toEqual([`warn: the cache does not answer {"cache":"127.0.0.1:${port}","reason":"ECONNREFUSED"}`]);
    passPause();
    await expectDead(caches);
    expect(lines.length).toBe(1);
  });

  it('of a URL that makes no sense is no cache', async () => {
    const { caches, lines } = makeCaches({ url: 's3cret at nowhere' });
    await expectDead(caches);
    expect(lines.length).toBe(1);
    expect(lines[0]).not.toContain('s3cret');
  });

  it('that accepts and never answers holds nobody up', async () => {
    const server = await startSilentServer();
    cleanups.push(() => server.close());
    const { caches, lines } = makeCaches({ url: `redis://:s3cret@127.0.0.1:${server.port}` });
    await expectDead(caches);
    expect(lines).toEqual([
      `warn: the cache does not answer {"cache":"127.0.0.1:${server.port}","reason":"no answer within 250 ms"}`,
    ]);
    passPause();
    const cache = caches.open('name', { schema, ttlMs: minute });
    expect(await took(() => cache.clear()), 'clearing may take longer, but not waiting for it').toBeLessThan(boundMs);
    expect(lines.length).toBe(1);
    expect(await took(() => caches.close())).toBeLessThan(700);
  });

  const why = hasRedisServer ? '' : ' (skipped: no redis-server on this machine)';
  it.runIf(hasRedisServer)(`that dies and comes back is used again${why}`, async () => {
    const port = await freePort();
    const dying = await startRedis(port);
    cleanups.push(() => kill(dying));
    const { caches, lines } = makeCaches({ url: `redis://127.0.0.1:${port}` });
    const cache = caches.open('name', { schema, ttlMs: minute });
    await cache.set('key', 1);
    expect(await cache.get('key')).toBe(1);

    await kill(dying);
    await expectDead(caches);
    expect(lines.length).toBe(1);
    const back = await startRedis(port);
    cleanups.push(() => kill(back));
    expect(await cache.get('key'), 'nothing is tried in the pause').toBeUndefined();
    passPause();
    await cache.set('key', 2);
    expect(await cache.get('key')).toBe(2);
    expect(lines).toEqual([
      // refused, or closed under the operation that came first
      expect.stringContaining(`warn: the cache does not answer {"cache":"127.0.0.1:${port}"`),
      `info: the cache answers again {"cache":"127.0.0.1:${port}"}`,
    ]);
  });

  it.runIf(hasRedisServer)(`that was started again between two operations is not missed${why}`, async () => {
    const port = await freePort();
    const first = await startRedis(port);
    cleanups.push(() => kill(first));
    const { caches, lines } = makeCaches({ url: `redis://127.0.0.1:${port}` });
    const cache = caches.open('name', { schema, ttlMs: minute });
    await cache.set('key', 1);
    await kill(first);
    const second = await startRedis(port);
    cleanups.push(() => kill(second));
    await cache.set('key', 2);
    expect(await cache.get('key')).toBe(2);
    expect(lines).toEqual([]);
  });

  it.runIf(hasRedisServer)(`that hangs in the middle of operations holds nobody up${why}`, async () => {
    const port = await freePort();
    const redis = await startRedis(port);
    cleanups.push(() => kill(redis));
    const { caches, lines } = makeCaches({ url: `redis://127.0.0.1:${port}` });
    const cache = caches.open('name', { schema, ttlMs: minute });
    await cache.set('key', 1);
    redis.kill('SIGSTOP');
    const many = () => Promise.all(Array.from({ length: 200 }, (_none, index) => cache.set(`key ${index}`, index)));
    expect(await took(many)).toBeLessThan(boundMs);
    expect(await took(many)).toBeLessThan(50);
    expect(lines.length).toBe(1);
    redis.kill('SIGCONT');
    passPause();
    expect(await cache.get('key')).toBe(1);
    expect(lines.length).toBe(2);
  });
});
