import type { ProjectName } from '../projects/records.ts';
import type { Changed, Database, Read, Store } from '../store/store.ts';
import type { TicketChange } from './apply-change.ts';
import { blockersOf } from './blockers.ts';
import { type Board, columnSizes } from './board.ts';
import type { ForeignTicket } from './foreign.ts';
import { createHeldClaims } from './held-claims.ts';
import { type HistoryEntry, readHistory } from './history.ts';
import { activeClaim, isFree } from './lease.ts';
import { linksOf } from './links.ts';
import { type ListedTicket, type ListQuestion, listTickets } from './list.ts';
import { type PlanStepTicket, ticketsOfPlans } from './plan-steps.ts';
import { findQueues, fullLabels, type Queue, type QueueLimits } from './queues.ts';
import { loadTicket, noTicket } from './rows.ts';
import { createStepTickets, type MadeTickets, type PlannedTickets } from './step-tickets.ts';
import type { Author, Claim, Status, Ticket } from './ticket.ts';
import {
  type Conditions,
  createTicketChanges,
  type Imported,
  type NewTicket,
  type UpdateOptions,
} from './ticket-changes.ts';
import { type Claimed, type ClaimOptions, createTicketClaims } from './ticket-claims.ts';

/** A ticket with what only the store can tell of it. */
export interface TicketDetails {
  ticket: Ticket;
  /** Who works on it now, and until when unless it is renewed. */
  claim: (Claim & { expiresAt: number }) | undefined;
  /** Unsettled tickets that it waits for. */
  blockers: number[];
  /** It is open, or its claim has run out, and nothing blocks it. */
  isReady: boolean;
  linked: Map<number, { title: string; status: string }>;
  history: HistoryEntry[];
}

/**
 * The tickets of all projects.
 *
 * Each change is one transaction with its events; it takes the project into the store with its first, and given a
 * request id again it gives the first result. It throws UserError `not_found` for a ticket that is not there,
 * `conflict` for what a rule or somebody else's change forbids, and then nothing was changed. A look makes no store that
 * nobody has used yet: that has no ticket and an empty board.
 */
export interface Tickets {
  /** All of them or none, in the order given. */
  create(project: ProjectName, tickets: readonly NewTicket[], author: Author): Promise<Ticket[]>;
  /** A ticket for each wanted step of a plan that has none; given again, it makes nothing new. */
  createForPlan(project: ProjectName, planned: PlannedTickets, author: Author): Promise<MadeTickets>;
  /** What another system has, but for what an earlier import has brought. */
  import(project: ProjectName, tickets: readonly ForeignTicket[], author: Author): Promise<Imported>;
  update(
    project: ProjectName,
    number: number,
    wanted: TicketChange,
    options: UpdateOptions,
    author: Author,
  ): Promise<Ticket>;
  /** Takes back the last change, with what it did to other tickets. Undoing twice brings it back. */
  undo(project: ProjectName, number: number, conditions: Conditions, author: Author): Promise<Ticket>;
  /** Kept, with its links, and not listed; `undo` brings it back. */
  remove(project: ProjectName, number: number, ifVersion: number | undefined, author: Author): Promise<Ticket>;

  /** A lease on one ticket; `reason` says what stands in the way of any. */
  claim(project: ProjectName, options: ClaimOptions, author: Author): Promise<Claimed | { reason: string }>;
  /** Gives it back: to be claimed again, and as failed where a reason is given. */
  release(
    project: ProjectName,
    number: number,
    options: { claim?: number | undefined; failure?: string | undefined },
    author: Author,
  ): Promise<Ticket>;
  /** A sign of life. It changes no ticket and heeds no request id: repeated, it renews again. */
  renew(project: ProjectName, number: number, claim: number | undefined, author: Author): Promise<Ticket>;
  /** Renews what a connection holds, where it is time; every call of it is a sign of life. */
  touch(connection: string): Promise<void>;
  setQueue(project: ProjectName, limits: QueueLimits, author: Author): Promise<Queue>;

