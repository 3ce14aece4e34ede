import type { HashedFile } from '../projects/hash-files.ts';
import { currentHashes, type Reading } from '../search/file-hashes.ts';
import type { CommitOnFiles } from '../search/files/look-up-commits.ts';
import type { Plan, PlanDocument } from './plan.ts';

/** What there is now of each file that some plans name. */
export interface FilesNow {
  at(path: string): HashedFile | undefined;
  /**
   * Where a file is that a plan of that commit names and that is gone, as far as `findMoved` sees it: one that was renamed
   * and changed is gone for good.
   */
  renamed(commit: string | undefined, path: string): string | undefined;
}

export async function readFilesNow(documents: readonly PlanDocument[], reading: Reading): Promise<FilesNow> {
  const { project: root, workers, job } = reading;
  const paths = [...new Set(documents.flatMap(filesOf).map(({ path }) => path))];
  const hashed = await currentHashes(paths, reading);
  const found = new Map(paths.map((path, index) => [path, hashed[index]]));
  const gone = documents.flatMap((document) => {
    const { commit } = document;
    const lost = filesOf(document).filter(({ path, hash }) => hash && found.get(path)?.state === 'absent');
    return commit === undefined ? [] : lost.map(({ path }) => ({ commit, path }));
  });
  const places = gone.length > 0 ? await workers.run('findMoved', { root, gone }, job) : [];
  return {
    at: (path) => found.get(path),
    renamed: (commit, path) => places[gone.findIndex((each) => each.commit === commit && each.path === path)],
  };
}

/** The commits since a plan was made that changed its files. */
export async function readCommits(
  { document, createdAt }: Pick<Plan, 'document' | 'createdAt'>,
  { project, workers, job }: Reading,
): Promise<CommitOnFiles[]> {
  const paths = filesOf(document).map(({ path }) => path);
  if (document.commit === undefined || paths.length === 0) return [];
  const input = { root: project, since: document.commit, after: Math.floor(createdAt / 1000), paths };
  return workers.run('lookUpCommits', input, job);
}

function filesOf({ steps }: PlanDocument) {
  return steps.flatMap(({ files }) => files);
}
