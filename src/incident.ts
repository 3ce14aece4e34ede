import { randomBytes } from 'node:crypto';
import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';
import { UserError } from './errors.ts';
import type { Log } from './log.ts';

/** Logs a fault of ours in full and returns the one sentence that a caller sees of it. */
export function reportIncident(error: unknown, log: Log, during: string): string {
  const incident = randomBytes(4).toString('hex');
  log.error({ err: error, during, incident }, 'a call failed');
  return `Octant failed to do this. The operator finds incident ${incident} in its log.`;
}

/**
 * Runs the handler of a request that is not a tool call. What the caller can mend becomes an error with its code and
 * message, the rest an incident: the SDK would send any message as it is, paths of this machine and all.
 */
export async function withProtocolErrors<T>(
  { log, during, signal }: { log: Log; during: string; signal: AbortSignal },
  action: () => T | Promise<T>,
): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof ProtocolError || signal.aborted) throw error; // nobody waits for the answer of the latter
    if (error instanceof UserError) {
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, `${error.code}: ${error.message}`);
    }
    throw new ProtocolError(ProtocolErrorCode.InternalError, reportIncident(error, log, during));
  }
}
