import { realpathSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import {
  findGitDirectory,
  type GitDirectory,
  maxSmallFileBytes,
  readGitSettings,
  repositoryAt,
  type UserFolders,
} from './git-directory.ts';
import { readRegularFile } from './git-file.ts';
import { type FolderNames, type GitIndex, nothingTracked, readGitIndex } from './git-index.ts';
import { addIgnoreFile, fold, type IgnoreChain, isIgnored } from './ignore-rules.ts';

/** Octant's own ignore file, in any folder: its rules come before those of git, in both directions. */
export const ownIgnoreFile = '.octantignore';

/** A repository, or what lies outside of all. */
export interface Scope {
  isRepository: boolean;
  ignoreCase: boolean;
  index: GitIndex;
  /** The same in small letters, where case is ignored: git takes a path for tracked that differs from one in case alone. */
  foldedIndex: FoldedIndex | undefined;
}

interface FoldedIndex extends FolderNames {
  repositories: ReadonlySet<string>;
}

/** A folder of a walk, and what decides on its entries. */
export interface Place {
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

/** Undefined where there is nothing to list. */
export function placeOfRoot(root: string, user: UserFolders): Place | undefined {
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

export function placeBelow(above: Place, { name, isIgnored }: { name: string; isIgnored: boolean }): Place {
  return {
    ...above,
    folder: `${above.folder}/${name}`,
    path: `${above.path}${name}/`,
    scopePath: `${above.scopePath}${name}/`,
    trackedOnly: isIgnored,
  };
}

/** Of every folder; those of git and of Octant. */
export const ignoreFiles: readonly string[] = ['.gitignore', ownIgnoreFile];

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

/** The same place with the rules in its own ignore files, if they are among the names that are there. */
export function withOwnRules(place: Place, names: readonly string[]): Place {
  const own = ignoreFiles.filter((name) => names.includes(name));
  return own.length > 0 ? { ...place, ...chainsAt(place, own) } : place;
}

/** The place as the root of a repository within what lies outside of all. */
export function enterRepository(
  { folder, path, ownChain, ownPrefix }: Place,
  git: GitDirectory,
  user: UserFolders,
): Place {
  return { ...topOf(git, folder, path, user), ownChain, ownPrefix };
}

/** A folder with tracked files in it is a folder to git, even when it has become a repository of its own. */
export function findNested({ scope, folder, scopePath }: Place): GitDirectory | undefined {
  const isTracked =
    scope.index.hasFolder(scopePath) || scope.foldedIndex?.directories.has(fold(scopePath.slice(0, -1), true));
  return isTracked ? undefined : repositoryAt(folder);
}
