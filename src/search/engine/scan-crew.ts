import { type Address, loadScanModule } from '../wasm/modules.ts';
import { type ArenaHandle, openArena } from './arena.ts';
import { hitWords } from './query-area.ts';

/**
 * Lets other threads scan along. A list of blocks is cut into chunks that every thread takes in turn; the thread that
 * asks gets their hits in order, so that it can stop as soon as it has enough, and works along while it waits. Helpers
 * sleep in between. At most a ring of chunks is worked on ahead of what was asked for.
 */
export interface ScanCrew {
  handle: ScanCrewHandle;
  /** Whether no job is under way: there can be one at a time. */
  isFree(): boolean;
  /** Scans blocks as `scanBlocks` does, and leads through the hits: their address and number, in order. */
  scan(job: ScanJob): Generator<HitBatch>;
  /** How many lines of the blocks hold the needle. */
  count(job: ScanJob): number;
  /** Lets the helpers go. */
  close(): void;
}

export interface ScanCrewHandle {
  arena: ArenaHandle;
  control: Int32Array<SharedArrayBuffer>;
  /** In the arena, a slot for each chunk of the ring. */
  slots: Address;
}

export interface ScanJob {
  needle: Address;
  filter: Address;
  list: Address;
  count: number;
}

export interface HitBatch {
  hits: Address;
  count: number;
}

const chunkBlocks = 64;
const ring = 32;
const slotHits = 1024;
/** A slot: a cursor, then the hits. */
const slotBytes = 16 + slotHits * hitWords * 4;
const patienceMs = 2;

/** Places in the control words. */
const epoch = 0;
const isOpen = 1;
const activeHelpers = 2;
const nextChunk = 3;
const consumed = 4;
const jobAt = 5; // needle, filter, list, count, whether to count
const resultsAt = 16; // for each slot of the ring, 1 + its hits once it is done

/** @returns undefined when the arena is full */
export function createScanCrew(arenaHandle: ArenaHandle): ScanCrew | undefined {
  const slots = openArena(arenaHandle).reserve(ring * slotBytes);
  if (slots === undefined) return undefined;
  const control = new Int32Array(new SharedArrayBuffer((resultsAt + ring) * 4));
  const handle = { arena: arenaHandle, control, slots };
  const worker = createChunkWorker(handle);

  return {
    handle,
    isFree: () => Atomics.load(control, isOpen) === 0,
    *scan(job) {
      const chunks = open(job, false);
      try {
        for (let chunk = 0; chunk < chunks; chunk++) {
          const count = resultOf(chunk);
          yield { hits: slotOf(chunk) + 16, count };
          if (count === slotHits) yield* worker.rest(chunk);
          release(chunk);
        }
      } finally {
        closeJob();
      }
    },
    count(job) {
      const chunks = open(job, true);
      let lines = 0;
      for (let chunk = 0; chunk < chunks; chunk++) {
        lines += resultOf(chunk);
        release(chunk);
      }
      closeJob();
      return lines;
    },
    close() {
      Atomics.store(control, epoch, -1);
      Atomics.notify(control, epoch);
    },
  };

  function slotOf(chunk: number): Address {
    return handle.slots + (chunk % ring) * slotBytes;
  }

  function open({ needle, filter, list, count }: ScanJob, isCount: boolean): number {
    control.fill(0, resultsAt);
    control[nextChunk] = 0;
    control[consumed] = 0;
    for (const [index, word] of [needle, filter, list, count, isCount ? 1 : 0].entries()) control[jobAt + index] = word;
    Atomics.store(control, isOpen, 1);
    Atomics.add(control, epoch, 1);
    Atomics.notify(control, epoch);
    return Math.ceil(count / chunkBlocks);
  }

  /** A helper that comes late finds the job closed and leaves, so that the next one can be written once none is there. */
  function closeJob() {
    Atomics.store(control, isOpen, 0);
    for (let active = Atomics.load(control, activeHelpers); active > 0; active = Atomics.load(control, activeHelpers)) {
      Atomics.wait(control, activeHelpers, active, patienceMs);
    }
  }

  /** Waits for a chunk, and works on others until it is done. */
  function resultOf(chunk: number): number {
    const at = resultsAt + (chunk % ring);
    for (let result = Atomics.load(control, at); ; result = Atomics.load(control, at)) {
      if (result > 0) return result - 1;
      if (!worker.workOnOne()) Atomics.wait(control, at, 0, patienceMs);
    }
  }

  function release(chunk: number) {
    Atomics.store(control, resultsAt + (chunk % ring), 0);
    Atomics.store(control, consumed, chunk + 1);
    Atomics.notify(control, consumed);
  }
}

/** The helper's side: works until the crew is closed. It blocks its thread. */
export function helpScanning(handle: ScanCrewHandle): void {
  const { control } = handle;
  const worker = createChunkWorker(handle);
  for (let seen = 0; ; ) {
    Atomics.wait(control, epoch, seen);
    seen = Atomics.load(control, epoch);
    if (seen < 0) return;
    Atomics.add(control, activeHelpers, 1);
    while (Atomics.load(control, isOpen) === 1 && worker.hasMore()) {
      if (worker.workOnOne()) continue;
      const done = Atomics.load(control, consumed);
      if (Atomics.load(control, nextChunk) >= done + ring) Atomics.wait(control, consumed, done, patienceMs);
    }
    Atomics.sub(control, activeHelpers, 1);
    Atomics.notify(control, activeHelpers);
  }
}

function createChunkWorker({ arena: arenaHandle, control, slots }: ScanCrewHandle) {
  const arena = openArena(arenaHandle);
  const scan = loadScanModule(arenaHandle.memory);
  const job = (place: number) => (control[jobAt + place] ?? 0) >>> 0;

  return {
    hasMore: () => Atomics.load(control, nextChunk) * chunkBlocks < job(3),

    /** Takes a chunk and scans it; false when there is none to take now. */
    workOnOne(): boolean {
      const chunk = Atomics.load(control, nextChunk);
      if (chunk * chunkBlocks >= job(3) || chunk >= Atomics.load(control, consumed) + ring) return false;
      if (Atomics.compareExchange(control, nextChunk, chunk, chunk + 1) !== chunk) return true;
      const { list, count } = partOf(chunk);
      const slot = slots + (chunk % ring) * slotBytes;
      arena.words().fill(0, slot / 4, slot / 4 + 4);
      const result =
        job(4) === 1 ? scan.countLines(job(0), list, count) : scanInto(list, count, slot, slot + 16, slotHits);
      Atomics.store(control, resultsAt + (chunk % ring), 1 + result);
      Atomics.notify(control, resultsAt + (chunk % ring));
      return true;
    },

    /** What did not fit into the slot of a chunk. */
    *rest(chunk: number): Generator<HitBatch> {
      const { list, count } = partOf(chunk);
      const slot = slots + (chunk % ring) * slotBytes;
      for (let found = slotHits; found === slotHits; ) {
        found = scanInto(list, count, slot, slot + 16, slotHits);
        yield { hits: slot + 16, count: found };
      }
    },
  };

  function partOf(chunk: number) {
    const first = chunk * chunkBlocks;
    return { list: job(2) + first * 4, count: Math.min(chunkBlocks, job(3) - first) };
  }

  function scanInto(list: Address, count: number, cursor: Address, hits: Address, most: number): number {
    return scan.scanBlocks(job(0), job(1), list, count, cursor, hits, most);
  }
}
