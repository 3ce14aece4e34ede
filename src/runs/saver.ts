import { setTimeout as delay } from 'node:timers/promises';

/** Keeps the latest state of what changes often. */
export interface Saver {
  /** Within a moment; what changes in it is one write. */
  save(): void;
  /** Nothing is written after it. */
  end(): Promise<void>;
}

const momentMs = 100;

/** @param write writes the state as it is then; throws nothing */
export function createSaver(write: () => Promise<void>): Saver {
  const over = new AbortController();
  let isStale = false;
  let writing: Promise<void> | undefined;

  return {
    save() {
      isStale = true;
      writing ??= writeAll().finally(() => {
        writing = undefined;
      });
    },
    async end() {
      over.abort();
      await writing;
    },
  };

  async function writeAll() {
    while (isStale) {
      await delay(momentMs, undefined, { signal: over.signal, ref: false }).catch(() => {}); // at the end
      if (over.signal.aborted) return;
      isStale = false;
      await write();
    }
  }
}
