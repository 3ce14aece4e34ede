import { setImmediate } from 'node:timers/promises';
import type { Root } from './door.ts';
import { type FileLook, identityOfFolder, isSameLook, lookAt, lookAtFolder, looksAs } from './file-look.ts';
import { createFolderWatches, createLossMeter, tellsOfAllChanges } from './folder-watches.ts';
import type { JobControl } from './job-control.ts';
import { describeTree, hasNewIgnoreFile, type KnownPath, type KnownTree, startOfPathsIn } from './known-tree.ts';
import type { LookSweep } from './look-sweep.ts';
import { walk } from './walk.ts';
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

/** Which names of a folder something happened to; `undefined` for any. */
type Dirt = Map<string, Set<string> | undefined>;

export function createCatalogue(root: Root): Catalogue {
  const files = new Map<string, CatalogueFile>();
  /** By folder, the names of its files, if it was listed here. The keys are all folders that a walk has entered. */
  const folders = new Map<string, Set<string> | undefined>();
  let dirt: Dirt = new Map();
  let noted = 0;
  let isWhole = false;
  /** What is ignored is as it was when all was listed. */
  let isListed = true;
  let lastingCut: WalkCut | undefined;
  let identity = '';
  /** Of the folder with this identity. */
  let isLocal = false;
  const watches = createFolderWatches(note);
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
      const { changed, removed, cut } = update(dirty, { isSweep, listsAll }, control);
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
    const path = name === undefined ? undefined : joined(folder, name);
    if (name === '.gitignore' || name === ownIgnoreFile)
      isListed = false; // what was left out may be in now
    else if (path !== undefined && folders.has(path)) forgetFolder(path);
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

  /** Another folder may have taken its name, so that its watch sees nothing. Its files are compared when it is listed. */
  function forgetFolder(path: string) {
    for (const folder of folders.keys()) {
      if (folder !== path && !folder.startsWith(`${path}/`)) continue;
      watches.remove(folder);
      folders.delete(folder);
    }
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
    const folder = absolute(path);
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

  function absolute(folder: string): string {
    return folder === '' ? root.folder : `${root.folder}/${folder}`;
  }

  function update(
    dirty: Dirt,
    { isSweep, listsAll }: { isSweep: boolean; listsAll: boolean },
    control: JobControl,
  ): CatalogueChanges {
    const changed: CatalogueFile[] = [];
    const removed: string[] = [];
    const listed = new Map<string, Set<string>>();
    const seen = new Set<string>();
    const onTheWay = new Set([...dirty.keys()].flatMap(withFoldersAbove));
    const enters = (folder: string) => {
      seen.add(folder);
      const isNew = !folders.has(folder);
      if (isNew) watches.add(folder, absolute(folder)); // before it is listed, so that nothing is missed
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
        if (folder !== '' && !seen.has(folder) && listed.has(folderOf(folder))) forgetFolder(folder);
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
}

function withFoldersAbove(folder: string): string[] {
  const all = [folder];
  for (let at = folder.lastIndexOf('/'); at > 0; at = folder.lastIndexOf('/', at - 1)) all.push(folder.slice(0, at));
  return all;
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function joined(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}
