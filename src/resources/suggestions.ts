import { conversationId } from '../chats/chat.ts';
import { planId } from '../plans/plan.ts';
import type { Projects } from '../projects/registry.ts';
import type { ListQuestion } from '../tickets/list.ts';
import { ticketId, unsettled } from '../tickets/ticket.ts';
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
  { projects, pathSearch, job }: ResourceCall,
): Promise<Suggestions> {
  if ((await projects.list()).length === 0) return noSuggestions;
  const root = await projects.find(project);
  const input = { root, query: value, include: [], exclude: [], limit: maxSuggestions };
  const { hits, total } = await pathSearch.find(input, job);
  return { values: hits.map(({ path }) => path), total };
}

/** Plans of a project, or of the default one, the newest first, by their number or by words of their title. */
export function suggestPlans(
  value: string,
  reference: string | undefined,
  { projects, plans }: ResourceCall,
): Promise<Suggestions> {
  return suggestNumbered(
    value,
    reference,
    projects,
    planId,
    async (id) => (await plans.list(id, { limit: most })).rows,
  );
}

/** The unsettled tickets, likewise, in the order of their numbers. */
export function suggestTickets(
  value: string,
  reference: string | undefined,
  { projects, tickets }: ResourceCall,
): Promise<Suggestions> {
  const question = { ...openTickets, limit: most };
  return suggestNumbered(value, reference, projects, ticketId, async (id) => (await tickets.list(id, question)).rows);
}

/** Conversations of the default project, the newest first, likewise. */
export function suggestConversations(value: string, { projects, chats }: ResourceCall): Promise<Suggestions> {
  const question = { state: 'active', order: 'created', limit: most } as const;
  return suggestNumbered(value, undefined, projects, conversationId, async (id) => {
    const { rows } = await chats.list(id, question);
    return rows.map(({ number, document }) => ({ number, title: document.title }));
  });
}

export const openTickets: Omit<ListQuestion, 'limit'> = { statuses: unsettled, ready: false, sort: 'created' };

/** Of these the typed value is looked for. */
const most = 5 * maxSuggestions;

async function suggestNumbered(
  value: string,
  reference: string | undefined,
  projects: Projects,
  idOf: (number: number) => string,
  list: (projectId: string) => Promise<ReadonlyArray<{ number: number; title: string }>>,
): Promise<Suggestions> {
  // In a client that typed nothing of a project, there may be none.
  const project = reference === undefined ? (await projects.listKept())[0] : await projects.findKept(reference);
  if (!project) return noSuggestions;
  const typed = value.toLowerCase();
  const wanted = typed.startsWith(`${project.id.toLowerCase()}.`) ? typed.slice(project.id.length + 1) : typed;
  const meant = (await list(project.id)).filter(({ number, title }) => {
    const id = idOf(number).toLowerCase();
    return id.startsWith(wanted) || String(number).startsWith(wanted) || title.toLowerCase().includes(wanted);
  });
  const values = meant.map(({ number }) => `${project.id}.${idOf(number)}`);
  return { values, total: values.length };
}

/** By what they are called, then by words of their titles. */
export async function suggestPrompts(value: string, { library, job }: ResourceCall): Promise<Suggestions> {
  const wanted = value.toLowerCase();
  const all = (await library.listAll(job)).map(({ prompt }) => prompt);
  const called = all.filter(({ reference }) => reference.toLowerCase().startsWith(wanted));
  const titled = all.filter((each) => !called.includes(each) && each.head.title.toLowerCase().includes(wanted));
  const values = [...called, ...titled].map(({ reference }) => reference);
  return { values, total: values.length };
}

/** As `provider/model`, and the tiers that are set up. */
export async function suggestModels(value: string, { models, job }: ResourceCall): Promise<Suggestions> {
  const reports = await models.survey(modelsAgeMs, job.signal);
  const names = reports.flatMap(({ name, models: known }) => known.map(({ id }) => `${name}/${id}`));
  return suggestFrom([...Object.keys(models.tiers), ...names], value);
}

const modelsAgeMs = 10 * 60_000;
