import { UserError } from '../errors.ts';
import { ensureRecord, type ProjectName } from '../projects/records.ts';
import type { Store, Write } from '../store/store.ts';
import { applyChange } from './apply-change.ts';
import { blockersOf } from './blockers.ts';
import type { HeldClaims, TicketName } from './held-claims.ts';
import { activeClaim, endOfLease, hasRunningLease, isHeldBy, leaseMs } from './lease.ts';
import { listTickets, type Position, positionOf } from './list.ts';
import { findQueues, fullLabels, type Queue, type QueueLimits, saveQueue } from './queues.ts';
import { replay } from './replay.ts';
import { findReadable, loadTicket, readDocument } from './rows.ts';
import { saveTicket } from './save-ticket.ts';
import { type Author, isSettled, type Ticket, type TicketDocument, ticketId } from './ticket.ts';

export interface ClaimOptions {
  /** Absent: the next one that is ready, the most urgent and then the oldest first. */
  number?: number | undefined;
  /** Only tickets with this label. */
  label?: string | undefined;
  /** What others see; the author's source where it is absent. */
  holder?: string | undefined;
  minutes: number;
}

export interface Claimed {
  ticket: Ticket;
  /** Files that it shares with tickets that others work on now. */
  overlaps: Overlap[];
}

export interface Overlap {
  number: number;
  holder: string;
  files: string[];
}

/** The part of a lease after which a sign of life renews it. */
const renewAfter = 0.25;
const maxSetAside = 50;
const worn = 'the lease ran out';

/**
 * Leases on tickets, so that several agents never work on one. A claim ends by itself after its minutes without a sign
 * of life; its number, which only grows, fences off a holder that was paused meanwhile.
 */
