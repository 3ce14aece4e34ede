import type { Resource as WireResource } from '@modelcontextprotocol/server';
import { planMarkdown } from '../plans/markdown.ts';
import { parsePlanId, planId } from '../plans/plan.ts';
import type { ListedPlan } from '../plans/plan-rows.ts';
import { toStepTickets } from '../plans/progress.ts';
import { findNumbered, listNumbered } from './numbered.ts';
import { defineResource, type Release } from './resource.ts';
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
    const { project, number } = await findNumbered(id, parsePlanId, projects);
    const found = await plans.get(project.id, number);
    const made = toStepTickets(await tickets.ofPlans(project.id, [planId(number)]));
    return { mimeType, text: planMarkdown(found, made) };
  },

  /** Those of one project after the other, the newest first. */
  list: (page, { projects, plans }) =>
    listNumbered(
      page,
      {
        parseId: parsePlanId,
        idOf: fullPlanId,
        list: (project, before, limit) => plans.list(project, { limit, before }),
        toWire,
      },
      projects,
    ),

  /** A plan shows its tickets, so that a change of one of these is a change of it. */
  async watch({ id }, { projects, plans, tickets }, notify): Promise<Release | undefined> {
    const found = await findNumbered(id, parsePlanId, projects).catch(() => undefined);
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

  complete: async (variable, value, _known, call) =>
    variable === 'id' ? suggestPlans(value, undefined, call) : noSuggestions,
});

function fullPlanId(project: string, { number }: ListedPlan): string {
  return `${project}.${planId(number)}`;
}

function toWire(project: string, row: ListedPlan): WireResource {
  const uri = expandUri(uriTemplate, { id: fullPlanId(project, row) });
  return { uri, name: `${planId(row.number)} ${row.title}`, mimeType };
}
