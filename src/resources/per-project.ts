import type { Resource as WireResource } from '@modelcontextprotocol/server';
import { deadlinesMs } from '../deadlines.ts';
import type { Project, Projects } from '../projects/registry.ts';
import { watchTree } from '../projects/watch-tree.ts';
import type { Page, PageRequest, Release, ResourceCall, ResourceServices } from './resource.ts';
import { noSuggestions, type Suggestions, suggestProjects } from './suggestions.ts';

/* What the kinds share whose template has a `{project}`. */

const maxListed = 100_000;

/** One resource a project, in the order of the projects. */
export async function listOnePerProject(
  { after, limit }: PageRequest,
  { projects }: ResourceCall,
  toWire: (project: string) => WireResource,
): Promise<Page> {
  const ids = (await projects.list()).map(({ id }) => id);
  const start = after === undefined ? 0 : ids.indexOf(after) + 1;
  if (after !== undefined && start === 0) return { resources: [] }; // no longer served
  const page = ids.slice(start, start + limit);
  const last = page.at(-1);
  const more = start + limit < ids.length;
  return { resources: page.map(toWire), ...(more && last !== undefined && { after: last }) };
}

/** Calls `notify` when any file of the project comes, goes or changes. */
export async function watchWholeProject(
  reference: string,
  { projects, workers, watcher }: ResourceServices,
  notify: () => void,
): Promise<Release | undefined> {
  const project = await findWatched(reference, projects);
  if (!project) return undefined;
  const listFolders = async (signal: AbortSignal) => {
    const input = { root: project, after: undefined, limit: maxListed };
    const { paths } = await workers.run('listFiles', input, { signal, budgetMs: deadlinesMs.watchList });
    return [...new Set(paths.flatMap(foldersOf))];
  };
  return watchTree(project.folder, watcher, listFolders, notify);
}

/** A subscriber may name what is not there, and none is meant by default. */
export async function findWatched(reference: string, projects: Projects): Promise<Project | undefined> {
  return reference === '' ? undefined : projects.find(reference).catch(() => undefined);
}

export async function completeProject(variable: string, value: string, call: ResourceCall): Promise<Suggestions> {
  return variable === 'project' ? suggestProjects(value, call) : noSuggestions;
}

function foldersOf(path: string): string[] {
  const folders: string[] = [];
  for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) folders.push(path.slice(0, end));
  return folders;
}
