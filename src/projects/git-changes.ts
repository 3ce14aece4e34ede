import type { GitObjects } from './git-objects.ts';
import { readTree, type TreeEntry } from './git-tree.ts';

/** What one commit did to one path. */
export interface FileChange {
  path: string;
  /** Object ids in hex: undefined before for a new file, undefined after for a removed one. */
  before: string | undefined;
  after: string | undefined;
}

const maxFolderDepth = 64;

/**
 * Which files differ between two trees, without looking into the files.
 *
 * @returns undefined where more than `most` do, or where a tree cannot be read
 */
export function changedFiles(
  objects: GitObjects,
  trees: { before: string | undefined; after: string },
  most: number,
): FileChange[] | undefined {
  const changes: FileChange[] = [];
  return compare(trees.before, trees.after, '', 0) ? changes : undefined;

  /** False once there are too many. */
  function compare(before: string | undefined, after: string | undefined, folder: string, depth: number): boolean {
    if (before === after) return true;
    const old = entriesOf(before);
    const now = entriesOf(after);
    if (!old || !now || depth > maxFolderDepth) return false;
    for (const [name, entry] of now) {
      const other = old.get(name);
      old.delete(name);
      if (other?.id === entry.id) continue;
      if (!note(other, entry, folder + name, depth)) return false;
    }
    for (const [name, entry] of old) if (!note(entry, undefined, folder + name, depth)) return false;
    return true;
  }

  function note(before: TreeEntry | undefined, after: TreeEntry | undefined, path: string, depth: number): boolean {
    const [oldFile, newFile] = [before, after].map((entry) => (entry?.isFolder === false ? entry.id : undefined));
    if (oldFile !== undefined || newFile !== undefined) {
      if (changes.push({ path, before: oldFile, after: newFile }) > most) return false;
    }
    const [oldTree, newTree] = [before, after].map((entry) => (entry?.isFolder ? entry.id : undefined));
    return oldTree === newTree || compare(oldTree, newTree, `${path}/`, depth + 1);
  }

  function entriesOf(tree: string | undefined): Map<string, TreeEntry> | undefined {
    return tree === undefined ? new Map() : readTree(objects, tree);
  }
}
