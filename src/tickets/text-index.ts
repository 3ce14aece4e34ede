import { sql } from 'kysely';
import type { Read, StoreKind, Write } from '../store/store.ts';
import { itemsOf } from './acceptance.ts';
import { tasksOf } from './tasks.ts';
import type { Ticket, TicketDocument } from './ticket.ts';

/** PostgreSQL takes a million bytes of words for one row, and 2,046 for one of them. */
const maxIndexed = 200_000;
const maxWordLength = 100;
const maxWordsAsked = 16;
const sampleSize = 64;

/** Keeps the words of a ticket, whose row is there, up to date: FTS5 on SQLite, a tsvector on PostgreSQL. */
export async function indexText(
  { db, kind }: Write,
  { projectId, number, document }: Ticket,
  before: TicketDocument | undefined,
): Promise<void> {
  const text = textOf(document);
  if (before && textOf(before) === text) return;
  const words = ` ${[...foldedWords(text)].join(' ')} `; // so that each has a space before it
  const rowId = sql`(select row_id from tickets where project_id = ${projectId} and number = ${number})`;
  const query =
    kind === 'postgres'
      ? sql`insert into ticket_text (row_id, words)
            values (${rowId}, array_to_tsvector(string_to_array(${words.trim()}, ' ')))
            on conflict (row_id) do update set words = excluded.words`
      : before
        ? sql`update ticket_text set words = ${words} where rowid = ${rowId}`
        : sql`insert into ticket_text (rowid, words) values (${rowId}, ${words})`;
  await query.execute(db);
}

/** The words that a text asks for. */
export function askedWords(text: string): string[] {
  return [...foldedWords(text)].slice(0, maxWordsAsked);
}

/**
 * The words by which few tickets may be found: on SQLite those that are no commonplace among the newest ones. It reads
 * all that its index has of a word and its continuations before it tells of the first ticket.
 */
export async function rareWords({ db, kind }: Read, words: readonly string[]): Promise<readonly string[]> {
  if (kind === 'postgres') return words;
  const { rows } = await sql<{ words: string }>`
    select words from ticket_text order by rowid desc limit ${sql.lit(sampleSize)}`.execute(db);
  return words.filter((word) => rows.filter((row) => row.words.includes(` ${word}`)).length <= sampleSize / 8);
}

/** The rows of `ticket_text`, of all projects, that have all of these words, or words that begin with them. */
export function rowsWithWords(kind: StoreKind, words: readonly string[]) {
  return kind === 'postgres'
    ? sql`select row_id from ticket_text where words @@ ${words.map((word) => `'${word}':*`).join(' & ')}::tsquery`
    : sql`select rowid from ticket_text where ticket_text match ${words.map((word) => `"${word}"*`).join(' ')}`;
}

/** A condition on `tickets` that says the same of one of them. */
export function hasWords(kind: StoreKind, words: readonly string[]) {
  if (kind === 'postgres') return sql<boolean>`row_id in (${rowsWithWords(kind, words)})`;
  const found = words.map((word) => sql`instr(words, ${` ${word}`}) > 0`);
  return sql<boolean>`(select ${sql.join(found, sql` and `)} from ticket_text where ticket_text.rowid = tickets.row_id)`;
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
  return parts.filter(Boolean).join('\n').slice(0, maxIndexed);
}

/** Letters and digits, without case and accents: for both databases, which would differ here. */
function foldedWords(text: string): Set<string> {
  const plain = text
    .normalize('NFD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase();
  return new Set(plain.match(/[\p{L}\p{N}]+/gu)?.map((word) => word.slice(0, maxWordLength)));
}
