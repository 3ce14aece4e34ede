import type { Root } from '../../projects/door.ts';
import { findGitDirectory, isOwnRepository } from '../../projects/git-directory.ts';
import { readHead as readHeadCommit } from '../../projects/git-log.ts';
import type { JobControl } from '../../projects/job-control.ts';
import { readHead } from '../../projects/read-head.ts';
import { walk } from '../../projects/walk.ts';
import { type FileRole, roleOf } from './file-role.ts';

export interface LookUpFilesInput {
  root: Root;
  /** Of files that are there. */
  paths: readonly string[];
  /** Whether to look for a test among all files of the project. */
  wantsTest: boolean;
}

export interface LookUpFilesOutput {
  /** By their first lines too, in the order of the paths. */
  roles: FileRole[];
  hasTest: boolean;
  /** The commit that is checked out. */
  commit?: string;
}

const headBytes = 2048;

/** What files of a project are for, and what state of it they belong to. */
export function lookUpFiles({ root, paths, wantsTest }: LookUpFilesInput, control: JobControl): LookUpFilesOutput {
  const roles = paths.map((path) => roleOf(path, readHead(root, path, headBytes)));
  const git = findGitDirectory(root.folder);
  const commit = git && isOwnRepository(git) ? readHeadCommit(git) : undefined;
  const hasTest = roles.includes('test') || (wantsTest && isAnyTest(root, control));
  return { roles, hasTest, ...(commit !== undefined && { commit }) };
}

function isAnyTest(root: Root, control: JobControl): boolean {
  for (const { path, kind } of walk(root.folder, control.walkBudget)) {
    if (kind !== 'repository' && roleOf(path) === 'test') return true;
  }
  return false;
}
