import * as z from 'zod';
import { ticketId } from '../tickets/ticket.ts';
import { authorOf, ifVersion, requestId, source } from './change-params.ts';
import { project } from './params.ts';
import * as fields from './ticket-params.ts';
import { defineTool } from './tool.ts';

export const deleteTicket = defineTool({
  name: 'delete_ticket',
  title: 'Delete ticket',
  description:
    'Take a ticket out of all lists. Nothing is lost: update_ticket with "undo": true brings it back. For work that is ' +
    'finished or given up set the status with update_ticket instead.',
  toolset: 'tickets',
  effect: 'destructive',
  input: z.strictObject({
    ticket: fields.ticket,
    if_version: ifVersion,
    source,
    request_id: requestId,
    project,
  }),
  output: z.object({ project: z.string(), id: z.string(), version: z.int() }),

  async run(input, { projects, tickets, caller }) {
    const { project: found, number } = await fields.findTicket(input, projects);
    const author = authorOf('delete_ticket', input, caller);
    const { projectId, version } = await tickets.remove(found, number, input.if_version, author);
    const data = { project: projectId, id: ticketId(number), version };
    return { data, text: `${data.id} in ${projectId} is deleted. update_ticket with "undo": true brings it back.` };
  },
});
