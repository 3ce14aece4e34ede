import { isAscii } from 'node:buffer';
import type { Arena } from './arena.ts';
import { createFileColumns, type FileColumns, fileStates } from './file-table.ts';
import { toSearchableText } from './searchable-text.ts';
import { createSegmentBuilder, maxTextBytes, type Segment } from './segment-builder.ts';

/** A file as it was found on disk; `bytes` last until the next one is read. */
export interface ReadFile {
  /** Undefined for a file that is larger than `maxTextBytes`. */
  bytes: Buffer | undefined;
  size: number;
  modifiedAt: number;
}

/** Reads a listed file, into `room` where it can; undefined when it is gone or is not to be read. */
export type FileReader = (path: string, room: Buffer) => ReadFile | undefined;

/** The index of neighbouring files, in path order. */
export interface Slice {
  /** Number of the first of its files. */
  first: number;
  files: FileColumns;
  segments: Segment[];
}

export interface TextLimits {
  /** Of one text. */
  textBytes: number;
  /** No more text is kept once the arena is so full, so that what is left can hold the index. */
  arenaBytes: number;
}

/** What to make a slice of. */
export interface SlicePlan {
  /** Number of the first of its files. */
  first: number;
  paths: string[];
  /** Of what is kept; the other texts stay on the disk. */
  limits: TextLimits;
}

export interface SliceBuilder {
  /** @returns `full` when the arena has no room for the index, though it may have none for text */
  build(plan: SlicePlan, shouldStop: () => boolean): Slice | 'full' | 'stopped';
  /** The same in steps of a file each. */
  steps(plan: SlicePlan): Generator<void, Slice | 'full'>;
}

/**
 * Reads files, keeps their text while there is room for it, and indexes them. One thread has one builder; several
 * builders fill one arena.
 */
export function createSliceBuilder(arena: Arena, read: FileReader): SliceBuilder {
  const builder = createSegmentBuilder(arena);
  return {
    build(plan, shouldStop) {
      const all = steps(plan);
      for (let step = all.next(); ; step = all.next()) {
        if (step.done) return step.value;
        if (shouldStop()) return 'stopped';
      }
    },
    steps,
  };

  function* steps({ first, paths, limits }: SlicePlan): Generator<void, Slice | 'full'> {
    const files = createFileColumns(paths);
    for (const [index, path] of paths.entries()) {
      yield;
      add(files, index, first + index, path, limits);
    }
    const segments = builder.finish();
    return segments === 'full' ? segments : { first, files, segments };
  }

  function add(files: FileColumns, index: number, file: number, path: string, limits: TextLimits) {
    const found = read(path, builder.room());
    if (found === undefined) return;
    files.sizes[index] = found.size;
    files.modifiedAt[index] = found.modifiedAt;
    const text = found.bytes && toSearchableText(found.bytes);
    const isTooLarge = found.bytes === undefined || (text !== undefined && text.length > maxTextBytes);
    if (isTooLarge || text === undefined) {
      files.states[index] = isTooLarge ? fileStates.tooLarge : fileStates.binary;
      return;
    }
    const isKept = text.length <= limits.textBytes && arena.usedBytes() + text.length < limits.arenaBytes;
    const start = isKept ? storeText(arena, text) : undefined;
    files.states[index] = start === undefined ? fileStates.disk : fileStates.memory;
    files.isAscii[index] = start !== undefined && isAscii(text) ? 1 : 0;
    files.starts[index] = start ?? 0;
    files.lengths[index] = text.length;
    builder.add(file, text, start ?? 0);
  }
}

/** Copies a text into the arena, with a `\n` behind it that the scan may read. */
export function storeText(arena: Arena, text: Uint8Array): number | undefined {
  const start = arena.reserve(text.length + 1);
  if (start === undefined) return undefined;
  const bytes = arena.bytes();
  bytes.set(text, start);
  bytes[start + text.length] = 10;
  return start;
}
