import type { Resource as WireResource } from '@modelcontextprotocol/server';
import type { Project, Projects } from '../projects/registry.ts';
import type { Page, PageRequest } from './resource.ts';

/* What the kinds share that are numbered within their projects, such as `shop.T-12`. */

/** @throws UserError `bad_input` for what is no id */
type ParseId = (id: string) => { project: string | undefined; number: number };

export async function findNumbered(
  id: string,
  parseId: ParseId,
  projects: Projects,
): Promise<{ project: Project; number: number }> {
  const { project, number } = parseId(id);
  return { project: await projects.findKept(project), number };
}

interface NumberedKind<Row> {
  parseId: ParseId;
  idOf(project: string, row: Row): string;
  /** @param after the number at which the last page ended; undefined for the first of a project */
  list(project: string, after: number | undefined, limit: number): Promise<{ rows: readonly Row[]; hasMore: boolean }>;
  toWire(project: string, row: Row): WireResource;
}

/** Those of one project after the other. */
export async function listNumbered<Row>(
  { after, limit }: PageRequest,
  { parseId, idOf, list, toWire }: NumberedKind<Row>,
  projects: Projects,
): Promise<Page> {
  const resources: WireResource[] = [];
  for (const start of startsAfter(after, parseId, await projects.listKept())) {
    const { rows, hasMore } = await list(start.project, start.number, limit - resources.length);
    resources.push(...rows.map((row) => toWire(start.project, row)));
    const last = rows.at(-1);
    if (last && (hasMore || resources.length >= limit)) return { resources, after: idOf(start.project, last) };
  }
  return { resources };
}

/** Which projects are still to be listed, and behind which number. */
function startsAfter(after: string | undefined, parseId: ParseId, projects: readonly Project[]) {
  if (after === undefined) return projects.map(({ id }) => ({ project: id, number: undefined }));
  const { project, number } = parseId(after);
  const start = projects.findIndex(({ id }) => id === project);
  return projects.slice(start < 0 ? projects.length : start).map(({ id }, index) => {
    return { project: id, number: index === 0 ? number : undefined };
  });
}
