import { UserError } from '../errors.ts';
import { ensureRecord, type ProjectName } from '../projects/records.ts';
import type { Store, Write } from '../store/store.ts';
import { applyChange, newDocument, type TicketChange, withComment } from './apply-change.ts';
import { createDrafts } from './drafts.ts';
import { type ForeignTicket, type ImportPlan, planImport } from './foreign.ts';
import type { HeldClaims } from './held-claims.ts';
import { readLastChange, type TicketAction, undone } from './history.ts';
import { activeClaim, isHeldBy } from './lease.ts';
import type { Link, LinkKind } from './links.ts';
import { replay } from './replay.ts';
import { loadTicket } from './rows.ts';
import { type Author, type Ticket, type TicketDocument, ticketId } from './ticket.ts';

export interface NewTicket {
  change: TicketChange;
  links?: readonly Link[];
  /** Links to others of the same call, by their place in it. */
  linksWithin?: readonly LinkWithin[];
  origin?: string;
  /** Who wrote it elsewhere, and what others said of it there. */
  source?: string | undefined;
  comments?: ReadonlyArray<TicketDocument['comments'][string]>;
}

export interface LinkWithin {
  kind: LinkKind;
  index: number;
}

export interface Conditions {
  /** Refuses the change when the ticket has another version by now. */
  ifVersion?: number | undefined;
  /** The number of the caller's claim, where it is not the one of its connection. */
  claim?: number | undefined;
}

export interface UpdateOptions extends Conditions {
  link?: readonly Link[] | undefined;
  unlink?: readonly Link[] | undefined;
}

export interface Imported extends ImportPlan {
  project: string;
}

/** Changes of tickets. Each is one transaction, with its events; the same request id gives the first result again. */
export function createTicketChanges(store: Store, held: HeldClaims) {
  return {
    /** All of them or none, in the order given. */
    create: (project: ProjectName, tickets: readonly NewTicket[], author: Author): Promise<Ticket[]> =>
      change(project, author, (write, projectId) => createAll(write, projectId, tickets, author)),

    /** What another system has, but for what an earlier import has brought. */
    import: (project: ProjectName, tickets: readonly ForeignTicket[], author: Author): Promise<Imported> =>
      store.write(project.id, async (write) => {
        const { id } = await ensureRecord(write, project, author.source);
        const plan = planImport(tickets, await findKnown(write, id));
        await createAll(write, id, plan.tickets, author);
        return { project: id, ...plan };
      }),

    update: (
      project: ProjectName,
      number: number,
      wanted: TicketChange,
      options: UpdateOptions,
      author: Author,
    ): Promise<Ticket> =>
      changeOne(project, number, author, async (write, ticket) => {
        checkVersion(ticket, options.ifVersion);
        await checkClaim(write, ticket, author, options.claim);
        return updateOne(write, ticket, wanted, options, author);
      }),

    /** Takes back the last change, with what it did to other tickets. Undoing twice brings it back. */
    undo: (project: ProjectName, number: number, conditions: Conditions, author: Author): Promise<Ticket> =>
      changeOne(project, number, author, async (write, ticket) => {
        checkVersion(ticket, conditions.ifVersion);
        await checkClaim(write, ticket, author, conditions.claim);
        return undoLast(write, ticket, author);
      }),

    /** Kept, with its links, and not listed; `undo` brings it back. */
    remove: (project: ProjectName, number: number, ifVersion: number | undefined, author: Author): Promise<Ticket> =>
      changeOne(project, number, author, async (write, ticket) => {
        checkVersion(ticket, ifVersion);
        await checkClaim(write, ticket, author, undefined);
        if (ticket.document.deleted)
          throw new UserError(
            'not_found',
            `${ticketId(number)} is deleted already. Bring it back with update_ticket and "undo": true.`,
          );
        const { claim: _, ...kept } = ticket.document;
        const document: TicketDocument = { ...kept, deleted: true };
        const drafts = createDrafts(write, ticket.projectId);
        drafts.put({ before: ticket, number, document, action: 'deleted' });
        return drafts.save(author);
      }),
  };

  function change(
    project: ProjectName,
    author: Author,
    run: (write: Write, projectId: string) => Promise<Ticket[]>,
  ): Promise<Ticket[]> {
    return store.write(project.id, async (write) => {
      const { id } = await ensureRecord(write, project, author.source);
      return (await replay(write.db, id, author.request)) ?? run(write, id);
    });
  }

  async function changeOne(
    project: ProjectName,
    number: number,
    author: Author,
    run: (write: Write, ticket: Ticket) => Promise<Ticket[]>,
  ): Promise<Ticket> {
    const [changed] = await change(project, author, async (write, id) =>
      run(write, await loadTicket(write.db, id, number, { evenDeleted: true })),
    );
    if (!changed) throw new Error('a change of one ticket gave none');
    if (!changed.document.claim) held.drop(author.connection, changed);
    return changed;
  }

  /** A holder whose claim is over learns it here, before its late write undoes the work of the next one. */
  async function checkClaim(write: Write, ticket: Ticket, author: Author, given: number | undefined) {
    const number = given ?? held.find(author.connection, ticket, author.calledAt);
    if (number === undefined || isHeldBy(number, ticket)) return;
    held.refuse(author.connection, ticket);
    const now = activeClaim(ticket, write.now);
    throw new UserError(
      'conflict',
      `Your claim of ${ticketId(ticket.number)} is over${now ? ` and ${now.holder} holds it now` : ''}. Nothing was changed. Look at it with get_ticket, then claim it again or repeat the change.`,
    );
  }
}

