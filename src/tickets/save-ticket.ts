import { UserError } from '../errors.ts';
import type { Write } from '../store/store.ts';
import { canonicalJson } from '../text/merge-patch.ts';
import { appendTicketEvent, createPatches, type TicketAction } from './history.ts';
import { noDue } from './rows.ts';
import { tasksOf } from './tasks.ts';
import { type Author, type Claim, priorities, type Ticket, type TicketDocument, ticketId } from './ticket.ts';
import { indexTicket } from './ticket-index.ts';

const maxDocumentCharacters = 1_000_000;

/** What a change makes of one ticket. */
export interface Saving {
  /** Absent for a new one. */
  before: Ticket | undefined;
  number: number;
  document: TicketDocument;
  action: TicketAction;
  /** Where a claim is given out or renewed with the change. */
  claim?: { number: number; expiresAt: number };
}

/**
 * Writes a ticket, what it is found by, and its event. A document that has not changed is left alone;
 * its event then only keeps the request id, so that the id gives the same result when it is repeated.
 * Drafts remove the edges that a change takes away before they save; all others that save change none.
 */
export async function saveTicket(write: Write, projectId: string, author: Author, saving: Saving): Promise<Ticket> {
  const { before, number, document, action } = saving;
  const patches = createPatches(before?.document, document);
  const isChanged = patches !== undefined;
  if (before && !isChanged && !author.request) return before;
  const ticket: Ticket = {
    ...{ projectId, number, document },
    version: (before?.version ?? 0) + (isChanged ? 1 : 0),
    createdAt: before?.createdAt ?? write.now,
    updatedAt: isChanged ? write.now : (before?.updatedAt ?? write.now),
    claimNumber: saving.claim?.number ?? before?.claimNumber ?? 0,
    claimExpiresAt: document.claim && (saving.claim?.expiresAt ?? expiryOf(document.claim, before) ?? write.now),
  };
  if (isChanged) await writeRow(write, ticket, before);
  await appendTicketEvent(write, ticket, author, action, patches);
  return ticket;
}

/** Absent for a claim that an undo brings back: it has run out. */
function expiryOf(claim: Claim, before: Ticket | undefined): number | undefined {
  return claim.number === before?.document.claim?.number ? before.claimExpiresAt : undefined;
}

async function writeRow(write: Write, ticket: Ticket, before: Ticket | undefined) {
  const { db } = write;
  const { projectId, number, document } = ticket;
  const row = { ...columnsOf(ticket), document: textOf(document) };
  if (before) {
    const { numUpdatedRows } = await db
      .updateTable('tickets')
      .set(changedOf(columnsOf(before), row))
      .where('project_id', '=', projectId)
      .where('number', '=', number)
      .where('version', '=', before.version)
      .executeTakeFirst();
    // The scope's lock keeps others out, unless two processes call a project that is new to the store by different ids.
    if (numUpdatedRows === 0n) throw new UserError('conflict', `${ticketId(number)} has just been changed. Try again.`);
  } else {
    await db
      .insertInto('tickets')
      .values({ project_id: projectId, number, ...row })
      .execute();
  }
  await indexTicket(write, ticket, before);
}

export function columnsOf({ version, createdAt, updatedAt, claimNumber, claimExpiresAt, document }: Ticket) {
  const tasks = tasksOf(document);
  return {
    version,
    status: document.deleted ? 'deleted' : document.status,
    title: document.title,
    priority: priorities.indexOf(document.priority),
    due: document.due ?? noDue,
    labels: JSON.stringify(document.labels),
    assignee: document.assignee ?? null,
    tasks_total: tasks.length,
    tasks_done: tasks.filter(({ done }) => done).length,
    origin: document.origin ?? null,
    created_at: createdAt,
    updated_at: updatedAt,
    claim_number: claimNumber,
    claim_expires_at: claimExpiresAt ?? null,
  };
}

export function textOf(document: TicketDocument): string {
  const text = canonicalJson(document);
  if (text.length <= maxDocumentCharacters) return text;
  throw new UserError('limit', `A ticket may have ${maxDocumentCharacters} characters in all. Split it.`);
}

/**
 * To set a column costs every index that it is in, even where its value stays. The overload says what the compiler cannot
 * follow through `Object.fromEntries`: some of the columns of `after`.
 */
function changedOf<Row extends object>(before: Partial<Row>, after: Row): Partial<Row>;
function changedOf(before: object, after: object): object {
  const old = new Map<string, unknown>(Object.entries(before));
  return Object.fromEntries(Object.entries(after).filter(([column, value]) => old.get(column) !== value));
}
