import { sql } from 'kysely';
import type { StoreKind } from '../store/migrations.ts';
import type { Write } from '../store/store.ts';
import { itemsOf } from './acceptance.ts';
import { tasksOf } from './tasks.ts';
import type { Ticket, TicketDocument } from './ticket.ts';

/** PostgreSQL takes a million bytes of words for one row. */
const maxIndexed = 200_000;
const maxWords = 16;

/** Keeps the words of a ticket, whose row is there, up to date: FTS5 on SQLite, a tsvector on PostgreSQL. */
export async function indexText(
  { db, kind }: Write,
  { projectId, number, document }: Ticket,
  before: TicketDocument | undefined,
): Promise<void> {
  const [old, wanted] = [before && wordsOf(before), wordsOf(document)];
  if (old?.title === wanted.title && old.body === wanted.body) return;
  const { title, body } = wanted;
  const rowId = sql`(select row_id from tickets where project_id = ${projectId} and number = ${number})`;
  const query =
    kind === 'postgres'
      ? sql`insert into ticket_text (row_id, words)
            values (${rowId}, setweight(to_tsvector('simple', ${title}), 'A') || to_tsvector('simple', ${body}))
            on conflict (row_id) do update set words = excluded.words`
      : before
        ? sql`update ticket_text set title = ${title}, body = ${body} where rowid = ${rowId}`
        : sql`insert into ticket_text (rowid, title, body) values (${rowId}, ${title}, ${body})`;
  await query.execute(db);
}

/**
 * A condition on `tickets.row_id`: the ticket has all of these words, or words that begin with them. `undefined` for a
 * text without a word.
 */
export function hasWords(kind: StoreKind, text: string) {
  const words = (text.match(/[\p{L}\p{M}\p{N}]+/gu) ?? []).slice(0, maxWords);
  if (words.length === 0) return undefined;
  return kind === 'postgres'
    ? sql<boolean>`row_id in (select row_id from ticket_text
        where words @@ to_tsquery('simple', ${words.map((word) => `${word}:*`).join(' & ')}))`
    : sql<boolean>`row_id in (select rowid from ticket_text
        where ticket_text match ${words.map((word) => `"${word}"*`).join(' ')})`;
}

function wordsOf(document: TicketDocument) {
  const parts = [
    document.overview,
    document.labels.join(' '),
    ...tasksOf(document).flatMap(({ title, description }) => [title, description]),
    ...itemsOf(document).map(({ text }) => text),
    ...Object.values(document.comments).map(({ text }) => text),
  ];
  return { title: document.title, body: parts.filter(Boolean).join('\n').slice(0, maxIndexed).replaceAll('\0', '') };
}
