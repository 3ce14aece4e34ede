import type { Store, Write } from '../store/store.ts';

type Change<Result> = (write: Write) => Promise<Result>;

/**
 * Changes of one scope, of which those that come while the store is at one go into the next together, since each waits
 * for the disk. One that fails takes the others of its turn with it, so a change tells by its result what is no fault.
 */
export function createWriteTogether(store: Store, scope: string): <Result>(change: Change<Result>) => Promise<Result> {
  let waiting: Array<{ run: Change<void>; fulfil(): void; fail(error: unknown): void }> = [];
  let isWriting = false;

  return <Result>(change: Change<Result>) => {
    const { promise, resolve, reject } = Promise.withResolvers<Result>();
    let results: Result[] = [];
    waiting.push({
      run: async (write) => {
        results = [await change(write)];
      },
      fulfil: () => results.forEach(resolve),
      fail: reject,
    });
    if (!isWriting) void writeAll();
    return promise;
  };

  async function writeAll() {
    isWriting = true;
    while (waiting.length > 0) {
      const turn = waiting;
      waiting = [];
      try {
        await store.write(scope, async (write) => {
          for (const { run } of turn) await run(write);
        });
        for (const { fulfil } of turn) fulfil();
      } catch (error) {
        for (const { fail } of turn) fail(error);
      }
    }
    isWriting = false;
  }
}
