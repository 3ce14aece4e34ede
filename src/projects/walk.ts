import { type Dirent, lstatSync, opendirSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { systemCode } from '../errors.ts';
import {
  findGitDirectory,
  type GitDirectory,
  maxSmallFileBytes,
  readGitSettings,
  repositoryAt,
  type UserFolders,
  userFolders,
} from './git-directory.ts';
import { readRegularFile } from './git-file.ts';
import { type FolderNames, type GitIndex, nothingTracked, readGitIndex } from './git-index.ts';
import { addIgnoreFile, fold, type IgnoreChain, isIgnored, verdictOf } from './ignore-rules.ts';
import { createMeter, type Meter, type WalkBudget, type WalkEnd } from './walk-meter.ts';

export interface WalkEntry {
  /** POSIX, relative to the root. */
  path: string;
  /** A repository is a nested one or a submodule: listed and not entered. */
  kind: 'file' | 'symlink' | 'repository';
}

/** Octant's own ignore file, in any folder: its rules come before those of git, in both directions. */
export const ownIgnoreFile = '.octantignore';

/**
 * Lists a folder as `git ls-files -co --exclude-standard` does, less what is missing on disk, ascending by `path`; then
 * `.octantignore` files leave out more, be it tracked, and bring back (by `!`) what git ignores.
 * Below a root outside every repository, each repository is entered with its own rules. Unreadable folders are skipped
 * and counted; `cut` says which budget left something out. https://git-scm.com/docs/git-ls-files
 *
 * @param enters asked before each folder below the root is opened: whether to list it
 */
export function* walk(
  root: string,
  budget: WalkBudget,
  user: UserFolders = userFolders(),
  enters: (folder: string) => boolean = () => true,
): Generator<WalkEntry, WalkEnd> {
  const meter = createMeter(budget);
  const frames: Frame[] = [];
  const start = placeOfRoot(root, user);
  const opened = start && openFolder(start, meter, user);
  if (opened !== undefined && opened !== 'repository') frames.push(opened);
  for (let frame = frames.at(-1); frame !== undefined && meter.tick(1); frame = frames.at(-1)) {
    const item = frame.items[frame.next];
    frame.next += 1;
    if (item === undefined) {
      frames.pop();
    } else if (item.kind !== 'directory') {
      yield { path: frame.place.path + item.name, kind: item.kind };
    } else if (frames.length > budget.maxDepth) {
      meter.noteDepth();
    } else if (enters(frame.place.path + item.name)) {
      const child = openFolder(placeBelow(frame.place, item), meter, user);
      if (child === 'repository') yield { path: frame.place.path + item.name, kind: child };
      else if (child !== undefined) frames.push(child);
    }
  }
  const cut = meter.cut();
  return { unreadable: meter.unreadable(), ...(cut && { cut }) };
}

/** A repository, or what lies outside of all. */
interface Scope {
  isRepository: boolean;
  ignoreCase: boolean;
  index: GitIndex;
  /** The same in small letters, where case is ignored: git takes a path for tracked that differs from one in case alone. */
  foldedIndex: FoldedIndex | undefined;
}

interface FoldedIndex extends FolderNames {
  repositories: ReadonlySet<string>;
}

interface Place {
  scope: Scope;
  /** Absolute, on this machine. */
  folder: string;
  /** From the root of the walk; ends in a slash unless empty. */
  path: string;
  /** From the root of the repository; ends in a slash unless empty. */
  scopePath: string;
  /** Git's ignore files above this folder; paths are those of the repository. */
  chain: IgnoreChain | undefined;
  /** Octant's own; paths are those of the walk, behind `ownPrefix`. */
  ownChain: IgnoreChain | undefined;
  /** From the root of the repository that the root lies in to the root. */
  ownPrefix: string;
  /** An ignored folder, of which only tracked files are listed. */
  trackedOnly: boolean;
}

interface Item {
  name: string;
  kind: WalkEntry['kind'] | 'directory';
  /** What it is sorted by: a folder's files sort by its name and a slash. */
  key: string;
  isIgnored: boolean;
}

/** A folder that is being listed; an explicit stack of them, since nested generators pay for their depth at each step. */
interface Frame {
  place: Place;
  items: Item[];
  next: number;
}

function placeOfRoot(root: string, user: UserFolders): Place | undefined {
  let folder: string;
  try {
    folder = realpathSync(root);
  } catch {
    return undefined;
  }
  const git = findGitDirectory(folder);
  if (git === undefined) return topOf(undefined, folder, '', user);
  let place = topOf(git, git.workTree, '', user);
  for (const name of relative(git.workTree, folder).split(sep)) {
    if (name === '') continue;
    const path = place.scopePath + name;
    // a submodule that was never checked out has nothing of its own, and .git is not part of the work tree
    if (name === '.git' || place.scope.index.repositories.has(path)) return undefined;
    const { chain, ownChain } = chainsAt(place, ignoreFiles);
    // git would list nothing here, as in a home folder kept in git with all ignored; the caller chose it all the same
    if (isIgnored(chain, path, name, true) && !place.scope.index.hasFolder(`${path}/`))
      return topOf(undefined, folder, '', user);
    const trackedOnly = place.trackedOnly || isIgnored(chain, path, name, true);
    const above = { folder: join(place.folder, name), scopePath: `${path}/`, ownPrefix: `${path}/` };
    place = { ...place, ...above, chain, ownChain, trackedOnly };
  }
  return { ...place, scope: scopeBelow(place) };
}

/** Asked in a folder, git knows but what is tracked in that: twins elsewhere hide nothing. */
function scopeBelow({ scope, scopePath }: Place): Scope {
  if (scope.foldedIndex === undefined || scopePath === '') return scope;
  return { ...scope, foldedIndex: foldIndex(scope.index, scopePath) };
}

function topOf(git: GitDirectory | undefined, folder: string, path: string, user: UserFolders): Place {
  const { ignoreCase, hashBytes, excludesFile } = readGitSettings(git, user);
  const index = git && readGitIndex(join(git.gitDir, 'index'), hashBytes);
  let chain: IgnoreChain | undefined;
  for (const file of [excludesFile, git && join(git.commonDir, 'info', 'exclude')]) {
    const text = file && readRegularFile(file, maxSmallFileBytes)?.toString('utf8');
    if (text) chain = addIgnoreFile(chain, { text, prefixLength: 0, ignoreCase });
  }
  const foldedIndex = ignoreCase && index ? foldIndex(index) : undefined;
  const scope = { isRepository: git !== undefined, ignoreCase, index: index ?? nothingTracked, foldedIndex };
  return { scope, folder, path, scopePath: '', chain, ownChain: undefined, ownPrefix: '', trackedOnly: false };
}

/** @param above with which the paths that count begin */
function foldIndex(index: GitIndex, above = ''): FoldedIndex {
  const { files, directories } = index.list();
  const folded = (paths: ReadonlySet<string>) =>
    new Set(Array.from(paths).flatMap((path) => (path.startsWith(above) ? fold(path, true) : [])));
  return { files: folded(files), directories: folded(directories), repositories: folded(index.repositories) };
}

function placeBelow(above: Place, { name, isIgnored }: Item): Place {
  return {
    ...above,
    folder: `${above.folder}/${name}`,
    path: `${above.path}${name}/`,
    scopePath: `${above.scopePath}${name}/`,
    trackedOnly: isIgnored,
  };
}

const ignoreFiles: readonly string[] = ['.gitignore', ownIgnoreFile];

/** @param names of the ignore files that may be there */
function chainsAt(place: Place, names: readonly string[]): Pick<Place, 'chain' | 'ownChain'> {
  let { chain, ownChain } = place;
  const { ignoreCase } = place.scope;
  for (const name of names) {
    // git follows no symbolic link here, so that a work tree cannot point at files outside
    const text = readRegularFile(`${place.folder}/${name}`, maxSmallFileBytes, { follow: false })?.toString('utf8');
    if (!text) continue;
    if (name === ownIgnoreFile) {
      const prefixLength = place.ownPrefix.length + place.path.length;
      ownChain = addIgnoreFile(ownChain, { text, prefixLength, ignoreCase });
    } else chain = addIgnoreFile(chain, { text, prefixLength: place.scopePath.length, ignoreCase });
  }
  return { chain, ownChain };
}

/** Undefined when the folder cannot be read; 'repository' when it is one within another. */
function openFolder(place: Place, meter: Meter, user: UserFolders): Frame | 'repository' | undefined {
  const entries = readFolder(place.folder, meter);
  if (entries === undefined) return undefined;
  const isTop = place.scopePath === '';
  const hasGit = entries.some(({ name }) => name === '.git');
  const nested = hasGit && !isTop && findNested(place);
  if (nested && place.scope.isRepository) return 'repository';
  const { ownChain, ownPrefix } = place;
  const inside = nested ? { ...topOf(nested, place.folder, place.path, user), ownChain, ownPrefix } : place;
  const names = ignoreFiles.filter((file) => entries.some(({ name }) => name === file));
  const here = names.length > 0 ? { ...inside, ...chainsAt(inside, names) } : inside;
  return { place: here, items: listItems(here, entries, meter), next: 0 };
}

/** What a folder itself takes on disk grows with its entries, some 20 to 50 bytes each, on all usual file systems. */
const hugeFolderBytes = 1024 * 1024;

function readFolder(folder: string, meter: Meter): Dirent[] | undefined {
  if (meter.isFull() || !meter.tick(1)) return undefined;
  try {
    const isHuge = statSync(folder).size > hugeFolderBytes;
    return isHuge ? readPiecemeal(folder, meter) : readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    const code = systemCode(error);
    if (code === 'ENAMETOOLONG') meter.noteDepth();
    else if (code !== 'ENOENT' && code !== 'ENOTDIR') meter.noteUnreadable();
    return undefined;
  }
}

/** Entry by entry, which is slower but ends within the budget. */
function readPiecemeal(folder: string, meter: Meter): Dirent[] {
  const entries: Dirent[] = [];
  const directory = opendirSync(folder, { bufferSize: 1024 });
  try {
    let entry = directory.readSync();
    for (; entry !== null && meter.tick(1) && meter.hasRoomFor(entries.length); entry = directory.readSync()) {
      entries.push(entry);
    }
  } finally {
    directory.closeSync();
  }
  return entries;
}

/** A folder with tracked files in it is a folder to git, even when it has become a repository of its own. */
function findNested({ scope, folder, scopePath }: Place): GitDirectory | undefined {
  const isTracked =
    scope.index.hasFolder(scopePath) || scope.foldedIndex?.directories.has(fold(scopePath.slice(0, -1), true));
  return isTracked ? undefined : repositoryAt(folder);
}

function listItems(place: Place, entries: Dirent[], meter: Meter): Item[] {
  const items: Item[] = [];
  const allowed = meter.take(entries.length);
  if (allowed < entries.length) entries.sort((a, b) => compare(a.name, b.name)).length = allowed;
  const tracked = lazily(() => place.scope.index.namesIn(place.scopePath));
  const weight = 1 + Math.floor(((place.chain?.cost ?? 0) + (place.ownChain?.cost ?? 0)) / 64);
  for (const entry of entries) {
    if (!meter.tick(weight)) break;
    const item = itemOf(place, entry, tracked);
    if (item !== undefined) items.push(item);
  }
  items.sort((a, b) => compare(a.key, b.key));
  return settleRepositories(place, items);
}

/** Undefined for what is not listed. */
function itemOf(place: Place, entry: Dirent, tracked: () => FolderNames): Item | undefined {
  const { scope, chain, scopePath, folder, trackedOnly } = place;
  const { name } = entry;
  const kind = kindOf(entry);
  if (kind === undefined || name === '.git' || (scope.ignoreCase && name.toLowerCase() === '.git')) return undefined;
  // a name of invalid UTF-8 arrives altered, and the altered one cannot be opened
  if (name.includes('\uFFFD') && !exists(`${folder}/${name}`)) return undefined;
  const isDirectory = kind === 'directory';
  const own = ownVerdict(place, name, isDirectory);
  if (own === 'ignored') return undefined;
  const path = scopePath + name;
  const { repositories } = scope.index;
  const isSubmodule = repositories.size > 0 && repositories.has(path);
  if (isDirectory && isSubmodule) return { name, kind: 'repository', key: name, isIgnored: false };
  if (!isSubmodule && isTwin(scope, path, name, isDirectory, tracked)) return undefined;
  const isOut = own === undefined && (trackedOnly || isIgnored(chain, path, name, isDirectory));
  if (isOut && !isSubmodule && !tracked()[isDirectory ? 'directories' : 'files'].has(name)) return undefined;
  return { name, kind, key: isDirectory ? `${name}/` : name, isIgnored: isOut };
}

/** Whether git takes the path for another, which it tracks and which differs in case. */
function isTwin(
  { foldedIndex }: Scope,
  path: string,
  name: string,
  isDirectory: boolean,
  tracked: () => FolderNames,
): boolean {
  if (foldedIndex === undefined) return false;
  const folded = fold(path, true);
  if (isDirectory) return foldedIndex.repositories.has(folded) && !foldedIndex.directories.has(folded);
  return !tracked().files.has(name) && (foldedIndex.files.has(folded) || foldedIndex.repositories.has(folded));
}

/** Most folders have nothing ignored in them, and nobody asks what of it is tracked. */
function lazily<Value>(make: () => Value): () => Value {
  let made: { value: Value } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

function ownVerdict({ ownChain, ownPrefix, path }: Place, name: string, isDirectory: boolean) {
  return ownChain && verdictOf(ownChain, ownPrefix + path + name, name, isDirectory);
}

function kindOf(entry: Dirent): 'file' | 'symlink' | 'directory' | undefined {
  if (entry.isFile()) return 'file';
  if (entry.isDirectory()) return 'directory';
  return entry.isSymbolicLink() ? 'symlink' : undefined;
}

function exists(path: string): boolean {
  try {
    lstatSync(path);
    return true;
  } catch {
    return false;
  }
}

/**
 * A nested repository sorts by its bare name. To know one takes a look inside, which usually waits until it is its turn;
 * only where some neighbour sorts between `name` and `name/` does the look come first.
 */
function settleRepositories(place: Place, items: Item[]): Item[] {
  if (!place.scope.isRepository) return items;
  let hasMoved = false;
  for (const [at, item] of items.entries()) {
    const isSure = item.kind !== 'directory' || !items[at - 1]?.key.startsWith(item.name);
    if (isSure || findNested(placeBelow(place, item)) === undefined) continue;
    item.kind = 'repository';
    item.key = item.name;
    hasMoved = true;
  }
  return hasMoved ? items.sort((a, b) => compare(a.key, b.key)) : items;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
