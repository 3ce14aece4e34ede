import type { Address } from '../wasm/modules.ts';

/** Where a file's text is, or why it has none. */
export const fileStates = { memory: 0, disk: 1, binary: 2, tooLarge: 3, gone: 4 } as const;
export type FileState = keyof typeof fileStates;
const stateNames: readonly FileState[] = ['memory', 'disk', 'binary', 'tooLarge', 'gone'];

/** What is known of neighbouring files, column by column, so that a worker can hand it over without much copying. */
export interface FileColumns {
  paths: string[];
  /** Of the file on disk, when it was read. */
  sizes: Float64Array;
  modifiedAt: Float64Array;
  states: Uint8Array;
  isAscii: Uint8Array;
  /** Of the text in the arena. */
  starts: Float64Array;
  lengths: Float64Array;
}

export interface FileEntry {
  path: string;
  size: number;
  modifiedAt: number;
  state: FileState;
  /** Never of a file on disk, which may have changed. */
  isAscii: boolean;
  start: Address;
  length: number;
}

/** Files by number. A changed file gets a new number, and the old one is not live any more. */
export interface FileTable {
  count(): number;
  hasDiskFiles(): boolean;
  path(file: number): string;
  state(file: number): FileState;
  isAscii(file: number): boolean;
  isLive(file: number): boolean;
  entry(file: number): FileEntry;
  add(entry: FileEntry): number;
  /** Notes that the text of a file is now in the arena. */
  place(file: number, start: Address, isAscii: boolean): void;
  /** Gives up a number for good. */
  drop(file: number): void;
  droppedCount(): number;
}

export function createFileTable(parts: readonly FileColumns[]): FileTable {
  const paths = parts.flatMap((part) => part.paths);
  const sizes = joined(parts.map((part) => part.sizes));
  const modifiedAt = joined(parts.map((part) => part.modifiedAt));
  const states = joined(parts.map((part) => part.states));
  const ascii = joined(parts.map((part) => part.isAscii));
  const starts = joined(parts.map((part) => part.starts));
  const lengths = joined(parts.map((part) => part.lengths));
  const dropped = new Set<number>();
  let onDisk = states.filter((each) => each === fileStates.disk).length;
  const state = (file: number) => stateNames[states[file] ?? fileStates.gone] ?? 'gone';

  return {
    count: () => paths.length,
    hasDiskFiles: () => onDisk > 0,
    path: (file) => paths[file] ?? '',
    state,
    isAscii: (file) => ascii[file] === 1,
    isLive: (file) => !dropped.has(file),
    entry: (file) => ({
      path: paths[file] ?? '',
      size: sizes[file] ?? 0,
      modifiedAt: modifiedAt[file] ?? 0,
      state: state(file),
      isAscii: ascii[file] === 1,
      start: starts[file] ?? 0,
      length: lengths[file] ?? 0,
    }),
    add(entry) {
      if (entry.state === 'disk') onDisk++;
      sizes.push(entry.size);
      modifiedAt.push(entry.modifiedAt);
      states.push(fileStates[entry.state]);
      ascii.push(entry.isAscii ? 1 : 0);
      starts.push(entry.start);
      lengths.push(entry.length);
      return paths.push(entry.path) - 1;
    },
    place(file, start, isAscii) {
      states[file] = fileStates.memory;
      starts[file] = start;
      ascii[file] = isAscii ? 1 : 0;
      onDisk--;
    },
    drop: (file) => void dropped.add(file),
    droppedCount: () => dropped.size,
  };
}

function joined(parts: ReadonlyArray<Float64Array | Uint8Array>): number[] {
  const all = new Array<number>(parts.reduce((sum, part) => sum + part.length, 0));
  let next = 0;
  for (const part of parts) for (let at = 0; at < part.length; at++) all[next++] = part[at] ?? 0;
  return all;
}

/** Room for the columns of so many files. */
export function createFileColumns(paths: string[]): FileColumns {
  const count = paths.length;
  return {
    paths,
    sizes: new Float64Array(count),
    modifiedAt: new Float64Array(count),
    states: new Uint8Array(count).fill(fileStates.gone),
    isAscii: new Uint8Array(count),
    starts: new Float64Array(count),
    lengths: new Float64Array(count),
  };
}
