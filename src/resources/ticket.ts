import type { Resource as WireResource } from '@modelcontextprotocol/server';
import type { ListedTicket, ListQuestion } from '../tickets/list.ts';
import { toMarkdown } from '../tickets/markdown.ts';
import { fullTicketId, parseTicketId, ticketId, unsettled } from '../tickets/ticket.ts';
import { findNumbered, listNumbered } from './numbered.ts';
import { defineResource, type Release } from './resource.ts';
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
    const { project, number } = await findNumbered(id, parseTicketId, projects);
    const { ticket: found } = await tickets.get(project.id, number, { history: 0 });
    return { mimeType, text: toMarkdown(found) };
  },

  /** The unsettled ones of one project after the other, in the order of their numbers. */
  list: (page, { projects, tickets }) =>
    listNumbered(
      page,
      {
        parseId: parseTicketId,
        idOf: (project, { number }) => fullTicketId(project, number),
        list: (project, number, limit) => {
          const after = number === undefined ? undefined : ([number, number] as const);
          return tickets.list(project, { ...openTickets, limit, after });
        },
        toWire,
      },
      projects,
    ),

  async watch({ id }, { projects, tickets }, notify): Promise<Release | undefined> {
    const found = await findNumbered(id, parseTicketId, projects).catch(() => undefined);
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
