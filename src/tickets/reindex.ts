import type { Database, Write } from '../store/store.ts';
import { indexTicket, readableTicket, ticketColumns } from './rows.ts';
import type { Ticket } from './ticket.ts';

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

/** Makes what the tickets of a project are found by, after their rows alone were put into the store. */
export async function reindexTickets(write: Write, projectId: string): Promise<void> {
  for await (const ticket of allTickets(write.db, projectId)) await indexTicket(write, ticket, undefined);
}