  /** With its last `history` changes. */
  get(projectId: string, number: number, options: { history: number }): Promise<TicketDetails>;
  list(projectId: string, question: ListQuestion): Promise<{ rows: ListedTicket[]; hasMore: boolean }>;
  board(projectId: string): Promise<Board>;
  /** Those that cite a step of one of these plans, such as `P-3`. */
  ofPlans(projectId: string, plans: readonly string[]): Promise<PlanStepTicket[]>;
  /** Calls `listener` after each change of tickets or queues that `concerns` says yes to, until it is ended. */
  watch(concerns: (projectId: string, number: number | undefined) => boolean, listener: () => void): () => void;
}

export function createTickets(store: Store): Tickets {
  const held = createHeldClaims();

  return {
    ...createTicketChanges(store, held),
    ...createTicketClaims(store, held),

    createForPlan: (project, planned, author) => createStepTickets(store, project, planned, author),

    async get(projectId, number, options) {
      if (!store.exists()) throw noTicket(number, undefined);
      return store.read((read) => readDetails(read, projectId, number, options.history));
    },

    async list(projectId, question) {
      if (!store.exists()) return { rows: [], hasMore: false };
      return store.read(async (read) => {
        const withoutLabels = question.ready ? fullLabels(await findQueues(read, projectId)) : [];
        return listTickets(read, projectId, { ...question, withoutLabels });
      });
    },

    async board(projectId) {
      if (!store.exists()) return { counts: new Map(), columns: new Map(), queues: [] };
      return store.read((read) => readBoard(read, projectId));
    },

    async ofPlans(projectId, plans) {
      if (!store.exists()) return [];
      return store.read(({ db }) => ticketsOfPlans(db, projectId, plans));
    },

    watch(concerns, listener) {
      return store.onChange((changed: Changed) => {
        if (changed === 'everything' || changed.some(isConcerned)) listener();
      });

      function isConcerned({ projectId, entity, entityId }: { projectId: string; entity: string; entityId: string }) {
        if (entity !== 'ticket' && entity !== 'queue') return false;
        return concerns(projectId, entity === 'ticket' ? Number(entityId) : undefined);
      }
    },
  };
}

async function readDetails(read: Read, projectId: string, number: number, history: number): Promise<TicketDetails> {
  const { db, now } = read;
  const ticket = await loadTicket(db, projectId, number);
  const blockers = await blockersOf(db, projectId, number);
  const claim = activeClaim(ticket, now);
  return {
    ...{ ticket, blockers, isReady: isFree(ticket, now) && blockers.length === 0 },
    claim: claim && { ...claim, expiresAt: ticket.claimExpiresAt ?? 0 },
    linked: await readLinked(db, ticket),
    history: await readHistory(db, projectId, number, history),
  };
}

async function readBoard(read: Read, projectId: string): Promise<Board> {
  const counts = await read.db
    .selectFrom('tickets')
    .select(['status', ({ fn }) => fn.countAll().as('count')])
    .where('project_id', '=', projectId)
    .groupBy('status')
    .execute();
  const columns = new Map<Status, ListedTicket[]>();
  for (const [status, limit] of columnSizes) {
    const sort = status === 'done' ? 'updated' : 'priority';
    const question = { statuses: [status], ready: false, sort, limit } as const;
    columns.set(status, (await listTickets(read, projectId, question)).rows);
  }
  return {
    counts: new Map(counts.map(({ status, count }) => [status, Number(count)])),
    columns,
    queues: await findQueues(read, projectId),
  };
}

async function readLinked(db: Database, { projectId, document }: Ticket): Promise<TicketDetails['linked']> {
  const numbers = linksOf(document).map((link) => link.number);
  if (numbers.length === 0) return new Map();
  const rows = await db
    .selectFrom('tickets')
    .select(['number', 'title', 'status'])
    .where('project_id', '=', projectId)
    .where('number', 'in', numbers)
    .execute();
  return new Map(rows.map((row) => [row.number, { title: row.title, status: row.status }]));
}
