/**
 * One after the other, in the order in which they came. Between two of them the event loop goes round: what blocks this
 * thread, as a commit does, would else keep it from all others until none waits any more.
 */
export function createTurns(): <Result>(action: () => Promise<Result>) => Promise<Result> {
  let last: Promise<void> = Promise.resolve();

  return async (action) => {
    const before = last;
    const { promise, resolve } = Promise.withResolvers<void>();
    last = promise;
    await before;
    try {
      return await action();
    } finally {
      setImmediate(resolve);
    }
  };
}
