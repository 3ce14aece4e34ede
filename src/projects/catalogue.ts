import { setImmediate } from 'node:timers/promises';
import {
  absoluteFolder,
  type Dirt,
  folderOf,
  forgetFolder,
  type Listing,
  nameOf,
  updateListing,
} from './catalogue-listing.ts';
import type { Root } from './door.ts';
import { type FileLook, identityOfFolder, isSameLook, lookAtFolder, looksAs } from './file-look.ts';
import { createFolderWatches, createLossMeter, tellsOfAllChanges } from './folder-watches.ts';
import type { JobControl } from './job-control.ts';
import { describeTree, hasNewIgnoreFile, type KnownPath, type KnownTree, startOfPathsIn } from './known-tree.ts';
import type { LookSweep } from './look-sweep.ts';
import type { WalkCut } from './walk-meter.ts';
import { ownIgnoreFile } from './walk-place.ts';

/** A file as it was when it was last looked at. Symbolic links are not in the catalogue. */
export interface CatalogueFile extends FileLook {
  /** POSIX, relative to the root. */
  path: string;
}

export interface CatalogueChanges {
  /** New files, those whose size or time is another, and those to which something happened by what the watches say. */
  changed: readonly CatalogueFile[];
  removed: readonly string[];
  /** Why files are missing from the list, where they are. What time was too short for, the next refresh does. */
  cut?: WalkCut;
}

/**
 * The files of a project, kept as they are now: what git would list. It lives in a thread that has an event loop, and reads
 * nothing of what is in the files.
 *
 * `refresh` sees every change that was made before it was called (read-your-writes): each folder has a system watch,
 * whose events are taken in first; then only folders in which something happened are listed, and only files to which
 * something happened are looked at. Without enough watches it lists and looks at everything, which takes some 10 ms for
 * 1,000 files. The first refresh lists everything. One thing waits for the next full listing: a file that git ignores and that
 * comes under its control all the same.
 */
export interface Catalogue {
  /** By path; the same object for as long as the catalogue lives. */
  list(): ReadonlyMap<string, CatalogueFile>;
  /** What has changed since the last refresh. One at a time. */
  refresh(control: JobControl): Promise<CatalogueChanges>;
  /** Looks at one file again at the next refresh, whatever the watches say. */
  doubt(path: string): void;
  /** Lists everything at the next refresh: what is ignored may be another. */
  relist(): void;
  /**
   * Begins with what another catalogue knew of this folder; the first refresh then says what is otherwise.
   *
   * @param sweep of the files of the tree, and perhaps of others
   */
  adopt(known: KnownTree, sweep: LookSweep): void;
  /**
   * What it knows, and how it all looks now; it holds if the next refresh has no changes and `noted` is the same.
   *
   * @returns undefined where another catalogue could not begin with it
   */
  describe(): KnownTree | undefined;
  /** Whether every change is sure to be seen, even one that leaves size and time as they were. */
  isWatched(): boolean;
  /** Folders that the system refuses to open. */
  unreadable(): number;
  /** Another number after each change that the watches told of. */
  noted(): number;
  /** All that were listed, relative to the root. */
  folders(): Iterable<string>;
  /** Forgets everything; a refresh would begin anew. */
  close(): void;
}

export function createCatalogue(root: Root): Catalogue {
  const listing: Listing = { root, files: new Map(), folders: new Map(), watches: createFolderWatches(note) };
  const { files, folders, watches } = listing;
  let dirt: Dirt = new Map();
  let noted = 0;
  let isWhole = false;
  /** What is ignored is as it was when all was listed. */
  let isListed = true;
  let lastingCut: WalkCut | undefined;
  let identity = '';
  /** Of the folder with this identity. */
  let isLocal = false;
  const losses = createLossMeter();

  return {
    list: () => files,
    async refresh(control) {
      await setImmediate(); // a whole turn of the event loop takes in what the watches have to say
      await setImmediate();
      const now = identityOfFolder(root.folder);
      if (losses.mayHaveLost() || now !== identity) startAgain(now);
      const isSweep = !isWhole || !watches.areComplete();
      const listsAll = isSweep || !isListed;
      const dirty = dirt;
      dirt = new Map();
      if (!listsAll && dirty.size === 0) return { changed: [], removed: [], ...(lastingCut && { cut: lastingCut }) };
      isListed = true;
      const { changed, removed, cut } = updateListing(listing, dirty, { isSweep, listsAll }, control);
      isWhole = cut !== 'time' && cut !== 'cancelled';
      if (listsAll) lastingCut = isWhole ? cut : undefined;
      const missing = cut ?? lastingCut;
      return { changed, removed, ...(missing && { cut: missing }) };
    },
    doubt(path) {
      note(folderOf(path), nameOf(path));
    },
    relist() {
      isListed = false;
    },
    adopt,
    describe() {
      const isSure = isWhole && isListed && lastingCut === undefined && watches.areComplete() && dirt.size === 0;
      return isSure ? describeTree(root, identity, files.values(), folders.keys()) : undefined;
    },
    isWatched: () => watches.areComplete() && isLocal,
    unreadable: watches.closed,
    noted: () => noted,
    folders: () => folders.keys(),
    close() {
      watches.close();
      files.clear();
      folders.clear();
      dirt.clear();
      isWhole = false;
    },
  };

  function note(folder: string, name: string | undefined) {
    noted++;
    const names = dirt.get(folder);
    if (name === undefined) dirt.set(folder, undefined);
    else if (names) names.add(name);
    else if (!dirt.has(folder)) dirt.set(folder, new Set([name]));
    const path = name === undefined ? undefined : startOfPathsIn(folder) + name;
    if (name === '.gitignore' || name === ownIgnoreFile)
      isListed = false; // what was left out may be in now
    else if (path !== undefined && folders.has(path)) forgetFolder(listing, path);
  }

  /** The folder was replaced as a whole: all watches hang on the one before. Or events were lost, and nothing is sure. */
  function startAgain(now: string) {
    noted++;
    setIdentity(now);
    for (const folder of folders.keys()) watches.remove(folder);
    folders.clear();
    isWhole = false;
  }

  function setIdentity(now: string) {
    identity = now;
    isLocal = tellsOfAllChanges(root.folder);
  }

  /** Watched first and then looked at: what happens in between is seen one way or the other. */
  function adopt(tree: KnownTree, sweep: LookSweep) {
    setIdentity(tree.identity);
    isWhole = true;
    for (const known of tree.folders) {
      sweep.allowBefore(startOfPathsIn(known.path));
      adoptFolder(known, tree);
    }
    for (const file of tree.ignoreFiles) if (!looksAs(root, file.path, file)) isListed = false;
    for (const file of tree.files) files.set(file.path, file);
    for (const path of sweep.finish()) if (files.has(path)) note(folderOf(path), nameOf(path));
  }

  function adoptFolder(known: KnownPath, tree: KnownTree) {
    const { path } = known;
    const folder = absoluteFolder(root, path);
    if (!watches.add(path, folder)) return noteList(folderOf(path));
    folders.set(path, undefined);
    const now = lookAtFolder(folder);
    if (now !== undefined && isSameLook(now, known)) return;
    noteList(path);
    if (hasNewIgnoreFile(root, path, tree)) isListed = false;
  }

  /** The folder is to be listed, though nothing is known to have happened to its files. */
  function noteList(folder: string) {
    if (!dirt.has(folder)) dirt.set(folder, new Set());
  }
}
