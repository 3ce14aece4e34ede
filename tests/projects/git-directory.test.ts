import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findGitDirectory, isOwnRepository } from '../../src/projects/git-directory.ts';
import { recentCommits } from '../../src/projects/git-log.ts';
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
    const byCommonDirectory = tempProject({
      '.git/HEAD': 'ref: refs/heads/main\n',
      '.git/commondir': `${victim}/.git\n`,
    });
    expect([byFile, byLink, join(byWorktree, 'copy'), byCommonDirectory].map(isOwn)).toEqual([
      false,
      false,
      false,
      false,
    ]);
  });

  it('and not by a head or objects that are links into another repository', () => {
    const victim = committed({ secret: '' });
    const head = readdirSync(join(victim, '.git/refs/heads'))[0] ?? '';
    const byRef = tempProject({
      '.git/HEAD': `ref: refs/heads/${head}\n`,
      '.git/objects/info/alternates': `${victim}/.git/objects\n`,
      '.git/refs/heads/other': '',
    });
    symlinkSync(join(victim, '.git/refs/heads', head), join(byRef, '.git/refs/heads', head));
    const byObjects = tempProject({
      '.git/HEAD': `ref: refs/heads/${head}\n`,
      [`.git/refs/heads/${head}`]: readFileSync(join(victim, '.git/refs/heads', head)),
    });
    symlinkSync(join(victim, '.git/objects'), join(byObjects, '.git/objects'));
    for (const folder of [byRef, byObjects]) {
      const found = findGitDirectory(folder);
      expect(found && recentCommits(found, 5)).toEqual([]);
    }
    const honest = findGitDirectory(victim);
    expect(honest && recentCommits(honest, 5)).toHaveLength(1);
  });
});
