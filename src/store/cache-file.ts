import { mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import KeyvSqlite from '@keyv/sqlite';
import type { CacheBackend, CacheConnection } from './cache-backend.ts';

/** SQLite runs in this thread, so this is also the longest that another process can make us stand still. */
const busyTimeoutMs = 200;
const sweepEveryMs = 3_600_000;
const keptLogBytes = 4 * 1024 * 1024;

/** SQLite's result codes for a file that will not get better: wrong tables, a damaged database, no database at all. */
const garbageCodes = new Set([1, 11, 26]);

/** A SQLite file that several processes may use at once. Nothing in it is dear: what cannot be read is deleted. */
export function createFileBackend(folder: string): CacheBackend {
  const path = join(folder, 'caches.db');
  return {
    async connect(after) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      if (isGarbage(after)) await remove(path);
      try {
        return await openFile(path);
      } catch (error) {
        if (!isGarbage(error)) throw error;
        await remove(path);
        return await openFile(path);
      }
    },
  };
}

async function openFile(path: string): Promise<CacheConnection> {
  await makePrivate(path);
  // Expired rows are only deleted when somebody asks for them, so one adapter sweeps the table for all namespaces.
  const sweeper = await openAdapter(path, sweepEveryMs);
  const adapters = [sweeper];
  await sweeper.clearExpired().catch(() => {}); // another process is writing; it has swept, or we do in an hour
  return {
    async createAdapter() {
      const adapter = await openAdapter(path, 0);
      adapters.push(adapter);
      return adapter;
    },
    async close() {
      for (const adapter of adapters) await adapter.disconnect().catch(() => {});
    },
  };
}

async function openAdapter(path: string, clearExpiredInterval: number): Promise<KeyvSqlite> {
  const adapter = new KeyvSqlite({
    uri: `sqlite://${path}`,
    driver: 'node:sqlite',
    wal: true,
    busyTimeout: busyTimeoutMs,
    clearExpiredInterval,
  });
  try {
    await adapter.ready;
    await adapter.query('PRAGMA synchronous = NORMAL');
    await adapter.query(`PRAGMA journal_size_limit = ${keptLogBytes}`);
    return adapter;
  } catch (error) {
    await adapter.disconnect().catch(() => {});
    throw error;
  }
}

/** SQLite gives a new file the process's default mode, and its log the mode of the file. */
async function makePrivate(path: string) {
  const file = await open(path, 'a', 0o600);
  try {
    await file.chmod(0o600);
  } finally {
    await file.close();
  }
}

/** The log goes first: a new database must never find the log of an old one. */
async function remove(path: string) {
  for (const suffix of ['-wal', '-shm', '']) await rm(path + suffix, { force: true });
}

function isGarbage(error: unknown): boolean {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return false;
  return garbageCodes.has(error.errcode & 0xff); // the low byte is the kind, the rest its details
}