export function createTicketClaims(store: Store, held: HeldClaims) {
  return {
    /** `undefined` when nothing is ready; `reason` then says what stands in the way. */
    async claim(project: ProjectName, options: ClaimOptions, author: Author): Promise<Claimed | { reason: string }> {
      const claimed = await inProject(project, author, async (write, projectId) => {
        const [earlier] = (await replay(write.db, projectId, author.request)) ?? [];
        const taken = earlier
          ? await renewHeld(write, earlier, earlier.document.claim?.number)
          : await takeOne(write, projectId, options, author);
        return 'reason' in taken ? taken : { ticket: taken, overlaps: await findOverlaps(write, taken) };
      });
      if ('ticket' in claimed) held.keep(author.connection, claimed.ticket);
      return claimed;
    },

    /** Gives it back: to be claimed again, and as failed where a reason is given. */
    async release(
      project: ProjectName,
      number: number,
      options: { claim?: number | undefined; failure?: string | undefined },
      author: Author,
    ): Promise<Ticket> {
      const released = await inProject(project, author, async (write, projectId) => {
        const [earlier] = (await replay(write.db, projectId, author.request)) ?? [];
        if (earlier) return earlier;
        const ticket = await loadTicket(write.db, projectId, number);
        checkHolder(ticket, options.claim ?? held.find(author.connection, ticket), write.now);
        return giveBack(write, ticket, options.failure, author);
      });
      held.drop(author.connection, released);
      return released;
    },

    /** A sign of life. */
    async renew(project: ProjectName, number: number, claim: number | undefined, author: Author): Promise<Ticket> {
      const renewed = await inProject(project, author, async (write, projectId) => {
        const ticket = { projectId, number };
        return renewHeld(write, ticket, claim ?? held.find(author.connection, ticket));
      });
      held.keep(author.connection, renewed);
      return renewed;
    },

    /** Renews what a connection holds, where it is time; every call of it is a sign of life. */
    async touch(connection: string): Promise<void> {
      for (const { ticket, ageMs } of held.of(connection)) {
        const { claim } = ticket.document;
        if (!claim || ageMs < leaseMs(claim) * renewAfter) continue;
        const renewed = await store.write(ticket.projectId, (write) => extend(write, ticket));
        if (renewed) held.keep(connection, renewed);
      }
    },

    setQueue: (project: ProjectName, limits: QueueLimits, author: Author): Promise<Queue> =>
      inProject(project, author, (write, projectId) => saveQueue(write, projectId, limits, author)),
  };

  function inProject<Result>(
    project: ProjectName,
    author: Author,
    run: (write: Write, projectId: string) => Promise<Result>,
  ): Promise<Result> {
    return store.write(project.id, async (write) => {
      const { id } = await ensureRecord(write, project, author.source);
      return run(write, id);
    });
  }

  async function takeOne(write: Write, projectId: string, options: ClaimOptions, author: Author) {
    const queues = await findQueues(write, projectId);
    return options.number === undefined
      ? takeNext(write, projectId, options, queues, author)
      : takeNamed(write, await loadTicket(write.db, projectId, options.number), options, queues, author);
  }

  async function takeNamed(write: Write, ticket: Ticket, options: ClaimOptions, queues: Queue[], author: Author) {
    const id = ticketId(ticket.number);
    const { status, labels } = ticket.document;
    const active = activeClaim(ticket, write.now);
    if (active && held.find(author.connection, ticket) === active.number)
      return (await extend(write, ticket)) ?? ticket;
    if (active) {
      throw new UserError(
        'conflict',
        `${id} is claimed by ${active.holder} until ${endOfLease(ticket)}. Claim another one.`,
      );
    }
    if (isSettled(status) || status === 'blocked') {
      throw new UserError('conflict', `${id} is ${status}. Set it to "open" with update_ticket before it is claimed.`);
    }
    const blockers = await blockersOf(write.db, ticket.projectId, ticket.number);
    if (blockers.length > 0) {
      throw new UserError(
        'conflict',
        `${id} waits for ${blockers.map(ticketId).join(', ')}. Claim one of these first.`,
      );
    }
    const full = fullLabels(queues).find((label) => labels.includes(label));
    if (full !== undefined)
      throw new UserError('conflict', `${id} is in the queue "${full}": ${whyFull(queues, full)}.`);
    if (isWornOut(ticket, queues)) {
      await setAsideAsFailed(write, ticket, worn, { ...author, request: undefined });
      return { reason: `${id} has failed too often and was set to "blocked". Claim another one.` };
    }
    return giveOut(write, ticket, options, author);
  }

  /** Sets aside what has failed too often on its way to one that has not. */
  async function takeNext(
    write: Write,
    projectId: string,
    options: ClaimOptions,
    queues: Queue[],
    author: Author,
  ): Promise<Ticket | { reason: string }> {
    const full = fullLabels(queues);
    if (options.label !== undefined && full.includes(options.label)) {
      return { reason: `The queue "${options.label}" has none to give: ${whyFull(queues, options.label)}.` };
    }
    for (let setAside = 0; setAside < maxSetAside; setAside++) {
      const ticket = await findReady(write, projectId, options.label, full);
      if (!ticket) return { reason: 'No ticket is ready: all are claimed, blocked, settled, or in a full queue.' };
      if (!isWornOut(ticket, queues)) return giveOut(write, ticket, options, author);
      await setAsideAsFailed(write, ticket, worn, { ...author, request: undefined });
    }
    return { reason: `${maxSetAside} tickets had failed too often and were set to "blocked". Ask again.` };
  }
}

/** The first one that a list of what is ready would show; in no queue that is full. */
async function findReady(
  write: Write,
  projectId: string,
  label: string | undefined,
  full: readonly string[],
): Promise<Ticket | undefined> {
  const ready = { statuses: ['open', 'in_progress'], ready: true, sort: 'priority', limit: 1 } as const;
  for (let after: Position | undefined; ; ) {
    const question = { ...ready, label, withoutLabels: full, after };
    const [first] = (await listTickets(write, projectId, question)).rows;
    if (!first) return undefined;
    const ticket = await findReadable(write.db, projectId, first.number);
    if (ticket) return ticket; // what cannot be read must not keep the others from being worked on
    after = positionOf(first, ready.sort);
  }
}

function giveOut(write: Write, before: Ticket, { minutes, holder }: ClaimOptions, author: Author): Promise<Ticket> {
  const number = before.claimNumber + 1;
  const document: TicketDocument = {
    ...before.document,
    status: 'in_progress',
    claim: { number, holder: holder || author.source, minutes },
    attempts: (before.document.attempts ?? 0) + 1,
  };
  const claim = { number, expiresAt: write.now + leaseMs({ minutes }) };
  return saveTicket(write, before.projectId, author, {
    before,
    number: before.number,
    document,
    action: 'claimed',
    claim,
  });
}

function checkHolder(ticket: Ticket, number: number | undefined, now: number) {
  if (isHeldBy(number, ticket)) return;
  const holder = activeClaim(ticket, now)?.holder;
  const whose = holder ? `${holder} holds it now` : 'nobody holds it';
  throw new UserError(
    'conflict',
    `You have no claim of ${ticketId(ticket.number)}: ${whose}. Nothing was changed. Give the number of your claim as "claim".`,
  );
}

