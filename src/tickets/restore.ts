import { UserError } from '../errors.ts';
import type { Write } from '../store/store.ts';
import { isCleanJson } from '../text/clean.ts';
import { allTickets } from './rows.ts';
import { columnsOf, textOf } from './save-ticket.ts';
import { fullTicketId } from './ticket.ts';
import { indexTicket } from './ticket-index.ts';

/**
 * After the rows of a project's tickets were put into the store from a file that anybody may have edited: what lists show
 * and find is made anew from the documents, and these hold nothing that a change would not have let in.
 *
 * @throws UserError `bad_input`, or `limit` for a ticket that is too long
 */
export async function restoreTickets(write: Write, projectId: string): Promise<void> {
  for await (const ticket of allTickets(write.db, projectId)) {
    if (!isCleanJson(ticket.document)) {
      const id = fullTicketId(projectId, ticket.number);
      throw new UserError('bad_input', `${id} holds control or invisible characters, which no ticket of Octant does.`);
    }
    await write.db
      .updateTable('tickets')
      .set({ ...columnsOf(ticket), document: textOf(ticket.document) })
      .where('project_id', '=', projectId)
      .where('number', '=', ticket.number)
      .execute();
    await indexTicket(write, ticket, undefined);
  }
}
