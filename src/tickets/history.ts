import * as z from 'zod';
import type { Database } from '../store/store.ts';
import { applyMergePatch, type Json } from '../text/merge-patch.ts';
import { readJson } from './stored-json.ts';
import { type Ticket, type TicketDocument, ticketDocument } from './ticket.ts';

const json: z.ZodType<Json> = z.json();
const unreadable = { history: 'cannot be read' };

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
  const rows = await db
    .selectFrom('events')
    .select(['version', 'at', 'action', 'actor', 'after'])
    .where('project_id', '=', projectId)
    .where('entity', '=', 'ticket')
    .where('entity_id', '=', String(number))
    .where('action', '!=', 'unchanged')
    .orderBy('seq', 'desc')
    .limit(limit)
    .execute();
  return rows.map(({ version, at, action, actor, after }) => {
    return { version, at, action, by: actor, changed: json.safeParse(readJson(after)).data ?? unreadable };
  });
}

/** @throws UserError when the result is no ticket, which a patch of ours never makes of one */
export function patched(ticket: Ticket, patch: string): TicketDocument {
  const json: Json = JSON.parse(patch);
  return ticketDocument.parse(applyMergePatch(ticket.document, json));
}