async function giveBack(write: Write, before: Ticket, failure: string | undefined, author: Author): Promise<Ticket> {
  const queues = await findQueues(write, before.projectId);
  if (failure !== undefined && isWornOut(before, queues)) return setAsideAsFailed(write, before, failure, author);
  const { claim: _, ...rest } = before.document;
  const released: TicketDocument = { ...rest, status: 'open' };
  const document =
    failure === undefined
      ? withAttempts(released, (released.attempts ?? 1) - 1)
      : applyChange(
          released,
          { comment: `Attempt ${released.attempts ?? 1} failed: ${failure}` },
          { source: author.source, now: write.now },
        );
  const action = failure === undefined ? 'released' : 'failed';
  return saveTicket(write, before.projectId, author, { before, number: before.number, document, action });
}

/** A claim that is given back unused is no attempt. */
function withAttempts(document: TicketDocument, attempts: number): TicketDocument {
  const { attempts: _, ...rest } = document;
  return attempts > 0 ? { ...rest, attempts } : rest;
}

function setAsideAsFailed(write: Write, before: Ticket, reason: string, author: Author): Promise<Ticket> {
  const { claim: _, ...rest } = before.document;
  const comment = `Set to blocked after ${rest.attempts ?? 0} attempts: ${reason}`;
  const document = applyChange(rest, { status: 'blocked', comment }, { source: author.source, now: write.now });
  return saveTicket(write, before.projectId, author, { before, number: before.number, document, action: 'failed' });
}

/** Whether it has used up the attempts of one of its queues. */
function isWornOut({ document }: Ticket, queues: readonly Queue[]): boolean {
  return queues.some(({ label, attempts }) => document.labels.includes(label) && (document.attempts ?? 0) >= attempts);
}

/** @throws UserError `conflict` where the claim of this number is over, or has run out and cannot come back */
async function renewHeld(write: Write, { projectId, number }: TicketName, claim: number | undefined): Promise<Ticket> {
  const ticket = await loadTicket(write.db, projectId, number);
  checkHolder(ticket, claim, write.now);
  const renewed = await extend(write, ticket);
  if (renewed) return renewed;
  throw new UserError('conflict', `Your claim of ${ticketId(number)} ran out, and its queue is full. Claim it later.`);
}

/**
 * Moves the end of a claim, unless another claim has begun. One that has run out comes back where its queues have room.
 * No change of the ticket, so no event.
 */
async function extend(write: Write, held: Ticket): Promise<Ticket | undefined> {
  const { projectId, number } = held;
  const ticket = await loadTicket(write.db, projectId, number, { evenDeleted: true });
  const { claim, labels } = ticket.document;
  if (!claim || claim.number !== held.document.claim?.number || claim.number !== ticket.claimNumber) return undefined;
  if (!activeClaim(ticket, write.now)) {
    const full = fullLabels(await findQueues(write, projectId));
    if (labels.some((label) => full.includes(label))) return undefined;
  }
  const claimExpiresAt = write.now + leaseMs(claim);
  await write.db
    .updateTable('tickets')
    .set({ claim_expires_at: claimExpiresAt })
    .where('project_id', '=', projectId)
    .where('number', '=', number)
    .execute();
  return { ...ticket, claimExpiresAt };
}

async function findOverlaps({ db, now }: Write, { projectId, number, document }: Ticket): Promise<Overlap[]> {
  const mine = new Set(document.files.map(({ path }) => path));
  if (mine.size === 0) return [];
  const others = await db
    .selectFrom('tickets')
    .select(['number', 'document'])
    .where('project_id', '=', projectId)
    .where(hasRunningLease(now))
    .where('number', '!=', number)
    .execute();
  return others.flatMap((row) => {
    const other = readDocument(row.document);
    const files = other?.files.map(({ path }) => path).filter((path) => mine.has(path)) ?? [];
    return files.length > 0 && other?.claim ? [{ number: row.number, holder: other.claim.holder, files }] : [];
  });
}

function whyFull(queues: readonly Queue[], label: string): string {
  const queue = queues.find((each) => each.label === label);
  return queue?.isPaused
    ? 'it is paused; claim_ticket with action "limit" and "paused": false goes on'
    : `${queue?.running} of ${queue?.parallel} are being worked on`;
}
