export interface BatchOptions {
  /** Most at a time. */
  parallel: number;
  /** Nothing is begun after it, by `performance.now()`. */
  until: number;
  signal: AbortSignal;
  onDone(done: number): void;
}

export interface BatchEnd {
  done: number;
  /** What the work threw, which ended the batch. */
  failure?: unknown;
}

/**
 * Works on items in their order, so many at a time, until all are done, the time is over, one fails or the caller cancels.
 * At the end of the time it does not wait for what has been begun: that goes on by itself, and its result is kept by
 * the work.
 *
 * @throws the reason of the signal
 */
export async function runBatch<Item>(
  items: readonly Item[],
  work: (item: Item) => Promise<void>,
  { parallel, until, signal, onDone }: BatchOptions,
): Promise<BatchEnd> {
  let next = 0;
  const end: BatchEnd = { done: 0 };
  const over = Promise.withResolvers<void>();
  const timer = setTimeout(over.resolve, Math.max(0, until - performance.now()));
  const cancel = () => over.reject(signal.reason);
  signal.addEventListener('abort', cancel, { once: true });
  if (signal.aborted) cancel();
  const mayBegin = () =>
    next < items.length && !signal.aborted && end.failure === undefined && performance.now() < until;

  const lane = async () => {
    while (mayBegin()) {
      const item = items[next++];
      if (item === undefined) continue;
      try {
        await work(item);
        onDone(++end.done);
      } catch (error) {
        end.failure ??= error;
      }
    }
  };

  try {
    const lanes = Promise.all(Array.from({ length: Math.min(parallel, items.length) }, lane));
    await Promise.race([lanes, over.promise]);
    return { ...end };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', cancel);
    over.promise.catch(() => {});
  }
}
