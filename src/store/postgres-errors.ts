import { systemCode } from '../errors.ts';
import { storageFull, unavailable } from './faults.ts';
import { UnknownOutcome } from './transaction.ts';

/** Classes and codes of https://www.postgresql.org/docs/current/errcodes-appendix.html */
const connectionLost = /^(08|57P0[123])/; // connection exceptions; shut down, crash, starting up
const conflict = new Set(['40001', '40P01']); // serialization failure, deadlock
const networkCodes = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN', 'ENOENT']);
/** pg gives these no code. */
const lostMessages =
  /^(Connection terminated|Client has encountered a connection error|timeout exceeded when trying to connect)/;

/** Whether the same change may succeed in a moment; the database has taken the failed one back. */
export function isRetryable(error: unknown): boolean {
  if (error instanceof UnknownOutcome) return true; // and was found not to have happened
  const code = systemCode(error) ?? '';
  return conflict.has(code) || isConnectionLost(error, code);
}

function isConnectionLost(error: unknown, code: string): boolean {
  return (
    connectionLost.test(code) ||
    networkCodes.has(code) ||
    (error instanceof Error && lostMessages.test(error.message)) ||
    (error instanceof AggregateError && error.errors.some((each) => networkCodes.has(systemCode(each) ?? '')))
  );
}

/** What a caller is told when PostgreSQL fails through no fault of ours; anything else is returned as it is. */
export function fromPostgres(error: unknown): unknown {
  const code = systemCode(error) ?? '';
  if (error instanceof UnknownOutcome || isConnectionLost(error, code)) {
    return unavailable('The database of the store cannot be reached. Try again in a moment.', error);
  }
  if (conflict.has(code) || code === '55P03' || code === '57014') {
    return unavailable('The store is busy. Nothing was changed; try again.', error);
  }
  if (code === '53100') return storageFull(error);
  if (code.startsWith('28') || code === '3D000') {
    return unavailable('The database of the store refuses the connection. The log says why.', error);
  }
  if (code === '25006') return unavailable('The database of the store is read-only. Nothing was changed.', error);
  return error;
}
