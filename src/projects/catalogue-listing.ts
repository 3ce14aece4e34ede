import type { CatalogueChanges, CatalogueFile } from './catalogue.ts';
import type { Root } from './door.ts';
import { isSameLook, lookAt } from './file-look.ts';
import type { FolderWatches } from './folder-watches.ts';
import type { JobControl } from './job-control.ts';
import { walk } from './walk.ts';

/** What a catalogue holds of a project. */
export interface Listing {
  root: Root;
  files: Map<string, CatalogueFile>;
  /** By folder, the names of its files, if it was listed here. The keys are all folders that a walk has entered. */
  folders: Map<string, Set<string> | undefined>;
  watches: FolderWatches;
}

/** Which names of a folder something happened to; `undefined` for any. */
export type Dirt = Map<string, Set<string> | undefined>;

/** How much is listed anew; only what is dirty otherwise. */
export interface ListingScope {
  /** Looks at every file. */
  isSweep: boolean;
  /** Lists every folder. */
  listsAll: boolean;
}

/** Lists folders and looks at files, and says what is otherwise by now. */
export function updateListing(
  listing: Listing,
  dirty: Dirt,
  { isSweep, listsAll }: ListingScope,
  control: JobControl,
): CatalogueChanges {
  const { root, files, folders, watches } = listing;
  const changed: CatalogueFile[] = [];
  const removed: string[] = [];
  const listed = new Map<string, Set<string>>();
  const seen = new Set<string>();
  const onTheWay = new Set([...dirty.keys()].flatMap(withFoldersAbove));
  const enters = (folder: string) => {
    seen.add(folder);
    const isNew = !folders.has(folder);
    if (isNew) watches.add(folder, absoluteFolder(root, folder)); // before it is listed, so that nothing is missed
    if (!isNew && !listsAll && !onTheWay.has(folder)) return false;
    listed.set(folder, new Set());
    return true;
  };

  if (!folders.has('')) watches.add('', root.folder);
  listed.set('', new Set());
  const entries = walk(root.folder, control.walkBudget, undefined, enters);
  let step = entries.next();
  for (; !step.done; step = entries.next()) {
    const { path, kind } = step.value;
    if (kind !== 'file') continue;
    const folder = folderOf(path);
    listed.get(folder)?.add(nameOf(path));
    const isTouched = isDirty(folder, path);
    if (isSweep || isTouched) look(path, isTouched);
    control.progress(files.size, path);
  }
  const { cut } = step.value;
  if (cut === undefined || cut === 'depth') settle();
  else keepListed();
  return { changed, removed, ...(cut && { cut }) };

  function isDirty(folder: string, path: string): boolean {
    if (!folders.has(folder) || !files.has(path)) return true;
    return dirty.has(folder) && (dirty.get(folder)?.has(nameOf(path)) ?? true);
  }

  function look(path: string, isTouched: boolean) {
    const found = lookAt(root, path);
    const known = files.get(path);
    if (!found || (known && !isTouched && isSameLook(found, known))) return; // one that is gone is dropped by the next listing
    const file = { path, ...found };
    files.set(path, file);
    changed.push(file);
  }

  /** What was in a listed folder, or below a folder that is no more, and has not been seen is gone. */
  function settle() {
    for (const [folder, names] of listed) folders.set(folder, names);
    for (const folder of folders.keys()) {
      if (folder !== '' && !seen.has(folder) && listed.has(folderOf(folder))) forgetFolder(listing, folder);
    }
    for (const path of files.keys()) if (!isListedNow(path)) drop(path);
  }

  function isListedNow(path: string): boolean {
    const folder = folderOf(path);
    return folders.get(folder)?.has(nameOf(path)) ?? folders.has(folder);
  }

  /** The walk ended early: what was not seen may still be there. */
  function keepListed() {
    for (const [folder, names] of listed) folders.set(folder, new Set([...names, ...(folders.get(folder) ?? [])]));
  }

  function drop(path: string) {
    if (files.delete(path)) removed.push(path);
  }
}

/** Another folder may have taken its name, so that its watch sees nothing. Its files are compared when it is listed. */
export function forgetFolder({ folders, watches }: Listing, path: string) {
  for (const folder of folders.keys()) {
    if (folder !== path && !folder.startsWith(`${path}/`)) continue;
    watches.remove(folder);
    folders.delete(folder);
  }
}

export function absoluteFolder(root: Root, folder: string): string {
  return folder === '' ? root.folder : `${root.folder}/${folder}`;
}

function withFoldersAbove(folder: string): string[] {
  const all = [folder];
  for (let at = folder.lastIndexOf('/'); at > 0; at = folder.lastIndexOf('/', at - 1)) all.push(folder.slice(0, at));
  return all;
}

export function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
