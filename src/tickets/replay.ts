import { findRequest } from '../store/requests.ts';
import type { Database } from '../store/store.ts';
import { ticketAt } from './history.ts';
import type { Author, Ticket } from './ticket.ts';

/**
 * The tickets as an earlier request of the same id left them, the one it was about first; `undefined` for a new id.
 *
 * @throws UserError as {@link findRequest}
 */
export async function replay(
  db: Database,
  projectId: string,
  request: Author['request'],
): Promise<Ticket[] | undefined> {
  const first = await findRequest(db, projectId, request);
  if (!first) return undefined;
  const events = await db
    .selectFrom('events')
    .select(['entity_id', 'version', 'request_id'])
    .where('change_id', '=', first.change_id)
    .where('entity', '=', 'ticket')
    .where('seq', '>=', first.seq) // a claim sets aside what has failed too often before it finds one
    .orderBy('seq')
    .execute();
  const ordered = events.sort((a, b) => Number(b.request_id !== null) - Number(a.request_id !== null));
  const tickets: Ticket[] = [];
  for (const { entity_id, version } of ordered) {
    tickets.push(await ticketAt(db, projectId, Number(entity_id), version));
  }
  return tickets;
}
