import { mkdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Context } from '../context.ts';
import { StartError } from '../errors.ts';
import type { Say } from './say.ts';

/** `octant backup PATH`: a copy of the store's file; in a folder it is named after the time. */
export async function backup(path: string, { store, settings }: Context, say: Say): Promise<void> {
  if (!store.exists()) throw new StartError(`There is no store in ${settings.dataDir}, so there is nothing to copy.`);
  const target = resolve(path);
  if (/[/\\]$/.test(path)) mkdirSync(target, { recursive: true, mode: 0o700 });
  const isFolder = statSync(target, { throwIfNoEntry: false })?.isDirectory() === true;
  const file = isFolder
    ? join(target, `octant-${new Date().toISOString().replace(/\W/g, '').slice(0, 15)}.db`)
    : target;
  await store.backup(file);
  say(
    `Copied the store to ${file}. To go back to it: end all servers, then put it in the place of octant.db in ${settings.dataDir} and remove octant.db-wal and octant.db-shm there.`,
  );
}
