import * as z from 'zod';
import { compareFiles } from '../tickets/cite.ts';
import { fitTicketView } from '../tickets/fit-view.ts';
import { createTicketView, describeTicketView } from '../tickets/view.ts';
import { maxCharacters, project } from './params.ts';
import * as fields from './ticket-params.ts';
import { defineTool } from './tool.ts';

export const getTicket = defineTool({
  name: 'get_ticket',
  title: 'Get ticket',
  description:
    'All of one ticket: overview, tasks, acceptance items, links, comments and history; whether it is ready or what it ' +
    'waits for; and which of its files have changed since it cited them.',
  toolset: 'tickets',
  effect: 'read',
  input: z.strictObject({
    ticket: fields.ticket,
    history: z.int().min(0).max(200).default(5).describe('Last changes (0 to 200)'),
    max_characters: maxCharacters,
    project,
  }),
  output: z.object({ project: z.string(), ticket: fields.ticketOutput }),

  async run({ history, max_characters, ...input }, { projects, tickets, workers, digests, job }) {
    const { project: found, number } = await fields.findTicket(input, projects);
    const details = await tickets.get(found.id, number, { history });
    const files = await compareFiles(details.ticket.document, { project: found, workers, digests, job });
    const view = fitTicketView(createTicketView(details, files), max_characters - fields.viewOverhead);
    return { data: { project: found.id, ticket: view }, text: describeTicketView(view) };
  },
});
