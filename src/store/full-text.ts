import { type RawBuilder, sql } from 'kysely';
import type { Read, StoreKind, Write } from './store.ts';

/* Full text: FTS5 on SQLite, a tsvector on PostgreSQL. A table holds the words of the rows of its owner. */

const owners = { ticket_text: 'tickets', chat_text: 'chat_messages' } as const;
export type TextTable = keyof typeof owners;

/** PostgreSQL takes a million bytes of words for one row, and 2,046 for one of them. */
const maxIndexed = 200_000;
const maxWordLength = 100;
const maxWordsAsked = 16;
const sampleSize = 64;

/**
 * Keeps the words of a row, which is there, up to date.
 *
 * @param rowId its `row_id`, or a query that gives it
 * @param isNew whether it has no words yet
 */
export async function indexWords(
  { db, kind }: Write,
  table: TextTable,
  row: { rowId: RawBuilder<unknown>; text: string; isNew: boolean },
): Promise<void> {
  const words = ` ${[...foldedWords(row.text.slice(0, maxIndexed))].join(' ')} `; // so that each has a space before it
  const query =
    kind === 'postgres'
      ? sql`insert into ${sql.table(table)} (row_id, words)
            values (${row.rowId}, array_to_tsvector(string_to_array(${words.trim()}, ' ')))
            on conflict (row_id) do update set words = excluded.words`
      : row.isNew
        ? sql`insert into ${sql.table(table)} (rowid, words) values (${row.rowId}, ${words})`
        : sql`update ${sql.table(table)} set words = ${words} where rowid = ${row.rowId}`;
  await query.execute(db);
}

/** Removes the words of some rows of the owner. */
export async function dropWords({ db, kind }: Write, table: TextTable, rowIds: RawBuilder<unknown>): Promise<void> {
  const key = sql.ref(kind === 'sqlite' ? 'rowid' : 'row_id');
  await sql`delete from ${sql.table(table)} where ${key} in (${rowIds})`.execute(db);
}

/** The words that a text asks for. */
export function askedWords(text: string): string[] {
  return [...foldedWords(text)].slice(0, maxWordsAsked);
}

/**
 * The words by which few rows may be found: on SQLite those that are no commonplace among the newest ones. It reads
 * all that its index has of a word and its continuations before it tells of the first row.
 */
export async function rareWords(
  { db, kind }: Read,
  table: TextTable,
  words: readonly string[],
): Promise<readonly string[]> {
  if (kind === 'postgres') return words;
  const { rows } = await sql<{ words: string }>`
    select words from ${sql.table(table)} order by rowid desc limit ${sql.lit(sampleSize)}`.execute(db);
  return words.filter((word) => rows.filter((row) => row.words.includes(` ${word}`)).length <= sampleSize / 8);
}

/** The rows, of all projects, that have all of these words, or words that begin with them. */
export function rowsWithWords(kind: StoreKind, table: TextTable, words: readonly string[]) {
  return kind === 'postgres'
    ? sql`select row_id from ${sql.table(table)} where words @@ ${words.map((word) => `'${word}':*`).join(' & ')}::tsquery`
    : sql`select rowid from ${sql.table(table)} where ${sql.table(table)} match ${words.map((word) => `"${word}"*`).join(' ')}`;
}

/** A condition on the owner that says the same of one of them. */
export function hasWords(kind: StoreKind, table: TextTable, words: readonly string[]) {
  if (kind === 'postgres') return sql<boolean>`row_id in (${rowsWithWords(kind, table, words)})`;
  const found = words.map((word) => sql`instr(words, ${` ${word}`}) > 0`);
  return sql<boolean>`(select ${sql.join(found, sql` and `)} from ${sql.table(table)}
    where ${sql.ref(`${table}.rowid`)} = ${sql.ref(`${owners[table]}.row_id`)})`;
}

/** Letters and digits, without case and accents: for both databases, which would differ here. */
function foldedWords(text: string): Set<string> {
  const plain = text
    .normalize('NFD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase();
  return new Set(plain.match(/[\p{L}\p{N}]+/gu)?.map((word) => word.slice(0, maxWordLength)));
}
