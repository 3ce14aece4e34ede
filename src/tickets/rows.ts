import { type Selectable, sql } from 'kysely';
import { UserError } from '../errors.ts';
import { dropWords } from '../store/full-text.ts';
import type { TicketsTable } from '../store/schema.ts';
import type { Database, Write } from '../store/store.ts';
import { readJson } from '../text/json.ts';
import { type Ticket, type TicketDocument, ticketDocument, ticketId } from './ticket.ts';

export const noDue = '9999-12-31';

/** @throws UserError `not_found` for a ticket that is not there or deleted, unless `evenDeleted`. */
export async function loadTicket(
  db: Database,
  projectId: string,
  number: number,
  options: { evenDeleted?: boolean } = {},
): Promise<Ticket> {
  const row = await findRow(db, projectId, number);
  if (!row) throw noTicket(number, await lastNumber(db, projectId));
  const ticket = toTicket(projectId, row);
  if (ticket.document.deleted && !options.evenDeleted) throw deletedTicket(number);
  return ticket;
}

/** `undefined` for one that is not there, or cannot be read; the deleted ones too. */
export async function findReadable(db: Database, projectId: string, number: number): Promise<Ticket | undefined> {
  const row = await findRow(db, projectId, number);
  return row && readableTicket(projectId, row);
}

function findRow(db: Database, projectId: string, number: number): Promise<TicketRow | undefined> {
  return db
    .selectFrom('tickets')
    .select(ticketColumns)
    .where('project_id', '=', projectId)
    .where('number', '=', number)
    .executeTakeFirst();
}

const ticketColumns = [
  ...(['number', 'version', 'created_at', 'updated_at', 'claim_number', 'claim_expires_at', 'document'] as const),
];

type TicketRow = Pick<Selectable<TicketsTable>, (typeof ticketColumns)[number]>;

/** @throws UserError `unavailable` when what is stored is no ticket */
function toTicket(projectId: string, row: TicketRow): Ticket {
  const ticket = readableTicket(projectId, row);
  if (ticket) return ticket;
  throw new UserError(
    'unavailable',
    `${ticketId(row.number)} cannot be read: what is stored of it is no ticket. Others are not concerned; put back a backup for this one.`,
  );
}

function readableTicket(projectId: string, row: TicketRow): Ticket | undefined {
  const document = readDocument(row.document);
  return (
    document && {
      ...{ projectId, number: row.number, version: row.version, createdAt: row.created_at, updatedAt: row.updated_at },
      ...{ claimNumber: row.claim_number, claimExpiresAt: row.claim_expires_at ?? undefined, document },
    }
  );
}

export function deletedTicket(number: number): UserError {
  return new UserError(
    'not_found',
    `${ticketId(number)} is deleted. Bring it back with update_ticket and "undo": true.`,
  );
}

/** `undefined` for what is no ticket of ours: another program wrote it, or a newer Octant. */
export function readDocument(text: string): TicketDocument | undefined {
  return ticketDocument.safeParse(readJson(text)).data;
}

async function lastNumber(db: Database, projectId: string): Promise<number | undefined> {
  const last = await db
    .selectFrom('tickets')
    .select(({ fn }) => fn.max('number').as('number'))
    .where('project_id', '=', projectId)
    .executeTakeFirst();
  return last?.number ?? undefined;
}

/** @param last the last one that there is */
export function noTicket(number: number, last: number | undefined): UserError {
  const known = last === undefined ? 'It has none yet' : `The last one is ${ticketId(last)}`;
  return new UserError(
    'not_found',
    `There is no ${ticketId(number)} in this project. ${known}; find tickets with list_tickets.`,
  );
}

const pageSize = 500;

/** All tickets of a project in the order of their numbers, the deleted ones too, but for those that cannot be read. */
export async function* allTickets(db: Database, projectId: string): AsyncGenerator<Ticket> {
  const query = db.selectFrom('tickets').select(ticketColumns).where('project_id', '=', projectId).orderBy('number');
  for (let last: number | undefined = 0; last !== undefined; ) {
    const page = await query.where('number', '>', last).limit(pageSize).execute();
    for (const row of page) {
      const ticket = readableTicket(projectId, row);
      if (ticket) yield ticket;
    }
    last = page.at(-1)?.number;
  }
}

/** Removes all tickets of a project for good, with what they are found by. */
export async function purgeTickets(write: Write, projectId: string): Promise<void> {
  await dropWords(write, 'ticket_text', sql`select row_id from tickets where project_id = ${projectId}`);
  for (const table of ['ticket_terms', 'ticket_links', 'tickets', 'queues'] as const) {
    await write.db.deleteFrom(table).where('project_id', '=', projectId).execute();
  }
}
