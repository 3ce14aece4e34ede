import * as z from 'zod';
import { UserError } from '../errors.ts';
import type { Database, Write } from '../store/store.ts';
import { readJson } from '../text/json.ts';
import { applyMergePatch, canonicalJson, createMergePatch, type Json } from '../text/merge-patch.ts';
import { leaseMs } from './lease.ts';
import { loadTicket } from './rows.ts';
import { type Author, type Ticket, type TicketDocument, ticketDocument, ticketId } from './ticket.ts';

/*
 * The events of tickets. Each holds two merge patches: one leads to the version that it made, the other back from it, so
 * that a ticket can be shown as it was and its last change be undone.
 */

/** What was done to a ticket; `linked` is what a link does to the other one. */
export type TicketAction =
  | 'created'
  | 'imported'
  | 'updated'
  | 'commented'
  | 'linked'
  | 'claimed'
  | 'released'
  | 'failed'
  | 'deleted'
  | 'undone';

/** No change: it keeps the request id of a call that left the ticket as it was, for the next call of that id. */
const unchanged = 'unchanged';

export interface Patches {
  before: string;
  after: string;
}

/** `undefined` for two documents that are the same. */
export function createPatches(before: TicketDocument | undefined, after: TicketDocument): Patches | undefined {
  const forward = createMergePatch(before, after);
  if (forward === undefined) return undefined;
  return { before: canonicalJson(createMergePatch(after, before) ?? null), after: canonicalJson(forward) };
}

/** @param patches absent where nothing changed */
export async function appendTicketEvent(
  write: Write,
  { projectId, number, version }: Ticket,
  author: Author,
  action: TicketAction,
  patches: Patches | undefined,
): Promise<void> {
  await write.append({
    ...{ projectId, entity: 'ticket', entityId: String(number), version, actor: author.source },
    ...{ action: patches ? action : unchanged, request: author.request },
    ...(patches ?? { before: '{}', after: '{}' }),
  });
}

/** The changes of one ticket, to choose columns and an order of. */
function eventsOf(db: Database, projectId: string, number: number) {
  return db
    .selectFrom('events')
    .where('project_id', '=', projectId)
    .where('entity', '=', 'ticket')
    .where('entity_id', '=', String(number))
    .where('action', '!=', unchanged);
}

/** One change of a ticket: which fields it set, to what. */
export interface HistoryEntry {
  version: number;
  at: number;
  action: string;
  by: string;
  /** A merge patch from the version before. */
  changed: Json;
}

/** The newest first. */
export async function readHistory(
  db: Database,
  projectId: string,
  number: number,
  limit: number,
): Promise<HistoryEntry[]> {
  const rows = await eventsOf(db, projectId, number)
    .select(['version', 'at', 'action', 'actor', 'after'])
    .orderBy('seq', 'desc')
    .limit(limit)
    .execute();
  return rows.map(({ version, at, action, actor, after }) => {
    return { version, at, action, by: actor, changed: readPatch(after) ?? { history: 'cannot be read' } };
  });
}

/** What the last change of a ticket did to it and to others, each with the patch that leads back. */
export async function readLastChange(db: Database, projectId: string, number: number) {
  const last = await eventsOf(db, projectId, number)
    .select('change_id')
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirstOrThrow();
  const events = await db
    .selectFrom('events')
    .select(['entity_id', 'version', 'before', 'action'])
    .where('project_id', '=', projectId)
    .where('change_id', '=', last.change_id)
    .where('entity', '=', 'ticket')
    .where('action', '!=', unchanged)
    .orderBy('seq')
    .execute();
  return events.map(({ entity_id: id, ...event }) => ({ ...event, number: Number(id) }));
}

/** A ticket as it was at a version: its patches up to then, one after the other. */
export async function ticketAt(db: Database, projectId: string, number: number, version: number): Promise<Ticket> {
  const present = await loadTicket(db, projectId, number, { evenDeleted: true });
  if (present.version === version) return present;
  const events = await eventsOf(db, projectId, number)
    .select(['after', 'at', 'action'])
    .where('version', '<=', version)
    .orderBy('seq')
    .execute();
  const document = patched(
    undefined,
    events.map(({ after }) => after),
    number,
  );
  const updatedAt = events.at(-1)?.at ?? present.updatedAt;
  return {
    ...{ ...present, version, updatedAt, document },
    // a later claim is another's
    claimNumber: events.filter(({ action }) => action === 'claimed').length,
    claimExpiresAt: document.claim && updatedAt + leaseMs(document.claim),
  };
}

/** What was not there before is deleted: its number stays taken. */
export function undone({ document, number }: Ticket, patch: string): TicketDocument {
  if (patch !== 'null') return patched(document, [patch], number);
  const { claim: _, ...kept } = document;
  return { ...kept, links: {}, deleted: true };
}

/** @throws UserError `unavailable` for what is no patch, or makes no ticket: others may have written to the store */
function patched(start: TicketDocument | undefined, patches: readonly string[], number: number): TicketDocument {
  let json: Json | undefined = start;
  for (const text of patches) {
    const patch = readPatch(text);
    if (patch === undefined) throw unreadableHistory(number);
    json = applyMergePatch(json, patch);
  }
  const { data } = ticketDocument.safeParse(json);
  if (!data) throw unreadableHistory(number);
  return data;
}

const patchSchema: z.ZodType<Json> = z.json();

function readPatch(text: string): Json | undefined {
  return patchSchema.safeParse(readJson(text)).data;
}

function unreadableHistory(number: number): UserError {
  return new UserError(
    'unavailable',
    `What is stored of the history of ${ticketId(number)} cannot be read, so no earlier state of it can be made. Read it as it is with get_ticket, and change it with update_ticket.`,
  );
}
