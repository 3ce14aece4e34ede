import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findGitDirectory, isOwnRepository } from '../../src/projects/git-directory.ts';
import { tempProject } from '../helpers/temp-project.ts';

function git(folder: string, ...args: string[]) {
  execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', ...args], { cwd: folder, stdio: 'ignore' });
}

function committed(files: Record<string, string>): string {
  const folder = tempProject(files);
  git(folder, 'init', '-q');
  git(folder, 'add', '.');
  git(folder, 'commit', '-q', '-m', 'x');
  return folder;
}

function isOwn(folder: string): boolean | undefined {
  const found = findGitDirectory(folder);
  return found && isOwnRepository(found);
}

describe('The history of a repository is shown', () => {
  it('where it lies in the folder, in a linked work tree, and in a submodule', () => {
    const inner = committed({ a: '' });
    const root = committed({ b: '' });
    git(root, 'worktree', 'add', '-q', join(root, 'tree'));
    git(root, '-c', 'protocol.file.allow=always', 'submodule', 'add', '-q', inner, 'libs');
    expect([root, join(root, 'tree'), join(root, 'libs')].map(isOwn)).toEqual([true, true, true]);
  });

  it('but not where a folder from elsewhere points at a repository that does not know it', () => {
    const victim = committed({ secret: '' });
    const byFile = tempProject({ '.git': `gitdir: ${victim}/.git\n` });
    const byLink = tempProject();
    symlinkSync(join(victim, '.git'), join(byLink, '.git'));
    const byWorktree = tempProject();
    git(victim, 'worktree', 'add', '-q', join(byWorktree, 'real'));
    mkdirSync(join(byWorktree, 'copy'));
    writeFileSync(join(byWorktree, 'copy', '.git'), `gitdir: ${victim}/.git/worktrees/real\n`);
    expect([byFile, byLink, join(byWorktree, 'copy')].map(isOwn)).toEqual([false, false, false]);
  });
});
