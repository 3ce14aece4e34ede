import * as z from 'zod';
import { counted } from '../text/count.ts';
import { decodeCursor, encodeCursor } from '../text/cursor.ts';
import { fitting } from '../text/fitting.ts';
import { type ListedTicket, type Position, positionOf, type Sort, sorts } from '../tickets/list.ts';
import { ticketId, unsettled } from '../tickets/ticket.ts';
import { cursor, project } from './params.ts';
import * as fields from './ticket-params.ts';
import { defineTool } from './tool.ts';

/** Where a page may end in each order; the stores take no number for a date, nor one that is too large. */
const positions: Record<Sort, z.ZodType<Position>> = {
  priority: z.tuple([z.int32(), z.int32()]),
  updated: z.tuple([z.int(), z.int32()]),
  created: z.tuple([z.int32(), z.int32()]),
  due: z.tuple([z.iso.date(), z.int32()]),
};
const maxCharacters = 9000;

export const listTickets = defineTool({
  name: 'list_tickets',
  title: 'List tickets',
  description:
    'Tickets of a project, one line each, the most urgent first. Filters may be combined. For the next one to work on ' +
    'use claim_ticket.',
  toolset: 'tickets',
  effect: 'read',
  input: z.strictObject({
    status: z
      .array(fields.status)
      .min(1)
      .max(5)
      .default([...unsettled])
      .describe('Default: unsettled ones'),
    label: fields.label.optional().describe('With this label'),
    assignee: fields.assignee.optional().describe('Of this assignee'),
    query: z.string().max(200).optional().describe('Words, or beginnings of words, that all occur'),
    ready: z.boolean().default(false).describe('Only what can be claimed now'),
    updated_since: z
      .string()
      .max(40)
      .refine((text) => !Number.isNaN(Date.parse(text)), 'is a date or time such as 2026-12-31T08:00Z')
      .optional()
      .describe('Date or time, ISO 8601'),
    sort: z.enum(sorts).default('priority').describe('Order'),
    limit: z.int().min(1).max(100).default(30).describe('1 to 100'),
    cursor,
    project,
  }),
  output: z.object({
    project: z.string(),
    tickets: z.array(z.looseObject({ id: z.string(), title: z.string(), status: z.string() })),
    next_cursor: z.string().optional(),
  }),

  async run({ cursor, updated_since: since, query: text, status, project, ...filters }, { projects, tickets }) {
    const found = await projects.findKept(project);
    const asked = { ...filters, status, text, since, project: found.id };
    const after = cursor === undefined ? undefined : decodeCursor(cursor, asked, positions[filters.sort]);
    const updatedSince = since === undefined ? undefined : Date.parse(since);
    const statuses = [...new Set(status)];
    const { rows, hasMore } = await tickets.list(found.id, { ...filters, statuses, text, updatedSince, after });
    const shown = fitting(rows.map(toData), maxCharacters);
    const last = rows[shown.length - 1];
    const goesOn = last !== undefined && (hasMore || shown.length < rows.length);
    const next = goesOn ? encodeCursor(asked, positionOf(last, filters.sort)) : undefined;
    const data = { project: found.id, tickets: shown, ...(next !== undefined && { next_cursor: next }) };
    return { data, text: describe(data.tickets, next) };
  },
});

type RowData = ReturnType<typeof toData>;

function toData({
  number,
  title,
  status,
  priority,
  labels,
  assignee,
  due,
  tasksTotal,
  tasksDone,
  isClaimed,
}: ListedTicket) {
  return {
    ...{ id: ticketId(number), title, status, priority },
    ...(labels.length > 0 && { labels }),
    ...(assignee !== undefined && { assignee }),
    ...(due !== undefined && { due }),
    ...(tasksTotal > 0 && { tasks: `${tasksDone}/${tasksTotal}` }),
    ...(isClaimed && { claimed: true }),
  };
}

function describe(tickets: readonly RowData[], next: string | undefined): string {
  if (tickets.length === 0) return 'No ticket matches.';
  return [
    counted(tickets.length, 'ticket'),
    ...tickets.map(describeRow),
    ...(next ? [`More with cursor "${next}".`] : []),
  ].join('\n');
}

function describeRow({ id, title, status, priority, labels = [], assignee, due, tasks, claimed }: RowData): string {
  const notes = [
    ...labels.map((label) => `#${label}`),
    ...(assignee ? [`@${assignee}`] : []),
    ...(due ? [`due ${due}`] : []),
    ...(tasks ? [`tasks ${tasks}`] : []),
    ...(claimed ? ['claimed'] : []),
  ];
  return `${id} ${status} ${priority}: ${title}${notes.length > 0 ? ` (${notes.join(', ')})` : ''}`;
}
