import { planId } from '../plans/plan.ts';
import type { ResourceCall } from './resource.ts';

/** By the protocol. */
export const maxSuggestions = 100;

/** What to offer a user who is typing; `total` counts also what is left out. */
export interface Suggestions {
  values: string[];
  total: number;
}

export const noSuggestions: Suggestions = { values: [], total: 0 };

export function suggestFrom(all: readonly string[], value: string): Suggestions {
  const values = all.filter((each) => each.toLowerCase().startsWith(value.toLowerCase()));
  return { values, total: values.length };
}

export async function suggestProjects(value: string, { projects }: ResourceCall): Promise<Suggestions> {
  const all = await projects.list();
  return suggestFrom(
    all.map(({ id }) => id),
    value,
  );
}

/** Files of the project, or of the default one, in the order of a search for the path. */
export async function suggestFiles(
  value: string,
  project: string | undefined,
  { projects, workers, job }: ResourceCall,
): Promise<Suggestions> {
  if ((await projects.list()).length === 0) return noSuggestions;
  const root = await projects.find(project);
  const input = { root, query: value, include: [], exclude: [], limit: maxSuggestions };
  const { hits, total } = await workers.run('findPaths', input, job);
  return { values: hits.map(({ path }) => path), total };
}

/** Plans of the default project, the newest first, by their number or by words of their title. */
export async function suggestPlans(value: string, { projects, plans }: ResourceCall): Promise<Suggestions> {
  const [first] = await projects.listKept();
  if (!first) return noSuggestions;
  const { rows } = await plans.list(first.id, { limit: 5 * maxSuggestions });
  const wanted = value.toLowerCase().replace(/^.*\.(?=p-)/, '');
  const meant = rows.filter(({ number, title }) => {
    const id = planId(number).toLowerCase();
    return id.startsWith(wanted) || String(number).startsWith(wanted) || title.toLowerCase().includes(wanted);
  });
  const values = meant.map(({ number }) => `${first.id}.${planId(number)}`);
  return { values: values.slice(0, maxSuggestions), total: values.length };
}
