import { type FSWatcher, watch } from 'node:fs';

/** What happened directly within a watched folder; no name where the system does not say. */
export type FolderEvent = (folder: string, name: string | undefined) => void;

/** One system watch a folder, for whoever looks at the changes himself and in his own time. */
export interface FolderWatches {
  /** @param key what `onEvent` calls it */
  add(key: string, folder: string): void;
  remove(key: string): void;
  /** Whether every folder is watched; the system may have too few watches, and then none is used any more. */
  areComplete(): boolean;
  close(): void;
}

/** Other programs of the user need watches as well, and often the system has only some 8,000. */
const maxWatches = 12_000;

export function createFolderWatches(onEvent: FolderEvent): FolderWatches {
  const watches = new Map<string, FSWatcher>();
  let isComplete = true;

  return {
    add(key, folder) {
      if (!isComplete || watches.has(key)) return;
      if (watches.size >= maxWatches) return giveUp();
      try {
        const watcher = watch(folder, { persistent: false }, (_kind, name) => onEvent(key, name ?? undefined));
        watcher.on('error', giveUp);
        watches.set(key, watcher);
      } catch {
        giveUp();
      }
    },
    remove(key) {
      watches.get(key)?.close();
      watches.delete(key);
    },
    areComplete: () => isComplete,
    close: closeAll,
  };

  function giveUp() {
    isComplete = false;
    closeAll();
  }

  function closeAll() {
    for (const watcher of watches.values()) watcher.close();
    watches.clear();
  }
}
