import { type Selectable, sql } from 'kysely';
import { UserError } from '../errors.ts';
import type { TicketsTable } from '../store/schema.ts';
import type { Database, Write } from '../store/store.ts';
import { applyMergePatch, canonicalJson, createMergePatch, type Json } from '../text/merge-patch.ts';
import { edgesFrom } from './links.ts';
import { readJson } from './stored-json.ts';
import { tasksOf } from './tasks.ts';
import { indexText } from './text-index.ts';
import { type Claim, priorities, type Ticket, type TicketDocument, ticketDocument, ticketId } from './ticket.ts';

/** Who changes something, and the caller's own id of the request where it gave one. */
export interface Author {
  /** `human` or `agent:NAME`. */
  source: string;
  /** The connection over which the call came: what makes a holder of claims the same one. */
  connection: string;
  /** When the call came, by `performance.now()`; absent for now. */
  calledAt?: number;
  request?: { id: string; digest: string } | undefined;
}

export const noDue = '9999-12-31';

const maxDocumentCharacters = 1_000_000;

/** @throws UserError `not_found` for a ticket that is not there or deleted, unless `evenDeleted`. */
export async function loadTicket(
  db: Database,
  projectId: string,
  number: number,
  options: { evenDeleted?: boolean } = {},
): Promise<Ticket> {
  const row = await db
    .selectFrom('tickets')
    .select(ticketColumns)
    .where('project_id', '=', projectId)
    .where('number', '=', number)
    .executeTakeFirst();
  if (!row) throw noTicket(number, await lastNumber(db, projectId));
  const ticket = toTicket(projectId, row);
  if (ticket.document.deleted && !options.evenDeleted) throw deletedTicket(number);
  return ticket;
}

export const ticketColumns = [
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

export function readableTicket(projectId: string, row: TicketRow): Ticket | undefined {
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

/** What a change makes of one ticket. */
export interface Saving {
  /** Absent for a new one. */
  before: Ticket | undefined;
  number: number;
  document: TicketDocument;
  action: string;
  /** Where a claim is given out or renewed with the change. */
  claim?: { number: number; expiresAt: number };
}

/** Writes a ticket, what it is found by, and its event. A document that has not changed is left alone. */
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
  await write.append({
    ...{ projectId, entity: 'ticket', entityId: String(number), version: ticket.version, actor: author.source },
    ...{ action: isChanged ? action : 'unchanged', request: author.request },
    before: patches?.before ?? '{}',
    after: patches?.after ?? '{}',
  });
  return ticket;
}

/** Absent for a claim that an undo brings back: it has run out. */
function expiryOf(claim: Claim, before: Ticket | undefined): number | undefined {
  return claim.number === before?.document.claim?.number ? before.claimExpiresAt : undefined;
}

function createPatches(before: TicketDocument | undefined, after: TicketDocument) {
  const forward = createMergePatch(before, after);
  if (forward === undefined) return undefined;
  return { before: canonicalJson(createMergePatch(after, before) ?? null), after: canonicalJson(forward) };
}

/** @throws UserError when the result is no ticket, which a patch of ours never makes of one */
export function patched(ticket: Ticket, patch: string): TicketDocument {
  const json: Json = JSON.parse(patch);
  return ticketDocument.parse(applyMergePatch(ticket.document, json));
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

/** What a ticket is found by: terms, edges and words. */
export async function indexTicket(write: Write, ticket: Ticket, before: Ticket | undefined) {
  const { projectId, number, document } = ticket;
  await replaceTerms(write.db, projectId, number, before ? termsOf(before.document) : [], termsOf(document));
  await removeEdges(write.db, projectId, ticket, before);
  await addEdges(write.db, projectId, ticket, before);
  await indexText(write, ticket, before?.document);
}

function columnsOf({ version, createdAt, updatedAt, claimNumber, claimExpiresAt, document }: Ticket) {
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

function textOf(document: TicketDocument): string {
  const text = canonicalJson(document);
  if (text.length <= maxDocumentCharacters) return text;
  throw new UserError('limit', `A ticket may have ${maxDocumentCharacters} characters in all. Split it.`);
}

/** To set a column costs every index that it is in, even where its value stays. */
function changedOf<Row extends object>(before: Partial<Row>, after: Row): Partial<Row>;
function changedOf(before: object, after: object): object {
  const old = new Map<string, unknown>(Object.entries(before));
  return Object.fromEntries(Object.entries(after).filter(([column, value]) => old.get(column) !== value));
}

export function labelTerm(label: string): string {
  return `label:${label}`;
}

export function assigneeTerm(assignee: string): string {
  return `assignee:${assignee}`;
}

function termsOf({ labels, assignee, deleted }: TicketDocument): string[] {
  if (deleted) return [];
  return [...labels.map(labelTerm), ...(assignee ? [assigneeTerm(assignee)] : [])];
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

/** Removes all tickets of a project for good, with what they are found by. */
export async function purgeTickets({ db, kind }: Write, projectId: string): Promise<void> {
  const key = sql.ref(kind === 'sqlite' ? 'rowid' : 'row_id');
  const rows = db.selectFrom('tickets').select('row_id').where('project_id', '=', projectId);
  await sql`delete from ticket_text where ${key} in (${rows})`.execute(db);
  for (const table of ['ticket_terms', 'ticket_links', 'tickets', 'queues'] as const) {
    await db.deleteFrom(table).where('project_id', '=', projectId).execute();
  }
}
