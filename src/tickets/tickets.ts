import type { Changed, Database, Read, Store } from '../store/store.ts';
import { blockersOf } from './blockers.ts';
import { type Board, columnSizes } from './board.ts';
import { createTicketChanges } from './changes.ts';
import { createTicketClaims } from './claims.ts';
import { createHeldClaims } from './held-claims.ts';
import { type HistoryEntry, readHistory } from './history.ts';
import { activeClaim, isFree } from './lease.ts';
import { linksOf } from './links.ts';
import { type ListQuestion, listTickets, type TicketRow } from './list.ts';
import { findQueues, fullLabels } from './queues.ts';
import { loadTicket, noTicket } from './rows.ts';
import type { Claim, Status, Ticket } from './ticket.ts';

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

/** The tickets of all projects. A store that nobody has used yet is not made by looking. */
export type Tickets = ReturnType<typeof createTickets>;

export function createTickets(store: Store) {
  const held = createHeldClaims();

  return {
    ...createTicketChanges(store, held),
    ...createTicketClaims(store, held),

    async get(projectId: string, number: number, options: { history: number }): Promise<TicketDetails> {
      if (!store.exists()) throw noTicket(number, undefined);
      return store.read((read) => readDetails(read, projectId, number, options.history));
    },

    async list(projectId: string, question: ListQuestion) {
      if (!store.exists()) return { rows: [], hasMore: false };
      return store.read(async (read) => {
        const withoutLabels = question.ready ? fullLabels(await findQueues(read, projectId)) : [];
        return listTickets(read, projectId, { ...question, withoutLabels });
      });
    },

    async board(projectId: string): Promise<Board> {
      if (!store.exists()) return { counts: new Map(), columns: new Map(), queues: [] };
      return store.read((read) => readBoard(read, projectId));
    },

    /** Calls `listener` after each change of tickets or queues that `concerns` says yes to. */
    watch(concerns: (projectId: string, number: number | undefined) => boolean, listener: () => void): () => void {
      return store.onChange((changed: Changed) => {
        if (changed === 'everything' || changed.some(isConcerned)) listener();
      });

      function isConcerned({ projectId, entity, entityId }: { projectId: string; entity: string; entityId: string }) {
        return entity !== 'project' && concerns(projectId, entity === 'ticket' ? Number(entityId) : undefined);
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
  const columns = new Map<Status, TicketRow[]>();
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
