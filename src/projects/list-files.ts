import type { Root } from './door.ts';
import type { JobControl } from './job-control.ts';
import { walk } from './walk.ts';

export interface ListFilesInput {
  root: Root;
  /** The last path of the page before. */
  after: string | undefined;
  limit: number;
}

export interface ListFilesOutput {
  /** POSIX paths in ascending order. */
  paths: string[];
  /** Whether more follow. */
  more: boolean;
}

/** One page of the project's files, in path order. */
export function listFiles({ root, after, limit }: ListFilesInput, control: JobControl): ListFilesOutput {
  const paths: string[] = [];
  for (const { path, kind } of walk(root.folder, control.walkBudget)) {
    if (kind === 'repository' || (after !== undefined && path <= after)) continue;
    if (paths.length === limit) return { paths, more: true };
    paths.push(path);
  }
  return { paths, more: false };
}
