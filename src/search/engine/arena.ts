import type { Address } from '../wasm/modules.ts';

/** What a thread needs to open an arena that another one made; can be posted to it. */
export interface ArenaHandle {
  memory: WebAssembly.Memory;
  /** One integer: the next free granule. */
  next: Int32Array<SharedArrayBuffer>;
  limitBytes: number;
}

/**
 * One shared memory that holds text, tables and posting lists, for all threads at once. Room is only ever handed out;
 * what is not used any more becomes free when the whole arena is given up for a new one.
 */
export interface Arena {
  handle: ArenaHandle;
  /** Zeroed room at a multiple of 16, or undefined when the limit or the machine's memory is reached. */
  reserve(bytes: number): Address | undefined;
  /** All of the memory as it is now; memory reserved later may lie beyond. */
  bytes(): Buffer;
  words(): Uint32Array;
  usedBytes(): number;
}

/** Thrown where a search has no room in it: the files have the answer. */
export class ArenaFull extends RangeError {
  constructor() {
    super('The arena of the search is full.');
  }
}

const granuleBytes = 16;
const pageBytes = 65_536;
const growthPages = 256;
/** A WebAssembly memory ends at 4 GiB; the last page stays free, so that no end of a range wraps around to 0. */
const maxPages = 65_535;

/** @throws RangeError where the system refuses the address space */
export function createArena(limitBytes: number): Arena {
  const maximum = Math.min(maxPages, Math.ceil(limitBytes / pageBytes) + 1);
  const memory = new WebAssembly.Memory({ initial: 1, maximum, shared: true });
  const next = new Int32Array(new SharedArrayBuffer(4));
  next[0] = 1; // address 0 means none
  return openArena({ memory, next, limitBytes: Math.min(limitBytes, maximum * pageBytes) });
}

export function openArena(handle: ArenaHandle): Arena {
  const { memory, next, limitBytes } = handle;
  let views = viewsOf(memory);

  return {
    handle,
    reserve(bytes) {
      const granules = Math.ceil(bytes / granuleBytes);
      const start = Atomics.add(next, 0, granules) * granuleBytes;
      const end = start + granules * granuleBytes;
      if (end <= limitBytes && hasGrownTo(end)) return start;
      Atomics.sub(next, 0, granules);
      return undefined;
    },
    bytes: () => refreshed().bytes,
    words: () => refreshed().words,
    usedBytes: () => Atomics.load(next, 0) * granuleBytes,
  };

  /** Another thread may grow it as well; then it grows by a little more than both asked for. */
  function hasGrownTo(end: number): boolean {
    try {
      for (let missing = end - memory.buffer.byteLength; missing > 0; missing = end - memory.buffer.byteLength) {
        const room = Math.floor((limitBytes - memory.buffer.byteLength) / pageBytes);
        memory.grow(Math.max(Math.ceil(missing / pageBytes), Math.min(growthPages, room)));
      }
      return true;
    } catch (error) {
      if (error instanceof RangeError) return memory.buffer.byteLength >= end;
      throw error;
    }
  }

  function refreshed() {
    if (views.bytes.length !== memory.buffer.byteLength) views = viewsOf(memory);
    return views;
  }
}

function viewsOf({ buffer }: WebAssembly.Memory) {
  return { bytes: Buffer.from(buffer), words: new Uint32Array(buffer) };
}
