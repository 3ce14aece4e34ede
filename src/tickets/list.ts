import { type RawBuilder, type Selectable, sql } from 'kysely';
import { askedWords, hasWords, rareWords, rowsWithWords } from '../store/full-text.ts';
import type { TicketsTable } from '../store/schema.ts';
import type { Read } from '../store/store.ts';
import { cut } from '../text/cut.ts';
import { isUnblocked } from './blockers.ts';
import { hasLeaseRunOut, isRunning } from './lease.ts';
import { noDue } from './rows.ts';
import { readLabels } from './stored-json.ts';
import { type Priority, priorities, type Status, statuses } from './ticket.ts';
import { assigneeTerm, labelTerm } from './ticket-index.ts';

export const sorts = ['priority', 'updated', 'created', 'due'] as const;
export type Sort = (typeof sorts)[number];

export interface ListQuestion {
  statuses: readonly Status[];
  label?: string | undefined;
  /** With none of these labels. */
  withoutLabels?: readonly string[];
  assignee?: string | undefined;
  /** Words that all must occur, each as written or as the beginning of a word. */
  text?: string | undefined;
  /** Only what nobody works on and nothing blocks; `withoutLabels` leaves out what a queue holds back. */
  ready: boolean;
  /** Milliseconds since 1970. */
  updatedSince?: number | undefined;
  sort: Sort;
  limit: number;
  after?: Position | undefined;
}

/** Where a page ended: the sort key and the number of its last ticket. */
export type Position = readonly [key: string | number, number: number];

/** The few facts of a ticket that a list shows. */
export interface ListedTicket {
  number: number;
  status: Status;
  title: string;
  priority: Priority;
  labels: string[];
  assignee: string | undefined;
  due: string | undefined;
  tasksTotal: number;
  tasksDone: number;
  updatedAt: number;
  /** Whether a claim of it is running. */
  isClaimed: boolean;
}

const sortColumns = { priority: 'priority', updated: 'updated_at', created: 'number', due: 'due' } as const;
/** Up to so many tickets of a label are looked up and sorted; more are so dense that a walk in order meets them soon. */
const fewTickets = 2000;

/**
 * One page of tickets. Where few of them have one of the labels or words that are asked for, these are looked up and
 * sorted. Otherwise each status is one range of an index in the order asked for, cut at the size of a page, and the
 * ranges are merged: the cost does not grow with the number of tickets.
 */
export async function listTickets(
  read: Read,
  projectId: string,
  question: ListQuestion,
): Promise<{ rows: ListedTicket[]; hasMore: boolean }> {
  const words = askedWords(question.text ?? '');
  const shortcut = await findShortcut(read, projectId, termsOf(question), words);
  const ranges = rangesOf(question, shortcut, read.now).map((range) =>
    queryOf(read, projectId, { ...question, ...range, words }).execute(),
  );
  const found = (await Promise.all(ranges)).flat().sort(comparisonOf(question.sort));
  const rows = found.slice(0, question.limit).map((row) => toListedTicket(row, read.now));
  return { rows, hasMore: found.length > question.limit };
}

/** Where the page after this ticket begins. */
export function positionOf(row: ListedTicket, sort: Sort): Position {
  const keys = { priority: priorities.indexOf(row.priority), updated: row.updatedAt, created: row.number };
  return [sort === 'due' ? (row.due ?? noDue) : keys[sort], row.number];
}

const columns = [
  ...(['number', 'status', 'title', 'priority', 'labels', 'assignee', 'due'] as const),
  ...(['tasks_total', 'tasks_done', 'updated_at', 'claim_expires_at'] as const),
];

interface Range {
  statuses: readonly Status[];
  /** A condition that few tickets meet, by which they are found; without it those of the one status are walked in order. */
  shortcut: RawBuilder<boolean> | undefined;
}

function rangesOf({ statuses, ready }: ListQuestion, shortcut: Range['shortcut'], now: number): Range[] {
  const asked = ready ? statuses.filter((status) => status === 'open' || status === 'in_progress') : statuses;
  if (shortcut && asked.length > 0) return [{ statuses: asked, shortcut }];
  return asked.map((status) => {
    return { statuses: [status], shortcut: ready && status === 'in_progress' ? hasLeaseRunOut(now) : undefined };
  });
}

type Asked = ListQuestion & Range & { words: readonly string[] };

