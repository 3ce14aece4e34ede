import { type FSWatcher, statSync, watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Log } from '../log.ts';
import { identityOfFolder } from './file-look.ts';

/** Tells when files change. One system watch a folder, shared, released with its last listener. */
export interface FileWatcher {
  /**
   * Calls `listener` within 100 ms of a change to the file, its creation or its removal; several changes within that
   * time make one call. Where the system has no watches (left), its folder is polled, within 300 ms.
   *
   * @returns a function that ends the watch
   */
  watchFile(path: string, listener: () => void): () => void;
  /** The same for anything directly within a folder; `name` is what changed first, where the system says so. */
  watchFolder(folder: string, listener: (name: string | null) => void): () => void;
  close(): void;
}

const quietMs = 50;
const pollMs = 200;

interface Listener {
  concerns(name: string | null): boolean;
  tell(name: string | null): void;
  /** What to look at when polling. */
  path: string;
  /** How it looked last. */
  seen: string;
}

interface WatchedFolder {
  listeners: Set<Listener>;
  close(): void;
}

export function createFileWatcher(log: Log): FileWatcher {
  const folders = new Map<string, WatchedFolder>();

  return {
    watchFile(path, listener) {
      const name = basename(path);
      return addListener(dirname(path), path, listener, (changed) => changed === null || changed === name);
    },
    watchFolder(folder, listener) {
      return addListener(folder, folder, listener, () => true);
    },
    close() {
      for (const { close } of folders.values()) close();
      folders.clear();
    },
  };

  function addListener(
    folder: string,
    path: string,
    listener: (name: string | null) => void,
    concerns: Listener['concerns'],
  ) {
    let timer: NodeJS.Timeout | undefined;
    const added: Listener = {
      path,
      seen: lookOf(path),
      concerns,
      tell(name) {
        timer ??= setTimeout(() => {
          timer = undefined;
          listener(name);
        }, quietMs).unref();
      },
    };
    const watched = folders.get(folder) ?? watchOneFolder(folder, log);
    folders.set(folder, watched);
    watched.listeners.add(added);
    return () => {
      clearTimeout(timer);
      watched.listeners.delete(added);
      if (watched.listeners.size > 0 || folders.get(folder) !== watched) return;
      folders.delete(folder);
      watched.close();
    };
  }
}

/**
 * A system watch belongs to a folder's inode: when the folder is removed or replaced it falls silent. So each event is
 * followed by a look whether the folder is still the same; while it is not there, or cannot be watched, it is polled.
 */
function watchOneFolder(folder: string, log: Log): WatchedFolder {
  const listeners: WatchedFolder['listeners'] = new Set();
  let watcher: FSWatcher | undefined;
  let identity = '';
  let timer: NodeJS.Timeout | undefined;
  start();
  return { listeners, close: stop };

  function start() {
    identity = identityOfFolder(folder);
    try {
      watcher = watch(folder, { persistent: false }, (_event, name) => onEvent(name));
      watcher.on('error', (error) => {
        log.debug({ err: error }, 'a system watch ended');
        restart();
      });
    } catch {
      timer = setInterval(poll, pollMs).unref(); // out of watches, or the folder is not there
    }
  }

  function stop() {
    watcher?.close();
    watcher = undefined;
    clearInterval(timer);
    timer = undefined;
  }

  function restart() {
    stop();
    start();
    tellAll(null);
  }

  function onEvent(name: string | null) {
    tellAll(name);
    timer ??= setTimeout(() => {
      timer = undefined;
      if (identityOfFolder(folder) !== identity) restart();
    }, quietMs).unref();
  }

  function tellAll(name: string | null) {
    for (const listener of listeners) if (listener.concerns(name)) listener.tell(name);
  }

  function poll() {
    for (const listener of listeners) {
      const now = lookOf(listener.path);
      if (now !== listener.seen) listener.tell(null);
      listener.seen = now;
    }
    if (identityOfFolder(folder) !== identity) restart();
  }
}

function lookOf(path: string): string {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats ? `${stats.dev}:${stats.ino}:${stats.size}:${stats.mtimeMs}` : '';
}
