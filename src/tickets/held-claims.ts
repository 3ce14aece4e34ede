import { fullTicketId, type Ticket } from './ticket.ts';

export interface TicketName {
  projectId: string;
  number: number;
}

/**
 * The claims that each connection was given, in this process. A call of their holder renews them, and a change by one
 * whose claim is over is refused. A server that ends forgets them, and they run out by themselves.
 */
export interface HeldClaims {
  keep(connection: string, ticket: Ticket): void;
  /** The number of the claim, even when it is over by now, for a call that came before its holder was told so. */
  find(connection: string, ticket: TicketName, calledAt?: number): number | undefined;
  /** Its holder is being told that it is over. */
  refuse(connection: string, ticket: TicketName): void;
  /** Unless it was given a later one: a repeated request gives the ticket as it was then. */
  drop(connection: string, ticket: Ticket): void;
  /** All of them, and how long ago each was given or renewed; a clock that is wrong does not matter here. */
  of(connection: string): Array<{ ticket: Ticket; ageMs: number }>;
}

interface Held {
  ticket: Ticket;
  keptAt: number;
  refusedAt: number;
}

/** A late write is refused for so long; after that its connection is gone, or was one of a single request. */
const keptMs = 24 * 60 * 60_000;

export function createHeldClaims(): HeldClaims {
  const byConnection = new Map<string, Map<string, Held>>();
  const keyOf = ({ projectId, number }: TicketName) => fullTicketId(projectId, number);

  return {
    keep(connection, ticket) {
      const held = byConnection.get(connection) ?? new Map<string, Held>();
      sweep();
      if (hasLater(held, ticket)) return;
      byConnection.set(
        connection,
        held.set(keyOf(ticket), { ticket, keptAt: performance.now(), refusedAt: Number.POSITIVE_INFINITY }),
      );
    },
    find(connection, ticket, calledAt = performance.now()) {
      const found = byConnection.get(connection)?.get(keyOf(ticket));
      return found && calledAt <= found.refusedAt ? found.ticket.claimNumber : undefined;
    },
    refuse(connection, ticket) {
      const found = byConnection.get(connection)?.get(keyOf(ticket));
      if (found) found.refusedAt = Math.min(found.refusedAt, performance.now());
    },
    drop(connection, ticket) {
      const held = byConnection.get(connection);
      if (held && !hasLater(held, ticket)) held.delete(keyOf(ticket));
      if (held?.size === 0) byConnection.delete(connection);
    },
    of(connection) {
      const held = [...(byConnection.get(connection)?.values() ?? [])];
      const now = performance.now();
      return held
        .filter(({ refusedAt }) => refusedAt > now)
        .map(({ ticket, keptAt }) => ({ ticket, ageMs: now - keptAt }));
    },
  };

  function hasLater(held: Map<string, Held>, ticket: Ticket): boolean {
    return (held.get(keyOf(ticket))?.ticket.claimNumber ?? 0) > ticket.claimNumber;
  }

  function sweep() {
    const oldest = Date.now() - keptMs;
    for (const [connection, held] of byConnection) {
      if ([...held.values()].every(({ ticket }) => (ticket.claimExpiresAt ?? 0) < oldest))
        byConnection.delete(connection);
    }
  }
}
