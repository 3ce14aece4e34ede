import { join } from 'node:path';
import type { Projects } from '../projects/registry.ts';
import type { FileWatcher } from '../projects/watch.ts';
import { watchComing } from '../projects/watch-coming.ts';
import { promptFolder } from './homes.ts';
import type { SavedPrompts } from './saved-prompts.ts';

interface Watched {
  saved: SavedPrompts;
  ownFolder: string;
  projects: Projects;
  watcher: FileWatcher;
}

/** A watch of the list of prompts. */
export interface LibraryWatch {
  /** Kept once changes are heard of. */
  watched: Promise<void>;
  /** More than one call does no harm. */
  release(): void;
}

/** One watch of all homes for whoever wants to hear, begun with the first and ended with the last. */
export function watchLibrary({ saved, ownFolder, projects, watcher }: Watched) {
  const listeners = new Set<() => void>();
  const folders = new Map<string, () => void>();
  let ofStore: (() => void) | undefined;
  let started = Promise.resolve();

  return (listener: () => void): LibraryWatch => {
    const own = () => listener(); // the same function may listen twice
    listeners.add(own);
    if (listeners.size === 1) started = start();
    return {
      watched: started,
      release() {
        if (listeners.delete(own) && listeners.size === 0) stop();
      },
    };
  };

  async function start() {
    ofStore = saved.watch(() => {
      void addProjects(); // one may have come
      tell();
    });
    add(ownFolder);
    await addProjects();
  }

  function stop() {
    ofStore?.();
    for (const release of folders.values()) release();
    folders.clear();
  }

  async function addProjects() {
    const all = await projects.list();
    if (listeners.size > 0) for (const { folder } of all) add(join(folder, promptFolder));
  }

  function add(folder: string) {
    if (!folders.has(folder)) folders.set(folder, watchComing(folder, watcher, tell));
  }

  function tell() {
    for (const listener of listeners) listener();
  }
}
