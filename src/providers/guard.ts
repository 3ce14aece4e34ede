import { type Breaker, createBreaker, through } from './breaker.ts';
import { type FailureKind, failureBy, failureOf, ProviderFailure } from './failure.ts';
import { createGate } from './gate.ts';
import { cloudPace, localPace, paced } from './pace.ts';
import type { StreamEvent } from './provider.ts';
import { createRetryAllowance, retrying } from './retry.ts';

/** What stands between a caller and one provider, from outside in: deadline, gate, retries, breaker, pace of one try. */
export interface Guard {
  /** `tryOnce` is called for each try. */
  stream(
    model: string,
    tryOnce: (signal: AbortSignal) => AsyncGenerator<StreamEvent, void>,
    limits: CallLimits,
  ): AsyncGenerator<StreamEvent, void>;
  state(): GuardState;
}

export interface CallLimits {
  signal: AbortSignal;
  /** All tries and waits together. */
  withinMs: number;
  /** Whether a model that is being loaded is waited for; it is unless there is another to ask. */
  waitsForLoading?: boolean;
}

export interface GuardState {
  running: number;
  waiting: number;
  /** Models that are left alone, and for how long. */
  resting: Array<{ model: string; leftMs: number }>;
  lastFailure: { model: string; kind: FailureKind; agoMs: number } | undefined;
}

const mostWaiting = 32;
/** Callers choose names, so they are forgotten. */
const mostBreakers = 200;

export interface Chance {
  /** Milliseconds of a clock that never jumps. */
  now(): number;
  random(): number;
}

/** What a machine can do, and what services allow. */
const usual = { local: 4, cloud: 8 };

export function createGuard(options: {
  provider: string;
  isLocal: boolean;
  /** Most calls at a time. */
  parallel?: number | undefined;
  chance: Chance;
}): Guard {
  const { provider, isLocal, parallel = isLocal ? usual.local : usual.cloud, chance } = options;
  const { now, random } = chance;
  const gate = createGate(parallel, mostWaiting);
  const allowance = createRetryAllowance();
  const breakers = new Map<string, Breaker>();
  const pace = isLocal ? localPace : cloudPace;
  let last: { model: string; kind: FailureKind; at: number } | undefined;

  return {
    async *stream(model, tryOnce, { signal, withinMs, waitsForLoading = true }) {
      const begun = now();
      const deadline = new AbortController();
      const timer = setTimeout(() => deadline.abort(new ProviderFailure('overdue')), withinMs);
      const ended = AbortSignal.any([signal, deadline.signal]);
      const breaker = breakerOf(model);
      try {
        const leave = await gate.enter(ended);
        try {
          const open = () => through(breaker, () => failing(paced(tryOnce, pace, ended), signal));
          const mayWait = (ms: number) => breaker.restsMs() === 0 && now() - begun + ms < withinMs;
          yield* retrying(open, { signal: ended, waitsForLoading, mayWait, allowance, random });
        } finally {
          leave();
        }
      } catch (error) {
        signal.throwIfAborted();
        const failure = failureOf(error);
        if (failure.kind !== 'resting' && failure.kind !== 'busy') last = { model, kind: failure.kind, at: now() };
        throw failureBy(`${provider}/${model}`, failure);
      } finally {
        clearTimeout(timer);
      }
    },

    state() {
      const rests = [...breakers].map(([model, breaker]) => ({ model, leftMs: breaker.restsMs() }));
      return {
        running: gate.running(),
        waiting: gate.waiting(),
        resting: rests.filter(({ leftMs }) => leftMs > 0),
        lastFailure: last && { model: last.model, kind: last.kind, agoMs: now() - last.at },
      };
    },
  };

  function breakerOf(model: string): Breaker {
    const breaker = breakers.get(model) ?? createBreaker({ isLocal, now });
    breakers.delete(model);
    breakers.set(model, breaker);
    for (const [oldest] of breakers) if (breakers.size > mostBreakers) breakers.delete(oldest);
    return breaker;
  }
}

/** Whatever goes wrong within a try as a failure, but for the end of the caller's interest. */
async function* failing(
  events: AsyncGenerator<StreamEvent, void>,
  signal: AbortSignal,
): AsyncGenerator<StreamEvent, void> {
  let hasBegun = false;
  try {
    for await (const event of events) {
      hasBegun = true;
      yield event;
    }
  } catch (error) {
    signal.throwIfAborted();
    const failure = failureOf(error);
    throw failure.kind === 'overdue' && !hasBegun ? new ProviderFailure('timeout') : failure;
  }
}
