import { statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { findGitDirectory, type GitDirectory, readGitSettings, repositoryAt, userFolders } from './git-directory.ts';
import { ownIgnoreFile } from './walk.ts';

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
}

/** By these a folder is a repository or not. */
const repositoryFiles = ['.git', '.git/HEAD', '.git/commondir', '.git/objects', '.git/refs'];

/** Reads nothing as long as all that it has read looks as it did, since it is asked before each answer. */
export function createIgnoreState(root: string): IgnoreState {
  let known: { state: string | undefined; probes: string[]; looks: string; noted: number } | undefined;

  return {
    current(folders, noted) {
      if (known && known.noted === noted && looksOf(known.probes) === known.looks) return known.state;
      const all = [...folders];
      const { probes } = read(all);
      const looks = looksOf(probes);
      const now = read(all); // once more, so that what changes from here on changes the looks
      known = now.probes.join() === probes.join() ? { ...now, looks, noted } : undefined;
      return now.state;
    },
  };

  function read(folders: readonly string[]) {
    const git = findGitDirectory(root);
    const nested = git ? [] : folders.map((each) => join(root, each)).filter(hasGit);
    const files = decidingFiles(root, git);
    const places = [...foldersUp(root, git?.workTree), ...nested];
    const probes = [...files, ...places.flatMap((place) => repositoryFiles.map((name) => join(place, name)))];
    if (git) probes.push(git.gitDir, join(git.gitDir, 'HEAD'), git.commonDir);
    const state = nested.some(repositoryAt) ? undefined : JSON.stringify([git, files, looksOf(files)]);
    return { state, probes: [...new Set(probes)] };
  }
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
