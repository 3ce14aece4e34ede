import { dirname, join } from 'node:path';
import type { Context } from '../context.ts';
import { resolveInside } from '../projects/door.ts';
import type { Project } from '../projects/registry.ts';
import { parseUri } from './uri.ts';

/** Ends a subscription; more than one call does no harm. */
export type Release = () => void;

const maxWatchedFolders = 2000;
const listBudgetMs = 10_000;

/**
 * Calls `notify` after each change of what the URI names: a file's content, or the files that a tree or an overview
 * shows. Any URI is accepted, as the protocol asks; one that names nothing of ours never changes.
 */
export function subscribe(uri: string, context: Context, notify: () => void): Release {
  const target = parseUri(uri);
  const project = context.projects.list().find(({ id, name }) => id === target?.project || name === target?.project);
  if (!target || !project) return () => {};
  return target.kind === 'file'
    ? watchOneFile(project, target.path, context, notify)
    : watchAllFolders(project, context, notify);
}

function watchOneFile(project: Project, path: string, context: Context, notify: () => void): Release {
  try {
    return context.watcher.watchFile(existingPath(project, path), notify);
  } catch {
    return () => {}; // outside the project, or in a folder that is not there
  }
}

/** The real path of a file, or where it would be created. */
function existingPath(project: Project, path: string): string {
  try {
    return resolveInside(project, path);
  } catch {
    return join(resolveInside(project, dirname(path)), path.slice(path.lastIndexOf('/') + 1));
  }
}

/** New folders are watched as they come: each change looks for them again. */
function watchAllFolders(project: Project, context: Context, notify: () => void): Release {
  const watched = new Map<string, Release>();
  const abort = new AbortController();

  const look = async () => {
    const input = { root: project, after: undefined, limit: 100_000 };
    const { paths } = await context.workers.run('listFiles', input, { signal: abort.signal, budgetMs: listBudgetMs });
    const folders = new Set(['', ...paths.flatMap(foldersOf)]);
    for (const folder of [...folders].slice(0, maxWatchedFolders)) {
      if (abort.signal.aborted || watched.has(folder)) continue;
      watched.set(folder, context.watcher.watchFolder(join(project.folder, folder), onChange));
    }
  };
  const onChange = () => {
    notify();
    lookQuietly();
  };
  const lookQuietly = () => {
    look().catch((error) => context.log.debug({ err: error }, 'could not list the folders to watch'));
  };

  lookQuietly();
  return () => {
    abort.abort();
    for (const release of watched.values()) release();
    watched.clear();
  };
}

function foldersOf(path: string): string[] {
  const folders: string[] = [];
  for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) folders.push(path.slice(0, end));
  return folders;
}

/**
 * Keeps one subscription a URI however many streams ask for it, for transports where one notice reaches every stream
 * that wants it.
 */
export function createSharedSubscriptions(context: Context, notify: (uri: string) => void) {
  const open = new Map<string, { count: number; release: Release }>();

  return {
    /** Opens all of them and returns what closes them again. */
    open(uris: readonly string[]): Release {
      const unique = [...new Set(uris)];
      for (const uri of unique) {
        const shared = open.get(uri) ?? { count: 0, release: subscribe(uri, context, () => notify(uri)) };
        shared.count++;
        open.set(uri, shared);
      }
      let isOpen = true;
      return () => {
        if (isOpen) for (const uri of unique) close(uri);
        isOpen = false;
      };
    },
    closeAll() {
      for (const { release } of open.values()) release();
      open.clear();
    },
  };

  function close(uri: string) {
    const shared = open.get(uri);
    if (!shared || --shared.count > 0) return;
    open.delete(uri);
    shared.release();
  }
}
