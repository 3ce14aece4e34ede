import { setTimeout as delay } from 'node:timers/promises';
import { longestWaitMs } from './breaker.ts';
import { type FailureKind, ProviderFailure } from './failure.ts';

const mostTries = 4;
const firstWaitMs = 500;
const longestPauseMs = 20_000;
/** A program that loads a model says so at once, and as often as it is asked. */
const loadingPauseMs = 1000;

const passing: ReadonlySet<FailureKind> = new Set(['rate_limited', 'overloaded', 'unreachable', 'cut']);

export interface RetryOptions {
  signal: AbortSignal;
  /** Whether a model that is being loaded is waited for. */
  waitsForLoading: boolean;
  /** Whether another try after so long makes sense. */
  mayWait(ms: number): boolean;
  allowance: RetryAllowance;
  random(): number;
  wait?: (ms: number, signal: AbortSignal) => Promise<void>;
}

/**
 * Tries again what failed for a while, before anything of an answer has come: after that it would come twice. Waits a
 * random time up to a limit that doubles (full jitter), or as long as the provider asks for. A model that is being loaded
 * has not failed: it is waited for as long as the call may take.
 */
export async function* retrying<Event>(
  open: () => AsyncGenerator<Event, void>,
  { signal, waitsForLoading, mayWait, allowance, random, wait = pause }: RetryOptions,
): AsyncGenerator<Event, void> {
  allowance.earn();
  for (let tried = 1; ; ) {
    let hasBegun = false;
    try {
      for await (const event of open()) {
        hasBegun = true;
        yield event;
      }
      return;
    } catch (error) {
      if (hasBegun || !(error instanceof ProviderFailure)) throw error;
      if (error.kind === 'loading' && waitsForLoading && mayWait(loadingPauseMs)) {
        await wait(loadingPauseMs, signal);
        continue;
      }
      if (!passing.has(error.kind)) throw error;
      const jitter = random() * Math.min(longestPauseMs, firstWaitMs * 2 ** (tried - 1));
      const waitMs = Math.max(jitter, error.retryAfterMs ?? 0);
      if (tried === mostTries || waitMs > longestWaitMs || !mayWait(waitMs) || !allowance.spend()) throw error;
      await wait(waitMs, signal);
      tried++;
    }
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => {});
  signal.throwIfAborted();
}

/** So that a provider in trouble is not asked many times as often: a retry for each five calls, and a few besides. */
export interface RetryAllowance {
  earn(): void;
  spend(): boolean;
}

export function createRetryAllowance(): RetryAllowance {
  const most = 10;
  let left = most;
  return {
    earn() {
      left = Math.min(most, left + 0.2);
    },
    spend() {
      if (left < 1) return false;
      left--;
      return true;
    },
  };
}
