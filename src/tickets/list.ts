import { sql } from 'kysely';
import type { StoreKind } from '../store/migrations.ts';
import type { Database } from '../store/store.ts';
import { isUnblocked } from './blockers.ts';
import { assigneeTerm, labelTerm, noDue } from './rows.ts';
import { hasWords } from './text-index.ts';
import { type Priority, priorities, type Status, statuses } from './ticket.ts';

export const sorts = ['priority', 'updated', 'created', 'due'] as const;
export type Sort = (typeof sorts)[number];

export interface ListQuestion {
  statuses: readonly Status[];
  label?: string | undefined;
  assignee?: string | undefined;
  /** Words that all must occur, each as written or as the beginning of a word. */
  text?: string | undefined;
  /** Only what could be claimed now. */
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
export interface TicketRow {
  number: number;
  version: number;
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
 * One page of tickets. Each status is one range of an index in the order asked for, cut at the size of a page, and the
 * ranges are merged: the cost does not grow with the number of tickets.
 */
export async function listTickets(
  db: Database,
  kind: StoreKind,
  projectId: string,
  question: ListQuestion,
  now: number,
): Promise<{ rows: TicketRow[]; hasMore: boolean }> {
  const drivingTerm = await rareTerm(db, projectId, termsOf(question));
  const ranges = question.statuses.map((status) =>
    rangeOf(db, kind, projectId, { ...question, status, drivingTerm }, now).execute(),
  );
  const found = (await Promise.all(ranges)).flat().sort(comparisonOf(question.sort));
  const rows = found.slice(0, question.limit).map((row) => toTicketRow(row, now));
  return { rows, hasMore: found.length > question.limit };
}

/** Where the page after this ticket begins. */
export function positionOf(row: TicketRow, sort: Sort): Position {
  const keys = { priority: priorities.indexOf(row.priority), updated: row.updatedAt, created: row.number };
  return [sort === 'due' ? (row.due ?? noDue) : keys[sort], row.number];
}

const columns = [
  ...(['number', 'version', 'status', 'title', 'priority', 'labels', 'assignee', 'due'] as const),
  ...(['tasks_total', 'tasks_done', 'updated_at', 'claim_expires_at'] as const),
];

type Range = ListQuestion & { status: Status; drivingTerm: string | undefined };

function rangeOf(db: Database, kind: StoreKind, projectId: string, range: Range, now: number) {
  const { status, sort, after, limit, ready, updatedSince, text, drivingTerm } = range;
  const column = sortColumns[sort];
  const isDescending = sort === 'updated';
  let query = db.selectFrom('tickets').select(columns).where('project_id', '=', projectId).where('status', '=', status);
  for (const term of termsOf(range)) query = query.where(hasTerm(term, term === drivingTerm));
  if (updatedSince !== undefined) query = query.where('updated_at', '>=', updatedSince);
  const words = text === undefined ? undefined : hasWords(kind, text);
  if (words) query = query.where(words);
  if (ready) query = query.where(isUnblocked).where(isFree(status, now));
  if (after) query = query.where(isAfter(column, isDescending, after));
  const direction = isDescending ? 'desc' : 'asc';
  if (column !== 'number') query = query.orderBy(column, direction);
  return query.orderBy('number', direction).limit(limit + 1);
}

function termsOf({ label, assignee }: ListQuestion): string[] {
  return [
    ...(label === undefined ? [] : [labelTerm(label)]),
    ...(assignee === undefined ? [] : [assigneeTerm(assignee)]),
  ];
}

async function rareTerm(db: Database, projectId: string, terms: readonly string[]): Promise<string | undefined> {
  for (const term of terms) {
    const some = await db
      .selectFrom('ticket_terms')
      .select('number')
      .where('project_id', '=', projectId)
      .where('term', '=', term)
      .limit(fewTickets + 1)
      .execute();
    if (some.length <= fewTickets) return term;
  }
  return undefined;
}

/** The unary plus in front of the sort column's range would do the same, but only on SQLite. */
function hasTerm(term: string, isDriving: boolean) {
  return isDriving
    ? sql<boolean>`number in (select number from ticket_terms
        where ticket_terms.project_id = tickets.project_id and term = ${term})`
    : sql<boolean>`exists (select 1 from ticket_terms
        where ticket_terms.project_id = tickets.project_id and ticket_terms.number = tickets.number and term = ${term})`;
}

function isFree(status: Status, now: number) {
  return status === 'in_progress'
    ? sql<boolean>`claim_expires_at <= ${now}`
    : sql<boolean>`${sql.lit(status)} = 'open'`;
}

function isAfter(column: (typeof sortColumns)[Sort], isDescending: boolean, [key, number]: Position) {
  if (column === 'number') return sql<boolean>`number > ${number}`;
  return isDescending
    ? sql<boolean>`(${sql.ref(column)}, number) < (${key}, ${number})`
    : sql<boolean>`(${sql.ref(column)}, number) > (${key}, ${number})`;
}

interface Row {
  number: number;
  version: number;
  status: string;
  title: string;
  priority: number;
  labels: string;
  assignee: string | null;
  due: string;
  tasks_total: number;
  tasks_done: number;
  updated_at: number;
  claim_expires_at: number | null;
}

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

function toTicketRow(row: Row, now: number): TicketRow {
  return {
    ...{ number: row.number, version: row.version, title: row.title, labels: JSON.parse(row.labels) },
    status: statuses.find((status) => status === row.status) ?? 'open',
    priority: priorities[row.priority] ?? 'normal',
    assignee: row.assignee ?? undefined,
    due: row.due === noDue ? undefined : row.due,
    ...{ tasksTotal: row.tasks_total, tasksDone: row.tasks_done, updatedAt: row.updated_at },
    isClaimed: (row.claim_expires_at ?? 0) > now,
  };
}