function queryOf({ db, kind, now }: Read, projectId: string, asked: Asked) {
  const {
    statuses,
    shortcut,
    label,
    assignee,
    sort,
    after,
    limit,
    ready,
    updatedSince,
    withoutLabels = [],
    words,
  } = asked;
  const column = sortColumns[sort];
  const isDescending = sort === 'updated';
  let query = db.selectFrom('tickets').select(columns).where('project_id', '=', projectId);
  // An expression, since SQLite would rather walk the range of a status than look up a few.
  query = shortcut
    ? query.where(shortcut).where(sql`coalesce(status, '')`, 'in', statuses)
    : query.where('status', 'in', statuses);
  if (label !== undefined) query = query.where(hasTerm([labelTerm(label)]));
  if (assignee !== undefined) query = query.where(isAssignedTo(assignee, sort === 'priority' && !shortcut));
  if (withoutLabels.length > 0) query = query.where(({ not }) => not(hasTerm(withoutLabels.map(labelTerm))));
  if (updatedSince !== undefined) query = query.where('updated_at', '>=', updatedSince);
  if (words.length > 0) query = query.where(hasWords(kind, 'ticket_text', words));
  if (ready)
    query = query.where(isUnblocked).where(({ or }) => or([sql<boolean>`status = 'open'`, hasLeaseRunOut(now)]));
  if (after) query = query.where(isAfter(column, isDescending, after));
  const direction = isDescending ? 'desc' : 'asc';
  if (column !== 'number') query = query.orderBy(column, direction);
  return query.orderBy('number', direction).limit(limit + 1);
}

/** An index has the tickets of an assignee in one order; an expression keeps SQLite from it in all others. */
function isAssignedTo(assignee: string, isInOrder: boolean) {
  return isInOrder ? sql<boolean>`assignee = ${assignee}` : sql<boolean>`assignee || '' = ${assignee}`;
}

function termsOf({ label, assignee }: ListQuestion): string[] {
  return [
    ...(label === undefined ? [] : [labelTerm(label)]),
    ...(assignee === undefined ? [] : [assigneeTerm(assignee)]),
  ];
}

/** A condition on `tickets` that follows from one of the terms, or from words, and that few tickets meet. */
async function findShortcut(
  read: Read,
  projectId: string,
  terms: readonly string[],
  words: readonly string[],
): Promise<Range['shortcut']> {
  for (const term of terms) {
    const found = sql`select number from ticket_terms where project_id = ${projectId} and term = ${term}`;
    if (await areFew(read, found)) return sql`number in (${found})`;
  }
  const rare = words.length > 0 ? await rareWords(read, 'ticket_text', words) : [];
  if (rare.length === 0 || !(await areFew(read, rowsWithWords(read.kind, 'ticket_text', rare)))) return undefined;
  return sql`number in (select number from tickets as found where found.row_id in (${rowsWithWords(read.kind, 'ticket_text', rare)}))`;
}

async function areFew({ db }: Read, found: RawBuilder<unknown>): Promise<boolean> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from (${found} limit ${sql.lit(fewTickets + 1)}) as few`.execute(db);
  return Number(rows[0]?.count) <= fewTickets;
}

/** At least one of them. */
function hasTerm(terms: readonly string[]) {
  return sql<boolean>`exists (select 1 from ticket_terms
    where ticket_terms.project_id = tickets.project_id and ticket_terms.number = tickets.number
      and term in (${sql.join(terms)}))`;
}

function isAfter(column: (typeof sortColumns)[Sort], isDescending: boolean, [key, number]: Position) {
  if (column === 'number') return sql<boolean>`number > ${number}`;
  return isDescending
    ? sql<boolean>`(${sql.ref(column)}, number) < (${key}, ${number})`
    : sql<boolean>`(${sql.ref(column)}, number) > (${key}, ${number})`;
}

type Row = Pick<Selectable<TicketsTable>, (typeof columns)[number]>;

function keyOf(row: Row, sort: Sort): string | number {
  return row[sortColumns[sort]];
}

function comparisonOf(sort: Sort): (a: Row, b: Row) => number {
  const sign = sort === 'updated' ? -1 : 1;
  return (a, b) => {
    const [keyA, keyB] = [keyOf(a, sort), keyOf(b, sort)];
    return sign * (keyA < keyB ? -1 : keyA > keyB ? 1 : a.number - b.number);
  };
}

/** What the tools take; more was written by another program, and must not fill an answer. */
const most = { title: 200, labels: 20, label: 60, assignee: 60 };

function toListedTicket(row: Row, now: number): ListedTicket {
  return {
    ...{ number: row.number, title: cut(row.title, most.title) },
    labels: readLabels(row.labels)
      .slice(0, most.labels)
      .map((label) => cut(label, most.label)),
    status: statuses.find((status) => status === row.status) ?? 'open',
    priority: priorities[row.priority] ?? 'normal',
    assignee: row.assignee === null ? undefined : cut(row.assignee, most.assignee),
    due: row.due === noDue ? undefined : row.due,
    ...{ tasksTotal: row.tasks_total, tasksDone: row.tasks_done, updatedAt: row.updated_at },
    isClaimed: isRunning(row.claim_expires_at, now),
  };
}
