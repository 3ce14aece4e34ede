import { statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { FileWatcher } from './watch.ts';

/**
 * Watches a folder that may not be there yet: until it is, the nearest folder above it is watched for the next part of
 * its path.
 *
 * @param notify called when something directly within it may have changed, and when it comes
 * @returns a function that ends the watch
 */
export function watchComing(folder: string, watcher: FileWatcher, notify: () => void): () => void {
  let release = arm();
  return () => release();

  function arm(): () => void {
    const missing = firstMissing(folder);
    if (missing === undefined) return watcher.watchFolder(folder, notify);
    return watcher.watchFile(missing, () => {
      release();
      release = arm();
      notify();
    });
  }
}

/** The first part of a path that is no folder, below one that is. */
function firstMissing(folder: string): string | undefined {
  if (isFolder(folder)) return undefined;
  const above = dirname(folder);
  return above === folder || isFolder(above) ? join(above, basename(folder)) : firstMissing(above);
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
