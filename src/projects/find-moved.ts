import type { Root } from './door.ts';
import { lookAt } from './file-look.ts';
import { findGitDirectory, isOwnRepository, prefixOf } from './git-directory.ts';
import { openObjectsOf, treeOf } from './git-log.ts';
import { type GitObjects, objectId } from './git-objects.ts';
import { blobAt } from './git-tree.ts';
import type { JobControl } from './job-control.ts';
import { walk } from './walk.ts';
import { readToCompare } from './work-tree.ts';

/** A file that a commit had, and that is gone. */
export interface GoneFile {
  commit: string;
  path: string;
}

/** Bytes to read and inflate. */
const work = 2 ** 30;

/**
 * Where files that are gone are now, committed or not: under a path that the commit did not have, with what it had in
 * them, to the byte. A file that was changed as well is not found again, nor one that was empty or over 1 MB, nor one of
 * which there are several copies that are called otherwise. Starts no git.
 */
export function findMoved(
  { root, gone }: { root: Root; gone: readonly GoneFile[] },
  control: JobControl,
): Array<string | undefined> {
  const git = findGitDirectory(root.folder);
  if (!git || !isOwnRepository(git)) return gone.map(() => undefined);
  const objects = openObjectsOf(git, { isForMany: true, work });
  try {
    const sought = gone.map((file) => lookUp(objects, prefixOf(git, root.folder), file));
    lookFor(
      sought.filter((each) => each !== undefined),
      root,
      control,
    );
    return sought.map((each) => each && mostLikely(each));
  } finally {
    objects.close();
  }
}

interface Sought {
  path: string;
  blob: string;
  size: number;
  /** Whether the commit had something else under a path. */
  had(path: string): boolean;
  copies: string[];
}

function lookUp(objects: GitObjects, prefix: string, { commit, path }: GoneFile): Sought | undefined {
  const tree = treeOf(objects, commit);
  const blob = tree && blobAt(objects, tree, prefix + path);
  const size = (blob && objects.read(blob, 'blob')?.length) || 0;
  if (!tree || !blob || size === 0) return undefined;
  return { path, blob, size, had: (other) => blobAt(objects, tree, prefix + other) !== undefined, copies: [] };
}

function lookFor(sought: readonly Sought[], root: Root, control: JobControl): void {
  if (sought.length === 0) return;
  const bySize = Map.groupBy(sought, ({ size }) => size);
  for (const { path, kind } of walk(root.folder, control.walkBudget)) {
    if (control.shouldStop()) return;
    const alike = kind === 'file' ? bySize.get(lookAt(root, path)?.size ?? 0) : undefined;
    const content = alike && readToCompare(root, path);
    if (!alike || !content) continue;
    const id = objectId(content, 'blob');
    for (const each of alike) if (each.blob === id && !each.had(path)) each.copies.push(path);
  }
}

function mostLikely({ path, copies }: Sought): string | undefined {
  const sameName = copies.filter((copy) => nameOf(copy) === nameOf(path));
  return [copies, sameName].find((some) => some.length === 1)?.[0];
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
