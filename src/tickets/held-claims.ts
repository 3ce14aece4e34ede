import { fullTicketId, type Ticket } from './ticket.ts';

interface Named {
  projectId: string;
  number: number;
}

/**
 * The claims that each connection was given, in this process. A call of their holder renews them, and a change by one
 * whose claim is over is refused. A server that ends forgets them, and they run out by themselves.
 */
export interface HeldClaims {
  keep(connection: string, ticket: Ticket): void;
  /** The number of the claim, even when it is over by now. */
  find(connection: string, ticket: Named): number | undefined;
  drop(connection: string, ticket: Named): void;
  of(connection: string): Ticket[];
}

/** A late write is refused for so long; after that its connection is gone, or was one of a single request. */
const keptMs = 24 * 60 * 60_000;

export function createHeldClaims(): HeldClaims {
  const byConnection = new Map<string, Map<string, Ticket>>();
  const keyOf = ({ projectId, number }: Named) => fullTicketId(projectId, number);

  return {
    keep(connection, ticket) {
      const held = byConnection.get(connection) ?? new Map<string, Ticket>();
      sweep();
      byConnection.set(connection, held.set(keyOf(ticket), ticket));
    },
    find: (connection, ticket) => byConnection.get(connection)?.get(keyOf(ticket))?.claimNumber,
    drop(connection, ticket) {
      const held = byConnection.get(connection);
      held?.delete(keyOf(ticket));
      if (held?.size === 0) byConnection.delete(connection);
    },
    of: (connection) => [...(byConnection.get(connection)?.values() ?? [])],
  };

  function sweep() {
    const oldest = Date.now() - keptMs;
    for (const [connection, held] of byConnection) {
      if ([...held.values()].every(({ claimExpiresAt }) => (claimExpiresAt ?? 0) < oldest))
        byConnection.delete(connection);
    }
  }
}
