import type { Resource as WireResource } from '@modelcontextprotocol/server';
import type { ListedTicket } from '../tickets/list.ts';
import { toMarkdown } from '../tickets/markdown.ts';
import { fullTicketId, parseTicketId, ticketId } from '../tickets/ticket.ts';
import { findNumbered, listNumbered } from './numbered.ts';
import { defineResource, type Release } from './resource.ts';
import { noSuggestions, openTickets, suggestTickets } from './suggestions.ts';
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

  complete: async (variable, value, _known, call) =>
    variable === 'id' ? suggestTickets(value, undefined, call) : noSuggestions,
});

function toWire(project: string, { number, title }: ListedTicket): WireResource {
  return {
    uri: expandUri(uriTemplate, { id: fullTicketId(project, number) }),
    name: `${ticketId(number)} ${title}`,
    mimeType,
  };
}
