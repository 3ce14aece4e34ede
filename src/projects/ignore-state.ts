import { statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { findGitDirectory, readGitSettings, repositoryAt, userFolders } from './git-directory.ts';

/**
 * Another text whenever git may list other files for a reason outside of the listed folders: its index, its settings, or
 * ignore files of the user and of folders above.
 *
 * @param folders relative to the root; where this lies in no repository, one of them may be one
 * @returns undefined where that cannot be told
 */
export function ignoreState(root: string, folders: Iterable<string>): string | undefined {
  const git = findGitDirectory(root);
  if (git === undefined) {
    for (const folder of folders) if (repositoryAt(join(root, folder))) return undefined;
  }
  const user = userFolders();
  const files = [user.systemConfig, join(user.configHome, 'git', 'config'), join(user.home, '.gitconfig')];
  const { excludesFile } = readGitSettings(git, user);
  if (excludesFile !== undefined) files.push(excludesFile);
  if (git !== undefined) {
    const { gitDir, commonDir, workTree } = git;
    files.push(join(gitDir, 'index'), join(gitDir, 'config.worktree'));
    files.push(join(commonDir, 'config'), join(commonDir, 'info', 'exclude'));
    for (let at = root; at !== workTree && at !== dirname(at); ) {
      at = dirname(at);
      files.push(join(at, '.gitignore'));
    }
  }
  return JSON.stringify([git, files, files.map(stateOf)]);
}

function stateOf(file: string): string {
  try {
    const { size, mtimeMs, ctimeMs, ino } = statSync(file);
    return [size, mtimeMs, ctimeMs, ino].join();
  } catch {
    return '';
  }
}
