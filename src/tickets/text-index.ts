import { sql } from 'kysely';
import { indexWords } from '../store/full-text.ts';
import type { Write } from '../store/store.ts';
import { itemsOf } from './acceptance.ts';
import { tasksOf } from './tasks.ts';
import type { Ticket, TicketDocument } from './ticket.ts';

/** Keeps the words of a ticket, whose row is there, up to date. */
export async function indexText(
  write: Write,
  { projectId, number, document }: Ticket,
  before: TicketDocument | undefined,
): Promise<void> {
  const text = textOf(document);
  if (before && textOf(before) === text) return;
  const rowId = sql`(select row_id from tickets where project_id = ${projectId} and number = ${number})`;
  await indexWords(write, 'ticket_text', { rowId, text, isNew: before === undefined });
}

function textOf(document: TicketDocument): string {
  const parts = [
    document.title,
    document.overview,
    ...document.labels,
    ...tasksOf(document).flatMap(({ title, description }) => [title, description]),
    ...itemsOf(document).map(({ text }) => text),
    ...Object.values(document.comments).map(({ text }) => text),
  ];
  return parts.filter(Boolean).join('\n');
}
