/**
 * A ring of slices of paths in shared memory. One thread, the owner, lists paths and takes their verdicts back in order;
 * it and any helpers sift the slices in between. It blocks, so only worker threads take part.
 */
export interface SiftBoard {
  handle: SiftBoardHandle;
  /** How many slices were added, and how many of these someone has taken. */
  added(): number;
  taken(): number;
  /** @returns false while the ring is full, as seen from the slice that the owner waits for */
  hasRoom(oldest: number): boolean;
  /** The owner's; the paths must fit, as `fits` says. */
  add(paths: readonly string[]): void;
  /** The next slice to sift, by its number; undefined when all are taken. */
  take(): number | undefined;
  paths(slice: number): string[];
  /** Gives back a slice with the verdict of each path, a byte. */
  finish(slice: number, verdicts: Uint8Array): void;
  /** Undefined until the slice is finished; as many as it has paths. */
  verdicts(slice: number): Uint8Array | undefined;
  /** Waits a moment for the slice to be finished. */
  waitFor(slice: number): void;
  /** A helper's: waits a moment for a slice to take. */
  waitForMore(): void;
  /** Nothing more is to be sifted. */
  end(): void;
  hasEnded(): boolean;
}

export interface SiftBoardHandle {
  /** Counts of slices that were added and taken, whether all is over, and for each place the slice that is finished there. */
  state: Int32Array<SharedArrayBuffer>;
  slots: SharedArrayBuffer;
}

export const pathsPerSlice = 16;
const slotCount = 256;
/** Of all paths of a slice in UTF-8; no system opens a path that is longer. */
const textBytes = 4096;
const verdictsAt = 8;
const textAt = verdictsAt + pathsPerSlice;
const slotBytes = textAt + textBytes;
const patienceMs = 20;
const [addedAt, takenAt, endedAt, finishedAt] = [0, 1, 2, 3];

export function createSiftBoard(): SiftBoard {
  return openSiftBoard({
    state: new Int32Array(new SharedArrayBuffer((finishedAt + slotCount) * 4)),
    slots: new SharedArrayBuffer(slotCount * slotBytes),
  });
}

export function openSiftBoard(handle: SiftBoardHandle): SiftBoard {
  const { state } = handle;
  const slots = Buffer.from(handle.slots);
  const slotOf = (slice: number) => (slice % slotCount) * slotBytes;
  const flagOf = (slice: number) => finishedAt + (slice % slotCount);

  return {
    handle,
    added: () => Atomics.load(state, addedAt),
    taken: () => Atomics.load(state, takenAt),
    hasRoom: (oldest) => Atomics.load(state, addedAt) < oldest + slotCount,
    add(paths) {
      const slice = Atomics.load(state, addedAt);
      const slot = slotOf(slice);
      slots.writeUInt32LE(paths.length, slot);
      slots.writeUInt32LE(slots.write(paths.join('\0'), slot + textAt), slot + 4);
      Atomics.store(state, addedAt, slice + 1);
      Atomics.notify(state, addedAt);
    },
    take() {
      for (let slice = Atomics.load(state, takenAt); slice < Atomics.load(state, addedAt); ) {
        const found = Atomics.compareExchange(state, takenAt, slice, slice + 1);
        if (found === slice) return slice;
        slice = found;
      }
      return undefined;
    },
    paths(slice) {
      const start = slotOf(slice) + textAt;
      return slots.toString('utf8', start, start + slots.readUInt32LE(start - textAt + 4)).split('\0');
    },
    finish(slice, verdicts) {
      slots.set(verdicts, slotOf(slice) + verdictsAt);
      Atomics.store(state, flagOf(slice), slice + 1);
      Atomics.notify(state, flagOf(slice));
    },
    verdicts(slice) {
      if (Atomics.load(state, flagOf(slice)) !== slice + 1) return undefined;
      const slot = slotOf(slice);
      return slots.subarray(slot + verdictsAt, slot + verdictsAt + slots.readUInt32LE(slot));
    },
    waitFor(slice) {
      const flag = flagOf(slice);
      const value = Atomics.load(state, flag);
      if (value !== slice + 1) Atomics.wait(state, flag, value, patienceMs);
    },
    waitForMore() {
      const count = Atomics.load(state, addedAt);
      if (Atomics.load(state, takenAt) >= count) Atomics.wait(state, addedAt, count, patienceMs);
    },
    end() {
      Atomics.store(state, endedAt, 1);
      Atomics.notify(state, addedAt);
    },
    hasEnded: () => Atomics.load(state, endedAt) === 1,
  };
}

/** How many bytes of a slice a path takes, at most; together they may take `sliceBytes`. */
export function roomFor(path: string): number {
  return (path.length * 3 > textBytes / pathsPerSlice ? Buffer.byteLength(path) : path.length * 3) + 1;
}

export const sliceBytes = textBytes + 1;
