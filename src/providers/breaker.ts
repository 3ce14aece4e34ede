import { type FailureKind, ProviderFailure } from './failure.ts';

/**
 * Keeps from asking what fails anyway: after too many faults nothing is let through for a while, then one call, which
 * decides. Refusals are no faults: they say that the provider works.
 */
export interface Breaker {
  /** @throws ProviderFailure `resting` */
  enter(): Passage;
  /** How long nothing is let through; 0 where calls are. */
  restsMs(): number;
}

/** One call. Exactly one of these ends it. */
export interface Passage {
  succeed(): void;
  fail(failure: ProviderFailure): void;
  /** Nothing was learned: its caller went away. */
  leave(): void;
}

const remembered = 20;
const leastFaults = { cloud: 5, local: 3 };
const firstRestMs = 15_000;
const longestRestMs = 5 * 60_000;
/** A provider that asks for a longer wait than a call would make is not asked before. */
export const longestWaitMs = 30_000;

const faults: ReadonlySet<FailureKind> = new Set([
  'overloaded',
  'unreachable',
  'timeout',
  'cut',
  'bad_response',
  'certificate',
]);

export function createBreaker({ isLocal, now }: { isLocal: boolean; now: () => number }): Breaker {
  /** Of the last calls, whether they failed. */
  let outcomes: boolean[] = [];
  let restMs = firstRestMs;
  let restsUntil = 0;
  /** It has rested, and the next call decides. */
  let isOnTrial = false;
  let hasTrial = false;
  let lastFault: FailureKind | undefined;

  return {
    enter() {
      const left = restsUntil - now();
      if (left > 0) throw new ProviderFailure('resting', { detail: lastFault, retryAfterMs: left });
      if (isOnTrial && hasTrial) throw new ProviderFailure('resting', { detail: lastFault });
      const isTrial = isOnTrial;
      hasTrial = isTrial;
      return passage(isTrial);
    },
    restsMs: () => Math.max(0, restsUntil - now()),
  };

  function passage(isTrial: boolean): Passage {
    const end = () => {
      if (isTrial) hasTrial = false;
    };
    return {
      leave: end,
      succeed() {
        end();
        note(false, isTrial);
      },
      fail({ kind, retryAfterMs = 0 }) {
        end();
        if (faults.has(kind) || kind === 'rate_limited') lastFault = kind;
        if (faults.has(kind)) note(true, isTrial);
        else if (kind === 'rate_limited' && retryAfterMs > longestWaitMs) {
          restsUntil = now() + Math.min(retryAfterMs, longestRestMs);
        } else if (kind !== 'rate_limited') note(false, isTrial); // it refused, so it is there
      },
    };
  }

  function note(isFault: boolean, isTrial: boolean) {
    if (isTrial) {
      isOnTrial = isFault;
      outcomes = [];
      restMs = isFault ? Math.min(restMs * 2, longestRestMs) : firstRestMs;
      if (isFault) restsUntil = now() + restMs;
      return;
    }
    outcomes = [...outcomes, isFault].slice(-remembered);
    if (isOnTrial || !isTooMany()) return;
    isOnTrial = true;
    restsUntil = now() + restMs;
  }

  function isTooMany(): boolean {
    if (isLocal) return outcomes.length >= leastFaults.local && outcomes.slice(-leastFaults.local).every(Boolean);
    const count = outcomes.filter(Boolean).length;
    return count >= leastFaults.cloud && count * 2 >= outcomes.length;
  }
}

/** One call through a breaker; a reader that stops reading tells nothing of the provider. */
export async function* through<Event>(
  breaker: Breaker,
  open: () => AsyncGenerator<Event, void>,
): AsyncGenerator<Event, void> {
  const passage = breaker.enter();
  let end = () => passage.leave();
  try {
    yield* open();
    end = () => passage.succeed();
  } catch (error) {
    if (error instanceof ProviderFailure) end = () => passage.fail(error);
    throw error;
  } finally {
    end();
  }
}
