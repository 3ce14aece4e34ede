import { type FSWatcher, unwatchFile, watch, watchFile } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Log } from '../log.ts';

/** Tells when files change. One system watch a folder, shared, released with its last listener. */
export interface FileWatcher {
  /**
   * Calls `listener` within 50 to 100 ms of a change to the file, its creation or its removal; several changes within
   * that time make one call. The folder must exist.
   *
   * @returns a function that ends the watch
   */
  watchFile(path: string, listener: () => void): () => void;
  /** The same for anything directly within a folder. */
  watchFolder(folder: string, listener: () => void): () => void;
  close(): void;
}

const quietMs = 50;
const pollMs = 200;

interface WatchedFolder {
  listeners: Set<(name: string | null) => void>;
  close(): void;
}

export function createFileWatcher(log: Log): FileWatcher {
  const folders = new Map<string, WatchedFolder>();

  return {
    watchFile(path, listener) {
      const name = basename(path);
      return addListener(dirname(path), listener, (changed) => changed === null || changed === name, path);
    },
    watchFolder(folder, listener) {
      return addListener(folder, listener, () => true, folder);
    },
    close() {
      for (const { close } of folders.values()) close();
      folders.clear();
    },
  };

  function addListener(
    folder: string,
    listener: () => void,
    concerns: (name: string | null) => boolean,
    polled: string,
  ) {
    let timer: NodeJS.Timeout | undefined;
    const onChange = (name: string | null) => {
      if (timer || !concerns(name)) return;
      timer = setTimeout(() => {
        timer = undefined;
        listener();
      }, quietMs).unref();
    };
    const watched = folders.get(folder) ?? open(folder, polled);
    watched.listeners.add(onChange);
    return () => {
      clearTimeout(timer);
      watched.listeners.delete(onChange);
      if (watched.listeners.size > 0 || folders.get(folder) !== watched) return;
      folders.delete(folder);
      watched.close();
    };
  }

  function open(folder: string, polled: string): WatchedFolder {
    const listeners: WatchedFolder['listeners'] = new Set();
    const tell = (name: string | null) => {
      for (const listener of listeners) listener(name);
    };
    const watched: WatchedFolder = { listeners, close: () => watcher?.close() };
    const watcher = openSystemWatch(folder, tell, (error) => {
      log.debug({ err: error }, 'a system watch ended; polling instead');
      watched.close();
      watched.close = poll(polled, () => tell(null));
      tell(null);
    });
    if (!watcher) watched.close = poll(polled, () => tell(null));
    folders.set(folder, watched);
    return watched;
  }
}

function openSystemWatch(folder: string, onChange: (name: string | null) => void, onError: (error: Error) => void) {
  let watcher: FSWatcher;
  try {
    watcher = watch(folder, { persistent: false }, (_event, name) => onChange(name));
  } catch {
    return undefined; // out of watches, or a file system without them
  }
  return watcher.on('error', onError);
}

function poll(path: string, onChange: () => void): () => void {
  watchFile(path, { interval: pollMs, persistent: false }, onChange);
  return () => unwatchFile(path, onChange);
}