function checkVersion(ticket: Ticket, ifVersion: number | undefined) {
  if (ifVersion === undefined || ifVersion === ticket.version) return;
  throw new UserError(
    'conflict',
    `${ticketId(ticket.number)} has version ${ticket.version} by now, not ${ifVersion}. Nothing was changed; read it with get_ticket.`,
  );
}

/** In the order given; what a link changes of others comes last. */
export async function createAll(
  write: Write,
  projectId: string,
  tickets: readonly NewTicket[],
  author: Author,
): Promise<Ticket[]> {
  const first = await takeNumbers(write, projectId, tickets.length);
  const drafts = createDrafts(write, projectId);
  for (const [index, { change, origin, source = author.source, comments = [] }] of tickets.entries()) {
    const document = documentOf(change, { source, now: write.now }, { origin, comments });
    const action = origin === undefined ? 'created' : 'imported';
    drafts.put({ before: undefined, number: first + index, document, action });
  }
  for (const [index, { origin, links = [], linksWithin = [] }] of tickets.entries()) {
    const within = linksWithin.map(({ kind, index: to }) => ({ kind, number: first + to }));
    for (const link of [...links, ...within]) {
      await drafts.link(first + index, link).catch((error) => {
        throw named(origin, error);
      });
    }
  }
  return drafts.save(author);
}

function documentOf(
  change: TicketChange,
  by: { source: string; now: number },
  { origin, comments }: Required<Pick<NewTicket, 'comments'>> & { origin: string | undefined },
): TicketDocument {
  try {
    return comments.reduce(withComment, applyChange(newDocument(by.source, origin), change, by));
  } catch (error) {
    throw named(origin, error);
  }
}

/** Of an import, people know the tickets by what they are called where they come from. */
function named(origin: string | undefined, error: unknown): unknown {
  if (origin === undefined || !(error instanceof UserError)) return error;
  return new UserError(error.code, `${origin}: ${error.message}`, { cause: error });
}

/** Which tickets the project has of other systems, and of its own. */
async function findKnown({ db }: Write, projectId: string) {
  const rows = await db
    .selectFrom('tickets')
    .select(['number', 'origin'])
    .where('project_id', '=', projectId)
    .execute();
  const byOrigin = new Map(rows.map(({ origin, number }) => [origin, number]));
  const numbers = new Set(rows.map(({ number }) => number));
  return ({ origin, own }: Pick<ForeignTicket, 'origin' | 'own'>) =>
    own?.project === projectId && numbers.has(own.number) ? own.number : byOrigin.get(origin);
}

async function takeNumbers({ db }: Write, projectId: string, count: number): Promise<number> {
  const { next_ticket: next } = await db
    .updateTable('projects')
    .set(({ eb }) => ({ next_ticket: eb('next_ticket', '+', count) }))
    .where('id', '=', projectId)
    .returning('next_ticket')
    .executeTakeFirstOrThrow();
  return next - count;
}

async function updateOne(
  write: Write,
  ticket: Ticket,
  wanted: TicketChange,
  { link = [], unlink = [] }: UpdateOptions,
  author: Author,
): Promise<Ticket[]> {
  if (ticket.document.deleted) {
    throw new UserError('conflict', `${ticketId(ticket.number)} is deleted. Bring it back with "undo": true first.`);
  }
  const document = applyChange(ticket.document, wanted, { source: author.source, now: write.now });
  const drafts = createDrafts(write, ticket.projectId);
  drafts.put({ before: ticket, number: ticket.number, document, action: actionOf(wanted) });
  for (const each of unlink) await drafts.unlink(ticket.number, each);
  for (const each of link) await drafts.link(ticket.number, each);
  return drafts.save(author);
}

function actionOf(wanted: TicketChange): TicketAction {
  const { comment, ...rest } = wanted;
  return comment && Object.values(rest).every((value) => value === undefined) ? 'commented' : 'updated';
}

function importedTogether(number: number): UserError {
  return new UserError(
    'conflict',
    `The last change of ${ticketId(number)} was an import, which is not undone for one ticket alone. Take away what is not wanted with delete_ticket.`,
  );
}

/** Applies the patches of the last change backwards, to each ticket that it touched and that has not changed since. */
async function undoLast(write: Write, ticket: Ticket, author: Author): Promise<Ticket[]> {
  const { projectId, number } = ticket;
  const drafts = createDrafts(write, projectId);
  const events = await readLastChange(write.db, projectId, number);
  if (events.some(({ action }) => action === 'imported')) throw importedTogether(number);
  for (const event of events) {
    const before = await loadTicket(write.db, projectId, event.number, { evenDeleted: true });
    if (before.version !== event.version) {
      const other = ticketId(before.number);
      throw new UserError('conflict', `That change also concerned ${other}, which has changed since. Undo that first.`);
    }
    drafts.put({ before, number: before.number, document: undone(before, event.before), action: 'undone' });
  }
  return drafts.save(author, number);
}
