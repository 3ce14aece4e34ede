import type { Root } from '../../projects/door.ts';
import { createHistoryReader } from '../../projects/git-history.ts';
import type { JobControl } from '../../projects/job-control.ts';

export interface LookUpCommitsInput {
  root: Root;
  /** The commit that was checked out then. */
  since: string;
  /** Older ones are of before, whatever branch they come from; in seconds since 1970. */
  after: number;
  paths: readonly string[];
}

export interface CommitOnFiles {
  id: string;
  subject: string;
  /** Of the paths that were asked for. */
  files: string[];
}

/** A history that was rewritten may never come to the commit that was named. */
const maxLooked = 1000;
const maxFound = 50;

/** The commits since a commit that changed any of some files, the newest first. */
export function lookUpCommits({ root, since, after, paths }: LookUpCommitsInput, control: JobControl): CommitOnFiles[] {
  const reader = createHistoryReader(root.folder);
  const head = reader.head();
  if (head === undefined || head === since) return [];
  const wanted = new Set(paths);
  const found: CommitOnFiles[] = [];
  let looked = 0;
  for (const commit of reader.read(head, new Set([since]))) {
    if (++looked > maxLooked || found.length === maxFound || control.shouldStop()) break;
    if (!commit || commit.time < after) continue;
    const files = commit.files.filter((path) => wanted.has(path));
    if (files.length > 0) found.push({ id: commit.id, subject: commit.subject, files });
  }
  return found;
}
