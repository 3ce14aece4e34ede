import { sql } from 'kysely';
import type { Claim, Ticket } from './ticket.ts';

/*
 * A claim is a lease: it lasts some minutes from each sign of life of its holder. Its document says how many, its row
 * when it ends, so that a renewal changes no ticket.
 */

const msPerMinute = 60_000;

export function leaseMs(claim: Pick<Claim, 'minutes'>): number {
  return claim.minutes * msPerMinute;
}

export function isRunning(expiresAt: number | null | undefined, now: number): boolean {
  return (expiresAt ?? 0) > now;
}

/** The same as a condition on `tickets`. */
export function hasRunningLease(now: number) {
  return sql<boolean>`claim_expires_at > ${now}`;
}

/** A condition on `tickets`: somebody had it, and has given no sign of life in time. */
export function hasLeaseRunOut(now: number) {
  return sql<boolean>`claim_expires_at <= ${now}`;
}

/** Whether this is the number of its claim, and no later one was given out: an undo may bring an earlier claim back. */
export function isHeldBy(number: number | undefined, { document, claimNumber }: Ticket): boolean {
  return number !== undefined && number === claimNumber && number === document.claim?.number;
}

/** The claim of who works on it now. */
export function activeClaim(ticket: Ticket, now: number): Claim | undefined {
  const { claim } = ticket.document;
  return isHeldBy(claim?.number, ticket) && isRunning(ticket.claimExpiresAt, now) ? claim : undefined;
}

/** Whether it waits for somebody to take it: it is open, or its claim has run out. */
export function isFree(ticket: Ticket, now: number): boolean {
  const { status, claim } = ticket.document;
  return status === 'open' || (claim !== undefined && !activeClaim(ticket, now));
}

/** When its claim ends, for people to read. */
export function endOfLease({ claimExpiresAt }: Ticket): string {
  return new Date(claimExpiresAt ?? 0).toISOString();
}
