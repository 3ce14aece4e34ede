import { language } from '../../projects/languages.ts';
import { isAside } from '../files/file-role.ts';

/** A folder with all that lies below it. */
export interface FolderNode {
  path: string;
  files: number;
  bytes: number;
  /** Files by their language. */
  languages: Map<string, number>;
  folders: Map<string, FolderNode>;
  own: FileEntry[];
}

export interface FileEntry {
  path: string;
  bytes: number;
}

export function createFolderTree(path: string): FolderNode {
  return { path, files: 0, bytes: 0, languages: new Map(), folders: new Map(), own: [] };
}

export function addFile(root: FolderNode, file: FileEntry) {
  const name = language(file.path)?.name ?? 'other';
  const below = root.path === '' ? file.path : file.path.slice(root.path.length + 1);
  const segments = below.split('/').slice(0, -1);
  let node = root;
  count(node);
  for (const segment of segments) {
    const path = node.path === '' ? segment : `${node.path}/${segment}`;
    const child = node.folders.get(segment) ?? createFolderTree(path);
    node.folders.set(segment, child);
    node = child;
    count(node);
  }
  node.own.push(file);

  function count(folder: FolderNode) {
    folder.files++;
    folder.bytes += file.bytes;
    folder.languages.set(name, (folder.languages.get(name) ?? 0) + 1);
  }
}

/**
 * The folders below that tell how it is divided: its own, and instead of leaving the largest as one line those that lie in
 * them, for as long as there is room; tests and the like stay whole.
 */
export function partsOf(root: FolderNode, room: number): FolderNode[] {
  const parts = [...root.folders.values()];
  const open = new Set<FolderNode>();
  for (;;) {
    const candidates = parts.filter(
      (each) => !open.has(each) && each.folders.size > 1 && each.files > 12 && !isAside(`${each.path}/`),
    );
    const largest = candidates
      .toSorted((a, b) => b.files - a.files)
      .find(({ folders }) => parts.length + folders.size <= room);
    if (!largest) return parts;
    open.add(largest);
    parts.splice(parts.indexOf(largest) + 1, 0, ...largest.folders.values());
  }
}
