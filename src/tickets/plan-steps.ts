import type { Database } from '../store/store.ts';
import { type Status, statuses } from './ticket.ts';
import { planStepTerm } from './ticket-index.ts';

/** A ticket that cites a step of a plan. */
export interface PlanStepTicket {
  /** `P-3/2` */
  planStep: string;
  number: number;
  title: string;
  status: Status;
}

/** The tickets that cite a step of one of these plans (`P-3`), in the order of their numbers; deleted ones do not. */
export async function ticketsOfPlans(
  db: Database,
  projectId: string,
  plans: readonly string[],
): Promise<PlanStepTicket[]> {
  if (plans.length === 0) return [];
  const rows = await db
    .selectFrom('ticket_terms as found')
    .innerJoin('tickets', (join) =>
      join.onRef('tickets.project_id', '=', 'found.project_id').onRef('tickets.number', '=', 'found.number'),
    )
    .select(['found.term', 'tickets.number', 'tickets.title', 'tickets.status'])
    .where('found.project_id', '=', projectId)
    .where((eb) => eb.or(plans.map((plan) => eb('found.term', 'like', `${planStepTerm(plan)}/%`))))
    .orderBy('tickets.number')
    .execute();
  return rows.map(({ term, number, title, status }) => ({
    ...{ planStep: term.slice(planStepTerm('').length), number, title },
    status: statuses.find((each) => each === status) ?? 'open',
  }));
}
