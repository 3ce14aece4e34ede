import { ProviderFailure } from './failure.ts';
import type { StreamEvent } from './provider.ts';

/** How long one try may take, in milliseconds. */
export interface Pace {
  /** Until the first piece: a queue at the provider, a model that is loaded, one that thinks unseen. */
  first: number;
  /** Between two pieces. */
  idle: number;
  total: number;
}

export const cloudPace: Pace = { first: 120_000, idle: 60_000, total: 600_000 };
export const localPace: Pace = { first: 300_000, idle: 120_000, total: 1_800_000 };

/**
 * Runs a stream within its times, and ends it when the caller cancels or stops reading. SDKs have no such limit once the
 * headers have come, and some end a stream quietly that was aborted.
 *
 * @throws ProviderFailure `timeout`, or the reason of the signal
 */
export async function* paced(
  open: (signal: AbortSignal) => AsyncGenerator<StreamEvent, void>,
  pace: Pace,
  signal: AbortSignal,
): AsyncGenerator<StreamEvent, void> {
  signal.throwIfAborted();
  const stop = new AbortController();
  const overdue = (what: string) => () => stop.abort(new ProviderFailure('timeout', { detail: what }));
  const total = setTimeout(overdue('the whole answer'), pace.total);
  const ended = AbortSignal.any([signal, stop.signal]);
  const events = open(ended);
  let waiting = setTimeout(overdue('the first word'), pace.first);
  try {
    for (;;) {
      const { value, done } = await orAborted(events.next(), ended);
      clearTimeout(waiting);
      if (done) return;
      yield value;
      waiting = setTimeout(overdue('the next word'), pace.idle);
    }
  } finally {
    clearTimeout(total);
    clearTimeout(waiting);
    stop.abort();
    events.return().catch(() => {}); // it is told, but need not be waited for
  }
}

/** What was begun may not hear of the end for a while; its caller does at once. */
async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();
  try {
    return await Promise.race([work, aborted.promise]);
  } catch (error) {
    work.catch(() => {}); // it fails later, and nobody waits for it
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
