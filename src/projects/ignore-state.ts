import { statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createFolderWatches, tellsOfAllChanges } from './folder-watches.ts';
import { findGitDirectory, type GitDirectory, readGitSettings, repositoryAt, userFolders } from './git-directory.ts';
import { ownIgnoreFile } from './walk-place.ts';

/** Tells whether git may list other files for a reason outside of the listed folders. */
export interface IgnoreState {
  /**
   * Another text whenever it may: by its index, its settings, or ignore files of the user and of folders above.
   *
   * @param folders relative to the root; where this lies in no repository, one of them may be one
   * @param noted another number after each change in one of these folders
   * @returns undefined where that cannot be told
   */
  current(folders: Iterable<string>, noted: number): string | undefined;
  close(): void;
}

/** By these a folder is a repository or not. */
const repositoryFiles = ['.git', '.git/HEAD', '.git/commondir', '.git/objects', '.git/refs'];

interface Known {
  state: string | undefined;
  /** What has to be looked at each time. */
  probes: readonly string[];
  looks: string;
  /** The changes that were heard of before it was read, in the project's folders and in those of git. */
  noted: number;
  heard: number;
}

/**
 * Reads nothing as long as all that it has read looks as it did, since it is asked before each answer. Of most of it a watch
 * tells: it needs a turn of the event loop before it is asked, as `Catalogue` does.
 */
export function createIgnoreState(root: string): IgnoreState {
  let known: Known | undefined;
  let heard = 0;
  const watches = createFolderWatches(() => heard++);

  return {
    current(folders, noted) {
      if (known?.noted === noted && known.heard === heard && looksOf(known.probes) === known.looks) return known.state;
      const all = [...folders];
      const { probes, git } = read(all);
      const isWatched = watch(git);
      const left = probes.filter((probe) => !isWatched(probe));
      const looks = looksOf(left);
      const now = read(all); // once more, so that what changes from here on changes the looks or is heard of
      known = now.probes.join() === probes.join() ? { state: now.state, probes: left, looks, noted, heard } : undefined;
      return now.state;
    },
    close: watches.close,
  };

  function read(folders: readonly string[]) {
    const git = findGitDirectory(root);
    const nested = git ? [] : folders.map((each) => join(root, each)).filter(hasGit);
    const files = decidingFiles(root, git);
    const places = [...foldersUp(root, git?.workTree), ...nested];
    const probes = [...files, ...places.flatMap((place) => repositoryFiles.map((name) => join(place, name)))];
    if (git) probes.push(...gitFolders(git), join(git.gitDir, 'HEAD'));
    const state = nested.some(repositoryAt) ? undefined : JSON.stringify([git, files, looksOf(files)]);
    return { git, state, probes: [...new Set(probes)] };
  }

  /** @returns whether a change of a file is heard of; the watched folders themselves may still be replaced */
  function watch(git: GitDirectory | undefined): (file: string) => boolean {
    const folders = git ? gitFolders(git).filter(tellsOfAllChanges) : [];
    for (const folder of folders) {
      watches.remove(folder); // it may be another by now
      watches.add(folder, folder);
    }
    const isSure = watches.areComplete() && watches.closed() === 0;
    return (file) => isSure && folders.includes(dirname(file)) && !folders.includes(file);
  }
}

/** Those that hold what git decides by. */
function gitFolders({ gitDir, commonDir }: GitDirectory): string[] {
  return [...new Set([gitDir, commonDir, join(commonDir, 'info')])];
}

function decidingFiles(root: string, git: GitDirectory | undefined): string[] {
  const user = userFolders();
  const files = [user.systemConfig, join(user.configHome, 'git', 'config'), join(user.home, '.gitconfig')];
  const { excludesFile } = readGitSettings(git, user);
  if (excludesFile !== undefined) files.push(excludesFile);
  if (git === undefined) return files;
  const { gitDir, commonDir, workTree } = git;
  files.push(join(gitDir, 'index'), join(gitDir, 'config.worktree'));
  files.push(join(commonDir, 'config'), join(commonDir, 'info', 'exclude'));
  return [
    ...files,
    ...foldersUp(root, workTree)
      .slice(1)
      .flatMap((folder) => [join(folder, '.gitignore'), join(folder, ownIgnoreFile)]),
  ];
}

/** From the root to the work tree that it lies in, or as far up as there are folders. */
function foldersUp(root: string, workTree: string | undefined): string[] {
  const folders = [root];
  for (let at = root; at !== workTree && at !== dirname(at); ) {
    at = dirname(at);
    folders.push(at);
  }
  return folders;
}

function hasGit(folder: string): boolean {
  return stateOf(join(folder, '.git')) !== '';
}

function looksOf(files: readonly string[]): string {
  return files.map(stateOf).join(';');
}

function stateOf(file: string): string {
  try {
    const stats = statSync(file, { throwIfNoEntry: false });
    return stats ? [stats.size, stats.mtimeMs, stats.ctimeMs, stats.ino].join() : '';
  } catch {
    return '';
  }
}
