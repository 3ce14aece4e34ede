import type { CatalogueFile } from './catalogue.ts';
import type { Root } from './door.ts';
import { type FileLook, isSameLook, isThere, lookAt, lookAtFolder } from './file-look.ts';
import { ownIgnoreFile } from './walk-place.ts';

/** Relative to the root. */
export interface KnownPath extends FileLook {
  path: string;
}

/** What a catalogue knows of a folder, so that another can begin with it and list only folders that look otherwise. */
export interface KnownTree {
  /** Of the root. */
  identity: string;
  /** In the order of their paths with a slash behind: each before all that is in it. */
  folders: readonly KnownPath[];
  /** Ignore files in them, listed or not. */
  ignoreFiles: readonly KnownPath[];
  files: readonly CatalogueFile[];
}

const ignoreFileNames = ['.gitignore', ownIgnoreFile];

/** Undefined where a folder below the root may be a repository, which its own look does not tell. */
export function describeTree(
  root: Root,
  identity: string,
  files: Iterable<CatalogueFile>,
  folders: Iterable<string>,
): KnownTree | undefined {
  const known: KnownPath[] = [];
  const ignoreFiles: KnownPath[] = [];
  for (const path of [...folders].sort(compareFolders)) {
    const folder = path === '' ? root.folder : `${root.folder}/${path}`;
    const look = lookAtFolder(folder);
    if (look === undefined || (path !== '' && isThere(root, `${path}/.git`))) return undefined;
    known.push({ path, ...look });
    for (const name of ignoreFileNames) {
      const file = startOfPathsIn(path) + name;
      const found = lookAt(root, file);
      if (found) ignoreFiles.push({ path: file, ...found });
    }
  }
  return { identity, folders: known, ignoreFiles, files: [...files] };
}

function compareFolders(one: string, other: string): number {
  return startOfPathsIn(one) < startOfPathsIn(other) ? -1 : 1;
}

/** With which the paths of all files in a folder begin. */
export function startOfPathsIn(folder: string): string {
  return folder === '' ? '' : `${folder}/`;
}

/** Whether a folder that looks otherwise has an ignore file that it had not. */
export function hasNewIgnoreFile(root: Root, folder: string, { ignoreFiles }: KnownTree): boolean {
  return ignoreFileNames.some((name) => {
    const path = startOfPathsIn(folder) + name;
    const now = lookAt(root, path);
    const before = ignoreFiles.find((each) => each.path === path);
    return now !== undefined && (before === undefined || !isSameLook(now, before));
  });
}
