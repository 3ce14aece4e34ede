import { UserError } from '../errors.ts';
import type { Digest, HashedFile } from '../projects/hash-files.ts';
import type { Project } from '../projects/registry.ts';
import type { JobCall } from '../projects/worker-job.ts';
import type { WorkerPool } from '../projects/worker-pool.ts';
import type { Jobs } from '../search/threads/worker.ts';
import type { Cache } from '../store/caches.ts';
import { cleanText } from '../text/clean.ts';
import type { CitedFile, TicketDocument } from './ticket.ts';

export interface Reading {
  project: Project;
  workers: WorkerPool<Jobs>;
  /** Spares reading large files again. */
  digests: Cache<Digest>;
  job: JobCall;
}

/**
 * The files that somebody names, as they are now; each gets its hash, unless it is still to be written.
 *
 * @throws UserError for a path out of the project, a folder or a secret file
 */
export async function citeFiles(paths: readonly string[], reading: Reading): Promise<CitedFile[]> {
  return (await hashAll(paths, reading)).map((file) => {
    if (file.state === 'refused') throw new UserError(file.code, file.message);
    checkShown(file.path);
    return file.state === 'hashed' ? { path: file.path, hash: file.digest.hash } : { path: file.path };
  });
}

/** A path stands in what people and models read, where it must not hide or reorder anything. */
function checkShown(path: string) {
  if (cleanText(path) === path && !/[\t\n]/.test(path)) return;
  throw new UserError(
    'bad_input',
    `The path ${JSON.stringify(path.slice(0, 120))} holds characters that cannot be seen.`,
  );
}

/** What became of a file since it was cited. */
export type FileState = 'same' | 'changed' | 'gone' | 'written' | 'planned' | 'unreadable';

/** Compares every file that a ticket or one of its tasks cites with what is there now. */
export async function compareFiles(document: TicketDocument, reading: Reading): Promise<Map<string, FileState>> {
  const cited = [...document.files, ...Object.values(document.tasks).flatMap(({ files }) => files ?? [])];
  const now = await hashAll([...new Set(cited.map(({ path }) => path))], reading);
  const found = new Map(now.map((file) => [file.path, file]));
  return new Map(cited.map((file) => [file.path, stateOf(file, found.get(file.path))]));
}

function stateOf(cited: CitedFile, now: HashedFile | undefined): FileState {
  if (now?.state === 'refused') return 'unreadable';
  if (now?.state !== 'hashed') return cited.hash === undefined ? 'planned' : 'gone';
  if (cited.hash === undefined) return 'written';
  return cited.hash === now.digest.hash ? 'same' : 'changed';
}

async function hashAll(paths: readonly string[], { project, workers, digests, job }: Reading): Promise<HashedFile[]> {
  if (paths.length === 0) return [];
  const keyOf = (path: string) => JSON.stringify([project.folder, path]);
  const known = await digests.getMany(paths.map(keyOf));
  const files = await workers.run('hashFiles', { root: project, paths, known }, job);
  const added = files.filter((file, index) => {
    return file.state === 'hashed' && file.isSettled && file.digest.hash !== known[index]?.hash;
  });
  await Promise.all(added.map((file) => file.state === 'hashed' && digests.set(keyOf(file.path), file.digest)));
  return files;
}
