import { sql } from 'kysely';
import type { Database } from '../store/store.ts';
import { unsettled } from './ticket.ts';

const openStatuses = sql.join(unsettled.map((status) => sql.lit(status)));

/** A condition on `tickets`: no unsettled ticket blocks it. */
export function isUnblocked() {
  return sql<boolean>`not exists (
    select 1 from ticket_links join tickets as blocker
      on blocker.project_id = ticket_links.project_id and blocker.number = ticket_links.from_number
    where ticket_links.project_id = tickets.project_id and ticket_links.to_number = tickets.number
      and ticket_links.kind = 'blocks' and blocker.status in (${openStatuses}))`;
}

/** The numbers of the unsettled tickets that block this one. */
export async function blockersOf(db: Database, projectId: string, number: number): Promise<number[]> {
  const rows = await db
    .selectFrom('tickets')
    .select('number')
    .where('project_id', '=', projectId)
    .where('number', 'in', (blockers) =>
      blockers
        .selectFrom('ticket_links')
        .select('from_number')
        .where('project_id', '=', projectId)
        .where('kind', '=', 'blocks')
        .where('to_number', '=', number),
    )
    .where('status', 'in', [...unsettled])
    .orderBy('number')
    .execute();
  return rows.map((row) => row.number);
}
