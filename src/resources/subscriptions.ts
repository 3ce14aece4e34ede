import { basename, dirname, join } from 'node:path';
import type { Context } from '../context.ts';
import { deadlinesMs } from '../deadlines.ts';
import { resolveInside } from '../projects/door.ts';
import { parseProjectPath } from '../projects/paths.ts';
import type { Project } from '../projects/registry.ts';
import { watchTree } from '../projects/watch-tree.ts';
import { parseUri } from './uri.ts';

/*
 * How a change reaches a client. `projects/watch.ts` hears of it from the system. `subscribe` turns it into a notice for
 * one URI. A 2025 client subscribes by a request that `register.ts` answers, and its own server sends the notice. A
 * 2026-07-28 client opens a `subscriptions/listen` stream, which the SDK serves: the transports read from that message
 * which URIs it names (`transports/listened.ts`), share one subscription a URI, and hand the notices to the SDK, which
 * delivers them to every stream that asked.
 */

/** Ends a subscription; more than one call does no harm. */
export type Release = () => void;

const maxListed = 100_000;

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
    return join(resolveInside(project, dirname(path)), basename(parseProjectPath(path)));
  }
}

function watchAllFolders(project: Project, { workers, watcher }: Context, notify: () => void): Release {
  const list = async (signal: AbortSignal) => {
    const input = { root: project, after: undefined, limit: maxListed };
    const { paths } = await workers.run('listFiles', input, { signal, budgetMs: deadlinesMs.watchList });
    return [...new Set(paths.flatMap(foldersOf))];
  };
  return watchTree(project.folder, watcher, list, notify);
}

function foldersOf(path: string): string[] {
  const folders: string[] = [];
  for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) folders.push(path.slice(0, end));
  return folders;
}

/** What the transports need of the subscriptions of modern clients. */
export interface SharedSubscriptions {
  /** Opens all of them and returns what closes them again. */
  open(uris: readonly string[]): Release;
  closeAll(): void;
}

/**
 * Keeps one subscription a URI however many streams ask for it, for transports where one notice reaches every stream
 * that wants it.
 */
export function createSharedSubscriptions(context: Context, notify: (uri: string) => void): SharedSubscriptions {
  const open = new Map<string, { count: number; release: Release }>();

  return {
    open(uris) {
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
