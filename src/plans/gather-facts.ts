import type { HashedFile } from '../projects/hash-files.ts';
import { currentHashes, type Reading } from '../search/file-hashes.ts';
import { type FileRole, roleOf } from '../search/files/file-role.ts';
import { folderOf } from './lint-files.ts';
import type { PlanDocument, Step, StepFile } from './plan.ts';
import type { PathState, PlanFacts } from './plan-facts.ts';

/** What a look at the project tells of the paths of a plan. */
export interface GatheredFacts extends PlanFacts {
  nearestTo(path: string): string | undefined;
  /** As it is written everywhere: relative, with "/", without "./". */
  pathOf(named: string): string;
  hashOf(named: string): string | undefined;
  /** The commit that is checked out. */
  commit: string | undefined;
}

/** Looks up all paths of some steps at once. */
export async function gatherFacts(steps: readonly Step[], reading: Reading): Promise<GatheredFacts> {
  const named = steps.flatMap(({ files }) => files).map(({ path }) => path);
  const folders = named.map(folderOf).filter((path) => path !== '');
  const asked = [...new Set([...named, ...folders])];
  const hashed = await currentHashes(asked, reading);
  const found = new Map(
    hashed.flatMap(
      (file, index): Array<[string, HashedFile]> => [
        [asked[index] ?? file.path, file],
        [file.path, file],
      ],
    ),
  );
  const there = [...new Set(hashed.filter(({ state }) => state === 'hashed').map(({ path }) => path))];
  const input = { root: reading.project, paths: there, wantsTest: named.some((path) => roleOf(path) === 'source') };
  const { roles, hasTest, commit } = await reading.workers.run('lookUpFiles', input, reading.job);
  const byPath = new Map(there.map((path, index): [string, FileRole | undefined] => [path, roles[index]]));
  const pathOf = (path: string) => found.get(path)?.path ?? path;
  const wanted = steps.flatMap(({ files }) => files).filter(({ action }) => action !== 'new');
  const absent = wanted.map(({ path }) => path).filter((path) => found.get(path)?.state === 'absent');
  const near = await nearestOf([...new Set(absent)], reading);
  return {
    stateOf: (path) => (path === '' ? 'folder' : stateOf(found.get(path))),
    roleOf: (path) => byPath.get(pathOf(path)) ?? roleOf(path),
    hasTests: hasTest,
    nearestTo: (path) => near.get(path),
    pathOf,
    hashOf(path) {
      const file = found.get(path);
      return file?.state === 'hashed' ? file.digest.hash : undefined;
    },
    commit,
  };
}

/**
 * The plan with its paths written alike, each once a step. A file that has no hash yet gets that of what is there now; one
 * that has keeps it, so that it can be told what has changed since it was planned.
 */
export function withFacts(document: PlanDocument, { pathOf, hashOf, commit: now }: GatheredFacts): PlanDocument {
  const { commit = now, ...rest } = document;
  const fileOf = ({ path, action, hash: known }: StepFile): StepFile => {
    const hash = action === 'new' ? undefined : (known ?? hashOf(path));
    return { path: pathOf(path), action, ...(hash !== undefined && { hash }) };
  };
  const steps = document.steps.map((step) => {
    const files = new Map(step.files.map(fileOf).map((file) => [file.path, file]));
    return { ...step, files: [...files.values()] };
  });
  return { ...rest, steps, ...(commit !== undefined && { commit }) };
}

function stateOf(file: HashedFile | undefined): PathState {
  if (!file || file.state === 'absent') return 'missing';
  if (file.state === 'hashed') return 'file';
  if (file.code === 'secret') return 'closed';
  return file.code === 'bad_input' ? 'folder' : 'outside';
}

/** Of a plan for another project none is found. */
const maxNear = 5;

/** By path, the file that a search for its name finds first. */
async function nearestOf(paths: readonly string[], { project, workers, job }: Reading): Promise<Map<string, string>> {
  const asked = paths.slice(0, maxNear);
  const found = await Promise.all(
    asked.map((path) => {
      const query = path.slice(path.lastIndexOf('/') + 1);
      return workers.run('findPaths', { root: project, query, include: [], exclude: [], limit: 1 }, job);
    }),
  );
  return new Map(
    asked.flatMap((path, at): Array<[string, string]> => {
      const hit = found[at]?.hits[0];
      return hit ? [[path, hit.path]] : [];
    }),
  );
}
