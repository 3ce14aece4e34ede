import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { FileWatcher } from './watch.ts';

const maxFolders = 2000;
const quietMs = 50;

/**
 * Watches the folders of a project for files that come, go or change. New folders are watched as they appear, up to
 * 2,000 in all.
 *
 * @param list the folders that hold the project's files, relative to `root`; asked for again after each change
 * @param notify called at most once in 50 ms
 * @returns once the folders of the first list are watched, a function that ends the watch
 */
export async function watchTree(
  root: string,
  watcher: FileWatcher,
  list: (signal: AbortSignal) => Promise<readonly string[]>,
  notify: () => void,
): Promise<() => void> {
  const watched = new Map<string, () => void>();
  const abort = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let looking: Promise<void> | undefined;

  add('');
  await look();
  return () => {
    abort.abort();
    clearTimeout(timer);
    for (const release of watched.values()) release();
    watched.clear();
  };

  function add(folder: string) {
    if (abort.signal.aborted || watched.has(folder) || watched.size >= maxFolders) return;
    watched.set(
      folder,
      watcher.watchFolder(join(root, folder), (name) => onChange(folder, name)),
    );
  }

  function onChange(folder: string, name: string | null) {
    const child = name === null ? undefined : folder === '' ? name : `${folder}/${name}`;
    if (child !== undefined && name !== '.git' && isFolder(join(root, child))) add(child);
    timer ??= setTimeout(() => {
      timer = undefined;
      notify();
      void look();
    }, quietMs).unref();
  }

  /** One look at a time; a change meanwhile leads to another by its own timer. */
  async function look() {
    if (looking) return;
    looking = list(abort.signal).then(
      (folders) => folders.forEach(add),
      () => {}, // too busy or cancelled: the next change asks again
    );
    await looking;
    looking = undefined;
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
