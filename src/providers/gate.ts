import { ProviderFailure } from './failure.ts';

/** Lets so many in at a time; so many more may wait, in their order. */
export interface Gate {
  /**
   * @returns what is to be called when leaving, once
   * @throws ProviderFailure `busy`, or the reason of the signal
   */
  enter(signal: AbortSignal): Promise<() => void>;
  running(): number;
  waiting(): number;
}

export function createGate(most: number, mostWaiting: number): Gate {
  const queue: Array<() => void> = [];
  let running = 0;

  return {
    async enter(signal) {
      signal.throwIfAborted();
      if (running < most) running++;
      else if (queue.length < mostWaiting) await turn(signal);
      else throw new ProviderFailure('busy');
      return leave;
    },
    running: () => running,
    waiting: () => queue.length,
  };

  /** Who leaves hands on its place, so that the count stays. */
  function leave() {
    const next = queue.shift();
    if (next) next();
    else running--;
  }

  async function turn(signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const giveUp = () => {
      const place = queue.indexOf(resolve);
      if (place < 0) return; // it was let in a moment ago
      queue.splice(place, 1);
      reject(signal.reason);
    };
    queue.push(resolve);
    signal.addEventListener('abort', giveUp, { once: true });
    try {
      await promise;
    } finally {
      signal.removeEventListener('abort', giveUp);
    }
  }
}
