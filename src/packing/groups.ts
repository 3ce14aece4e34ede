import * as z from 'zod';
import { UserError } from '../errors.ts';
import type { Project } from '../projects/registry.ts';
import type { JobCall } from '../projects/worker-job.ts';
import type { WorkerPool } from '../projects/worker-pool.ts';
import type { Jobs } from '../search/threads/worker.ts';
import { readJson } from '../text/json.ts';
import { nearest } from '../text/nearest.ts';

/** Files, folders and globs under a name, as `build_context` takes them: `{ "checkout": ["src/cart/", "docs/cart.md"] }`. */
export type Groups = ReadonlyMap<string, readonly string[]>;

/** Of the project's own, so that a team shares it and git keeps it. */
export const groupsFile = '.octant/groups.json';

const maxBytes = 256 * 1024;
const form = z.record(z.string().min(1).max(100), z.array(z.string().min(1).max(1100)).max(500));

/** @throws UserError for a file that is no such list */
export async function readGroups(root: Project, workers: WorkerPool<Jobs>, call: JobCall): Promise<Groups> {
  const found = await workers.run('readWhole', { root, path: groupsFile, maxBytes }, call).catch((error) => {
    if (error instanceof UserError && error.code === 'not_found') return undefined;
    throw error;
  });
  if (!found) return new Map();
  const groups = form.safeParse(found.kind === 'text' ? readJson(found.text) : undefined);
  if (groups.success) return new Map(Object.entries(groups.data));
  throw new UserError('bad_input', `${groupsFile} is not of the form { "name": ["path or glob", ...] }. Mend it.`);
}

/** @throws UserError for a name that there is not */
export function pathsOfGroups(names: readonly string[], groups: Groups): string[] {
  return names.flatMap((name) => {
    const paths = groups.get(name);
    if (paths) return paths;
    const known = nearest(name, [...groups.keys()], 5).join(', ') || 'none';
    throw new UserError('not_found', `There is no group ${JSON.stringify(name)} in ${groupsFile}. It has: ${known}.`);
  });
}
