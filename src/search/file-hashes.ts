import type { Digest, HashedFile } from '../projects/hash-files.ts';
import type { Project } from '../projects/registry.ts';
import type { JobCall } from '../projects/worker-job.ts';
import type { WorkerPool } from '../projects/worker-pool.ts';
import type { Cache } from '../store/caches.ts';
import type { Jobs } from './threads/worker.ts';

export interface Reading {
  project: Project;
  workers: WorkerPool<Jobs>;
  /** Spares reading large files again. */
  digests: Cache<Digest>;
  job: JobCall;
}

/** More would take longer than a cache is given. */
const batch = 200;

/** What files hold now, by hash, in the order of their paths. */
export async function currentHashes(paths: readonly string[], reading: Reading): Promise<HashedFile[]> {
  const hashed: HashedFile[] = [];
  for (let at = 0; at < paths.length; at += batch) {
    hashed.push(...(await hashSome(paths.slice(at, at + batch), reading)));
  }
  return hashed;
}

async function hashSome(paths: readonly string[], { project, workers, digests, job }: Reading): Promise<HashedFile[]> {
  const keyOf = (path: string) => JSON.stringify([project.folder, path]);
  const known = await digests.getMany(paths.map(keyOf));
  const files = await workers.run('hashFiles', { root: project, paths, known }, job);
  const added = files.filter((file, index) => {
    return file.state === 'hashed' && file.isSettled && file.digest.hash !== known[index]?.hash;
  });
  await Promise.all(added.map((file) => file.state === 'hashed' && digests.set(keyOf(file.path), file.digest)));
  return files;
}
