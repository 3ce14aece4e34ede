import type { Resource as WireResource } from '@modelcontextprotocol/server';
import { UserError } from '../errors.ts';
import type { Project, Projects } from '../projects/registry.ts';
import type { ListedTicket, ListQuestion } from '../tickets/list.ts';
import { toMarkdown } from '../tickets/markdown.ts';
import { fullTicketId, parseTicketId, ticketId, unsettled } from '../tickets/ticket.ts';
import { defineResource, type Page, type PageRequest, type Release, type ResourceCall } from './resource.ts';
import { maxSuggestions, noSuggestions } from './suggestions.ts';
import { expandUri } from './uri.ts';

const uriTemplate = 'octant://tickets/{id}';
const mimeType = 'text/markdown';

export const ticket = defineResource({
  name: 'ticket',
  title: 'Ticket',
  description: 'One ticket, whole, as Markdown: T-12 of the default project, or shop.T-12.',
  uriTemplate,
  mimeType,

  async read({ id }, { projects, tickets }) {
    const { project, number } = await find(id, projects);
    const { ticket: found } = await tickets.get(project.id, number, { history: 0 });
    return { mimeType, text: toMarkdown(found) };
  },

  /** The unsettled ones of one project after the other, in the order of their numbers. */
  async list(page, call) {
    try {
      return await listAll(page, call);
    } catch (error) {
      if (error instanceof UserError && error.code === 'unavailable') return { resources: [] }; // files still are
      throw error;
    }
  },

  async watch({ id }, { projects, tickets }, notify): Promise<Release | undefined> {
    const found = await find(id, projects).catch(() => undefined);
    if (!found) return undefined;
    return tickets.watch((projectId, number) => projectId === found.project.id && number === found.number, notify);
  },

  async complete(variable, value, _known, { projects, tickets }) {
    const [first] = await projects.listKept();
    if (variable !== 'id' || !first) return noSuggestions;
    const { rows } = await tickets.list(first.id, { ...openTickets, limit: 5 * maxSuggestions });
    const values = rows.filter((row) => isMeant(row, value)).map(({ number }) => fullTicketId(first.id, number));
    return { values: values.slice(0, maxSuggestions), total: values.length };
  },
});

const openTickets: Omit<ListQuestion, 'limit'> = { statuses: unsettled, ready: false, sort: 'created' };

async function listAll({ after, limit }: PageRequest, { projects, tickets }: ResourceCall): Promise<Page> {
  const resources: WireResource[] = [];
  for (const { id, position } of startsAfter(after, await projects.listKept())) {
    const question = { ...openTickets, limit: limit - resources.length, after: position };
    const { rows, hasMore } = await tickets.list(id, question);
    resources.push(...rows.map((row) => toWire(id, row)));
    const last = rows.at(-1);
    if (last && (hasMore || resources.length >= limit)) return { resources, after: fullTicketId(id, last.number) };
  }
  return { resources };
}

async function find(id: string, projects: Projects): Promise<{ project: Project; number: number }> {
  const { project, number } = parseTicketId(id);
  return { project: await projects.findKept(project), number };
}

/** Which projects are still to be listed, and behind which ticket. */
function startsAfter(after: string | undefined, projects: readonly Project[]) {
  if (after === undefined) return projects.map(({ id }) => ({ id, position: undefined }));
  const { project, number } = parseTicketId(after);
  const start = projects.findIndex(({ id }) => id === project);
  return projects.slice(start < 0 ? projects.length : start).map(({ id }, index) => {
    return { id, position: index === 0 ? ([number, number] as const) : undefined };
  });
}

function toWire(project: string, { number, title }: ListedTicket): WireResource {
  return {
    uri: expandUri(uriTemplate, { id: fullTicketId(project, number) }),
    name: `${ticketId(number)} ${title}`,
    mimeType,
  };
}

/** By its number or by words of its title. */
function isMeant({ number, title }: ListedTicket, value: string): boolean {
  const wanted = value.toLowerCase().replace(/^.*\.(?=t-)/, '');
  return (
    ticketId(number).toLowerCase().startsWith(wanted) ||
    String(number).startsWith(wanted) ||
    title.toLowerCase().includes(wanted)
  );
}
