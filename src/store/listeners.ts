import type { Changed } from './store.ts';

/** Those who want to hear of changes. `onFirst` and `onLast` start and stop what looks for them. */
export function createListeners(options: { onFirst(): void; onLast(): void }) {
  const listeners = new Set<(changed: Changed) => void>();

  return {
    add(listener: (changed: Changed) => void): () => void {
      listeners.add(listener);
      if (listeners.size === 1) options.onFirst();
      return () => {
        if (listeners.delete(listener) && listeners.size === 0) options.onLast();
      };
    },
    tell(changed: Changed) {
      for (const listener of listeners) listener(changed);
    },
  };
}
