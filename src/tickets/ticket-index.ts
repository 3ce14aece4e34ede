import { sql } from 'kysely';
import { UserError } from '../errors.ts';
import type { Database, Write } from '../store/store.ts';
import { edgesFrom } from './links.ts';
import { indexText } from './text-index.ts';
import { type Ticket, type TicketDocument, ticketId } from './ticket.ts';

/* What tickets are found by: terms, edges and words. All of it can be made anew from their documents. */

/** After its row is written, and after `removeEdges` where the change may take edges away. */
export async function indexTicket(write: Write, ticket: Ticket, before: Ticket | undefined) {
  const { projectId, number, document } = ticket;
  await replaceTerms(write.db, projectId, number, before ? termsOf(before.document) : [], termsOf(document));
  await addEdges(write.db, projectId, ticket, before);
  await indexText(write, ticket, before?.document);
}

export function labelTerm(label: string): string {
  return `label:${label}`;
}

export function assigneeTerm(assignee: string): string {
  return `assignee:${assignee}`;
}

/** @param step such as `P-3/2` */
export function planStepTerm(step: string): string {
  return `plan_step:${step.toUpperCase()}`;
}

function termsOf({ labels, assignee, plan_step: step, deleted }: TicketDocument): string[] {
  if (deleted) return [];
  const others = [...(assignee ? [assigneeTerm(assignee)] : []), ...(step ? [planStepTerm(step)] : [])];
  return [...labels.map(labelTerm), ...others];
}

async function replaceTerms(db: Database, projectId: string, number: number, old: string[], wanted: string[]) {
  const added = wanted.filter((term) => !old.includes(term));
  const removed = old.filter((term) => !wanted.includes(term));
  if (removed.length > 0) {
    await db
      .deleteFrom('ticket_terms')
      .where('project_id', '=', projectId)
      .where('number', '=', number)
      .where('term', 'in', removed)
      .execute();
  }
  if (added.length > 0) {
    await db
      .insertInto('ticket_terms')
      .values(added.map((term) => ({ project_id: projectId, term, number })))
      .execute();
  }
}

interface WithEdges {
  number: number;
  document: TicketDocument;
}

/** Those that a change takes away; for all of its tickets before any is saved, or one that is turned round closes a circle. */
export async function removeEdges(
  db: Database,
  projectId: string,
  { number, document }: WithEdges,
  before?: WithEdges,
) {
  for (const { kind, to } of edgesBeside(document, before?.document)) {
    await db
      .deleteFrom('ticket_links')
      .where('project_id', '=', projectId)
      .where('kind', '=', kind)
      .where('from_number', '=', number)
      .where('to_number', '=', to)
      .execute();
  }
}

async function addEdges(db: Database, projectId: string, { number, document }: WithEdges, before?: WithEdges) {
  for (const { kind, to } of edgesBeside(before?.document, document)) {
    await db
      .insertInto('ticket_links')
      .values({ project_id: projectId, kind, from_number: number, to_number: to })
      .execute();
    await checkCycle(db, projectId, kind, number, to);
  }
}

/** The edges of the second that the first has not. */
function edgesBeside(first: TicketDocument | undefined, second: TicketDocument | undefined) {
  const known = first ? edgesFrom(first) : [];
  const wanted = second ? edgesFrom(second) : [];
  return wanted.filter((edge) => !known.some(({ kind, to }) => kind === edge.kind && to === edge.to));
}

/** In the transaction that adds the edge. `union` keeps each ticket once, so that diamonds end. */
async function checkCycle(db: Database, projectId: string, kind: string, from: number, to: number) {
  const { rows } = await sql<{ found: number }>`
    with recursive reached (number) as (
      select ${sql.lit(to)} union
      select to_number from ticket_links join reached on from_number = reached.number
      where project_id = ${projectId} and kind = ${kind}
    )
    select count(*) as found from reached where number = ${from}`.execute(db);
  if (Number(rows[0]?.found) > 0) {
    throw new UserError(
      'conflict',
      `${ticketId(from)} ${kind} ${ticketId(to)} would close a circle: ${ticketId(to)} leads back to ${ticketId(from)}.`,
    );
  }
}
