import { type FSWatcher, statfsSync, watch } from 'node:fs';
import { systemCode } from '../errors.ts';

/** What happened directly within a watched folder; no name where the system does not say. */
export type FolderEvent = (folder: string, name: string | undefined) => void;

/** One system watch a folder, for whoever looks at the changes himself and in his own time. */
export interface FolderWatches {
  /**
   * @param key what `onEvent` calls it
   * @returns false when there is no such folder
   */
  add(key: string, folder: string): boolean;
  remove(key: string): void;
  /** How many folders may not be read, and so not be watched; the folder above tells when that changes. */
  closed(): number;
  /** Whether every other folder is watched; the system may have too few watches, and then none is used any more. */
  areComplete(): boolean;
  close(): void;
}

/** So many wait for a thread at most, unless the system is set up otherwise; what comes when it is full is lost. */
const maxQueuedEvents = 16_384;
let eventCount = 0;

/** File systems on a disk or in the memory of this machine: of those over a network nobody may say what others change. */
const localTypes = new Set([
  0xef53, // ext2 to ext4
  0x9123683e, // btrfs
  0x58465342, // xfs
  0x01021994, // tmpfs
  0x858458f6, // ramfs
  0x794c7630, // overlayfs
  0xf2f52010, // f2fs
  0x2fc12fc1, // zfs
  0xca451a4e, // bcachefs
]);

/** Whether the system tells of every change within a folder before anything else that happens after it. */
export function tellsOfAllChanges(folder: string): boolean {
  try {
    return process.platform === 'linux' && localTypes.has(statfsSync(folder).type);
  } catch {
    return false;
  }
}

/** Tells whether events may have been lost since it was last asked: when very many came, to all watches of this thread. */
export function createLossMeter(): { mayHaveLost(): boolean } {
  let before = eventCount;
  return {
    mayHaveLost() {
      const isMuch = eventCount - before >= maxQueuedEvents;
      before = eventCount;
      return isMuch;
    },
  };
}

/** Other programs of the user need watches as well, and often the system has only some 8,000. */
const maxWatches = 12_000;

export function createFolderWatches(onEvent: FolderEvent): FolderWatches {
  const watches = new Map<string, FSWatcher>();
  const closed = new Set<string>();
  let isComplete = true;

  return {
    add(key, folder) {
      if (!isComplete || watches.has(key)) return true;
      if (watches.size >= maxWatches) giveUp();
      else {
        try {
          const watcher = watch(folder, { persistent: false }, (_kind, name) => {
            eventCount++;
            onEvent(key, name ?? undefined);
          });
          watcher.on('error', giveUp);
          watches.set(key, watcher);
        } catch (error) {
          const code = systemCode(error);
          if (code === 'ENOENT') return false; // the folder above was told of that
          if (code === 'EACCES') closed.add(key);
          else giveUp();
        }
      }
      return true;
    },
    remove(key) {
      watches.get(key)?.close();
      watches.delete(key);
      closed.delete(key);
    },
    closed: () => closed.size,
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
    closed.clear();
  }
}
