import { join } from 'node:path';
import { createLog } from '../../src/log.ts';
import type { Migration } from '../../src/store/migrations.ts';
import { createPostgresStore } from '../../src/store/postgres.ts';
import { createSqliteStore } from '../../src/store/sqlite.ts';
import type { Store } from '../../src/store/store.ts';
import { hasPostgres, noPostgres, tempDatabase } from './postgres.ts';
import { makeTempFolder, removeFolder } from './temp-project.ts';

export const silent = createLog('silent');

/** A real database of a test, on which any number of stores can be opened, here or in other processes. */
export interface Backend {
  /** What `--data-dir` or `--store` takes to reach it. */
  flags: readonly string[];
  open(options?: { migrations?: readonly Migration[]; clock?: () => number }): Store;
  remove(): Promise<void>;
}

/** Every backend that is there; for `describe.skipIf(!isThere)`. */
export const backends: ReadonlyArray<{ name: string; isThere: boolean; create(): Promise<Backend> }> = [
  { name: 'SQLite', isThere: true, create: createSqlite },
  { name: `PostgreSQL${noPostgres}`, isThere: hasPostgres, create: createPostgres },
];

/** As if the processes of all runs had been silent for so much longer: a run whose process lives beats again soon. */
export async function silenceRuns(backend: Backend, ms: number): Promise<void> {
  const store = backend.open();
  await store.write('runs', ({ db }) =>
    db
      .updateTable('runs')
      .set(({ eb }) => ({ beat_at: eb('beat_at', '-', ms) }))
      .execute(),
  );
  await store.close();
}

export async function createSqlite(): Promise<Backend> {
  const folder = makeTempFolder();
  return {
    flags: ['--data-dir', folder],
    open: (options) => openSqlite(join(folder, 'octant.db'), options),
    remove: async () => removeFolder(folder),
  };
}

export function openSqlite(
  path: string,
  options: { migrations?: readonly Migration[]; clock?: () => number } = {},
): Store {
  return createSqliteStore({ path, log: silent, findDamage: async () => undefined, ...options });
}

async function createPostgres(): Promise<Backend> {
  const { url, drop } = await tempDatabase();
  return {
    flags: ['--store', url],
    open: ({ migrations } = {}) => createPostgresStore({ url, log: silent, ...(migrations && { migrations }) }),
    remove: drop,
  };
}
