import type { FolderMemory } from './folder-memory.ts';

/** What a walk may use. */
export interface WalkBudget {
  /** How many folders may lie in one another below the root; with 0 only the root's own files are listed. */
  maxDepth: number;
  /** Directory entries seen, ignored ones included. */
  maxEntries: number;
  /** Milliseconds of performance.now(). */
  deadline: number;
  shouldStop?: () => boolean;
  /** Of the thread, from walk to walk. */
  memory?: FolderMemory;
}

/** Which part of the budget ended the walk, or left something out of it. */
export type WalkCut = 'depth' | 'entries' | 'time' | 'cancelled';

export interface WalkEnd {
  /** Folders that the system refused to open. */
  unreadable: number;
  cut?: WalkCut;
}

export type Meter = ReturnType<typeof createMeter>;

/** Counts against the budget; reading the clock is put off until some hundred units of work are done. */
export function createMeter({ maxEntries, deadline, shouldStop }: WalkBudget) {
  let cut: WalkCut | undefined;
  let wasTooDeep = false;
  let unreadable = 0;
  let entriesLeft = maxEntries;
  let sinceLook = Number.POSITIVE_INFINITY;

  function isOver(): boolean {
    sinceLook = 0;
    const isCancelled = shouldStop?.() === true;
    const isLate = performance.now() >= deadline;
    if (isCancelled || isLate) cut = isCancelled ? 'cancelled' : 'time';
    return isCancelled || isLate;
  }

  return {
    /** False when the walk is to end now. */
    tick(weight: number): boolean {
      if (cut === 'time' || cut === 'cancelled') return false;
      sinceLook += weight;
      return sinceLook < 256 || !isOver();
    },
    /** How many of `count` entries may be used. */
    take(count: number): number {
      const allowed = Math.min(count, entriesLeft);
      entriesLeft -= allowed;
      if (allowed < count) cut ??= 'entries';
      return allowed;
    },
    /** True up to one entry too many, so that take() sees that there are more. */
    hasRoomFor: (count: number): boolean => count <= entriesLeft,
    isFull: (): boolean => cut === 'entries',
    noteDepth(): void {
      wasTooDeep = true;
    },
    noteUnreadable(): void {
      unreadable++;
    },
    unreadable: (): number => unreadable,
    cut: (): WalkCut | undefined => cut ?? (wasTooDeep ? 'depth' : undefined),
  };
}
