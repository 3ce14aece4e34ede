import type { GitObjects } from './git-objects.ts';

/** What a folder of a commit has under a name. Submodules and links count as files. */
export interface TreeEntry {
  /** Of the object, in hex. */
  id: string;
  isFolder: boolean;
}

const folderMode = '40000';

/** A folder by the id of its tree, entry by name; undefined where it cannot be read. */
export function readTree(objects: GitObjects, id: string): Map<string, TreeEntry> | undefined {
  const content = objects.read(id, 'tree');
  return content && parseTree(content);
}

/** The id of the file that a root folder, by the id of its tree, has under a path. */
export function blobAt(objects: GitObjects, root: string, path: string): string | undefined {
  let entry: TreeEntry | undefined = { id: root, isFolder: true };
  for (const name of path.split('/')) entry = entry?.isFolder ? readTree(objects, entry.id)?.get(name) : undefined;
  return entry?.isFolder === false ? entry.id : undefined;
}

/** `<mode> <name>\0<20 bytes>`, again and again. */
function parseTree(content: Buffer): Map<string, TreeEntry> {
  const entries = new Map<string, TreeEntry>();
  for (let at = 0; at < content.length; ) {
    const space = content.indexOf(32, at);
    const nul = content.indexOf(0, space);
    if (space < 0 || nul < 0) break;
    const isFolder = content.toString('latin1', at, space) === folderMode;
    entries.set(content.toString('utf8', space + 1, nul), { id: content.toString('hex', nul + 1, nul + 21), isFolder });
    at = nul + 21;
  }
  return entries;
}
