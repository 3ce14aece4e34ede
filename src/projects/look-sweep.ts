import type { Root } from './door.ts';
import { type FileLook, looksAs } from './file-look.ts';

/** Files and how they looked, so laid out that threads share them. */
export interface KnownLooks {
  /** In UTF-8, with a NUL between two. */
  paths: Uint8Array<SharedArrayBuffer>;
  /** Of each path four numbers, as `lookAt` finds them. */
  looks: Float64Array<SharedArrayBuffer>;
}

/**
 * Compares very many files with how they looked, by all threads that help: one begins it, says which may be looked at by
 * now, and in the end looks at those that are left. It blocks, so only worker threads take part.
 */
export interface LookSweep {
  handle: LookSweepHandle;
  /** Lets the first files be looked at, as far as they sort before a path. */
  allowBefore(path: string): void;
  /** Lets all be looked at, and returns those that look otherwise. */
  finish(): string[];
}

export interface LookSweepHandle {
  root: Root;
  known: KnownLooks;
  /** How many files are allowed and how many chunks are taken; then of each chunk whether it is done. */
  state: Int32Array<SharedArrayBuffer>;
  isSame: Uint8Array<SharedArrayBuffer>;
}

const chunkFiles = 128;
const [allowedAt, takenAt, chunksAt] = [0, 1, 2];
/** A helper that takes longer for a chunk may have been ended. */
const patienceMs = 500;

/** @param paths those of `known`, where they are at hand */
export function createLookSweep(root: Root, known: KnownLooks, paths: readonly string[]): LookSweep {
  const chunks = Math.ceil(paths.length / chunkFiles);
  const state = new Int32Array(new SharedArrayBuffer((chunksAt + chunks) * 4));
  const isSame = new Uint8Array(new SharedArrayBuffer(paths.length));
  const handle = { root, known, state, isSame };
  const worker = createChunkWorker(handle, paths);
  let allowed = 0;

  return {
    handle,
    allowBefore(path) {
      for (let next = paths[allowed]; next !== undefined && next < path; next = paths[allowed]) allowed++;
      if (allowed - Atomics.load(state, allowedAt) >= chunkFiles) allow(allowed);
    },
    finish() {
      allow(paths.length);
      while (worker.takeOne());
      for (let chunk = 0; chunk < chunks; chunk++) {
        if (!isDone(chunk)) Atomics.wait(state, chunksAt + chunk, 0, patienceMs);
        if (!isDone(chunk)) worker.lookAt(chunk);
      }
      return paths.filter((_, file) => isSame[file] === 0);
    },
  };

  function allow(count: number) {
    Atomics.store(state, allowedAt, count);
    Atomics.notify(state, allowedAt);
  }

  function isDone(chunk: number): boolean {
    return Atomics.load(state, chunksAt + chunk) === 1;
  }
}

/** A helper's side, until all is taken. */
export function helpLooking(handle: LookSweepHandle): void {
  const { known, state, isSame } = handle;
  const worker = createChunkWorker(handle, Buffer.from(known.paths).toString().split('\0'));
  while (Atomics.load(state, takenAt) * chunkFiles < isSame.length) {
    const allowed = Atomics.load(state, allowedAt);
    if (!worker.takeOne()) Atomics.wait(state, allowedAt, allowed, patienceMs);
  }
}

function createChunkWorker({ root, known, state, isSame }: LookSweepHandle, paths: readonly string[]) {
  return { takeOne, lookAt };

  /** False when there is none to take now. */
  function takeOne(): boolean {
    const chunk = Atomics.load(state, takenAt);
    const end = Math.min((chunk + 1) * chunkFiles, paths.length);
    if (chunk * chunkFiles >= paths.length || end > Atomics.load(state, allowedAt)) return false;
    if (Atomics.compareExchange(state, takenAt, chunk, chunk + 1) === chunk) lookAt(chunk);
    return true;
  }

  function lookAt(chunk: number) {
    const end = Math.min((chunk + 1) * chunkFiles, paths.length);
    for (let file = chunk * chunkFiles; file < end; file++) {
      isSame[file] = looksAs(root, paths[file] ?? '', lookOf(known.looks, file)) ? 1 : 0;
    }
    Atomics.store(state, chunksAt + chunk, 1);
    Atomics.notify(state, chunksAt + chunk);
  }
}

/** The four numbers of one path. */
export function lookOf(looks: Float64Array, place: number): FileLook {
  const at = place * 4;
  const [size, modifiedAt] = [looks[at] ?? 0, looks[at + 1] ?? 0];
  return { size, modifiedAt, changedAt: looks[at + 2] ?? 0, inode: looks[at + 3] ?? 0 };
}
