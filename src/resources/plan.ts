import type { Resource as WireResource } from '@modelcontextprotocol/server';
import { UserError } from '../errors.ts';
import { toStepTickets } from '../plans/drift.ts';
import { planMarkdown } from '../plans/markdown.ts';
import { parsePlanId, planId } from '../plans/plan.ts';
import type { ListedPlan } from '../plans/plan-rows.ts';
import type { Project, Projects } from '../projects/registry.ts';
import { defineResource, type Page, type PageRequest, type Release, type ResourceCall } from './resource.ts';
import { noSuggestions, suggestPlans } from './suggestions.ts';
import { expandUri } from './uri.ts';

const uriTemplate = 'octant://plans/{id}';
const mimeType = 'text/markdown';

export const plan = defineResource({
  name: 'plan',
  title: 'Plan',
  description: 'One plan, whole, as Markdown with the graph of its steps: P-3 of the default project, or shop.P-3.',
  uriTemplate,
  mimeType,

  async read({ id }, { projects, plans, tickets }) {
    const { project, number } = await find(id, projects);
    const found = await plans.get(project.id, number);
    const made = toStepTickets(await tickets.ofPlans(project.id, [planId(number)]));
    return { mimeType, text: planMarkdown(found, made) };
  },

  /** Those of one project after the other, the newest first. */
  async list(page, call) {
    try {
      return await listAll(page, call);
    } catch (error) {
      if (error instanceof UserError && error.code === 'unavailable') return { resources: [] }; // files still are
      throw error;
    }
  },

  /** A plan shows its tickets, so that a change of one of these is a change of it. */
  async watch({ id }, { projects, plans, tickets }, notify): Promise<Release | undefined> {
    const found = await find(id, projects).catch(() => undefined);
    if (!found) return undefined;
    const { project, number } = found;
    const readTickets = async () => JSON.stringify(await tickets.ofPlans(project.id, [planId(number)]));
    let shown = await readTickets().catch(() => '');
    const ofPlan = plans.watch((projectId, each) => projectId === project.id && each === number, notify);
    const ofTickets = tickets.watch(
      (projectId, each) => projectId === project.id && each !== undefined,
      () => {
        readTickets().then(
          (now) => {
            if (now !== shown) notify();
            shown = now;
          },
          () => {}, // the store is away; what changes then is told by the next change
        );
      },
    );
    return () => {
      ofPlan();
      ofTickets();
    };
  },

  complete: async (variable, value, _known, call) => (variable === 'id' ? suggestPlans(value, call) : noSuggestions),
});

async function listAll({ after, limit }: PageRequest, { projects, plans }: ResourceCall): Promise<Page> {
  const resources: WireResource[] = [];
  for (const { id, before } of startsAfter(after, await projects.listKept())) {
    const { rows, hasMore } = await plans.list(id, { limit: limit - resources.length, before });
    resources.push(...rows.map((row) => toWire(id, row)));
    const last = rows.at(-1);
    if (last && (hasMore || resources.length >= limit)) return { resources, after: `${id}.${planId(last.number)}` };
  }
  return { resources };
}

async function find(id: string, projects: Projects): Promise<{ project: Project; number: number }> {
  const { project, number } = parsePlanId(id);
  return { project: await projects.findKept(project), number };
}

/** Which projects are still to be listed, and before which plan. */
function startsAfter(after: string | undefined, projects: readonly Project[]) {
  if (after === undefined) return projects.map(({ id }) => ({ id, before: undefined }));
  const { project, number } = parsePlanId(after);
  const start = projects.findIndex(({ id }) => id === project);
  return projects.slice(start < 0 ? projects.length : start).map(({ id }, index) => {
    return { id, before: index === 0 ? number : undefined };
  });
}

function toWire(project: string, { number, title }: ListedPlan): WireResource {
  const id = planId(number);
  return { uri: expandUri(uriTemplate, { id: `${project}.${id}` }), name: `${id} ${title}`, mimeType };
}
