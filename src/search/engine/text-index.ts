import { isAscii } from 'node:buffer';
import { type Address, loadScanModule, type ScanModule } from '../wasm/modules.ts';
import { type Arena, ArenaFull } from './arena.ts';
import { blockRecordBytes, blockRecordWords, cutBlocks } from './blocks.ts';
import { type ReadFile, type Slice, storeText } from './build-slice.ts';
import { createFileTable, type FileEntry, type FileTable } from './file-table.ts';
import { groupBytes } from './posting-lists.ts';
import { createQueryArea, type QueryArea } from './query-area.ts';
import { toSearchableText } from './searchable-text.ts';
import { maxTextBytes, type Segment } from './segment-builder.ts';

/** A file that came or changed after the index was built: it is scanned by every search. */
export interface PendingFile {
  file: number;
  path: string;
  /** How many of the indexed paths sort before it. */
  rank: number;
  /** Addresses of its block records; none for a text that is on the disk. */
  list: Address;
  count: number;
}

export interface TextIndexStats {
  files: number;
  textBytes: number;
  pendingBytes: number;
  /** Text in the arena that no live file has any more. */
  garbageBytes: number;
  indexBytes: number;
}

/** The text of a tree, and the index in front of it. One thread owns it; others can scan its arena. */
export interface TextIndex {
  readonly arena: Arena;
  readonly scan: ScanModule;
  readonly files: FileTable;
  /** In path order, as are their files; the files of all come before those that were put later. */
  readonly segments: readonly Segment[];
  /** In path order. */
  readonly pending: readonly PendingFile[];
  /** How many files were indexed; they are in path order. */
  readonly indexedCount: number;
  /** Rooms for searches, one for each that is under way. */
  readonly areas: { take(): QueryArea; giveBack(area: QueryArea): void };
  /** How many of the indexed paths sort before this one. */
  rankOf(path: string): number;
  find(path: string): FileEntry | undefined;
  /** Takes in a file that is new or has changed. */
  put(path: string, found: ReadFile): void;
  remove(path: string): void;
  /**
   * Takes the text of an indexed file into the arena, when it was left on the disk.
   *
   * @returns false when that is not the text that was indexed: then `put` it
   */
  load(file: number, text: Uint8Array): boolean;
  stats(): TextIndexStats;
  /** Whether so much is pending or garbage that a new index is due. */
  isStale(): boolean;
  /** Whether a new one would be of use: searches look through much that is pending, or it would be read again at the next start. */
  isWorn(): boolean;
}

const maxPendingBytes = 32 * 1024 * 1024;
const maxPendingFiles = 4096;
/** Of a file that changes again and again, each version has a number. */
const maxDropped = 100_000;
const wornFiles = 64;

/**
 * @param slices in path order, numbered without gaps
 * @throws RangeError when the arena has no room for a search
 */
export function createTextIndex(arena: Arena, slices: readonly Slice[]): TextIndex {
  const scan = loadScanModule(arena.handle.memory);
  const files = createFileTable(slices.map((slice) => slice.files));
  const segments = slices.flatMap((slice) => slice.segments);
  const indexedCount = files.count();
  const pending: PendingFile[] = [];
  const changed = new Map<string, number>(); // paths that were put, and their numbers now
  const indexBytes = segments.reduce(
    (sum, { listBytes, blockCount }) => sum + groupBytes + listBytes + blockCount * blockRecordBytes,
    0,
  );
  const freeAreas = [newArea()];
  let textBytes = 0;
  let pendingBytes = 0;
  let garbageBytes = 0;
  for (let file = 0; file < indexedCount; file++) {
    if (files.state(file) === 'memory') textBytes += files.entry(file).length;
  }

  return {
    arena,
    scan,
    files,
    segments,
    pending,
    indexedCount,
    areas: {
      take: () => freeAreas.pop() ?? newArea(),
      giveBack: (area) => void freeAreas.push(area),
    },
    rankOf,
    find(path) {
      const file = numberOf(path);
      return file === undefined ? undefined : files.entry(file);
    },
    put(path, found) {
      drop(path);
      const text = found.bytes && toSearchableText(found.bytes);
      const isTooLarge = found.bytes === undefined || (text !== undefined && text.length > maxTextBytes);
      const { size, modifiedAt } = found;
      const entry = { path, size, modifiedAt, isAscii: false, start: 0, length: 0 };
      if (isTooLarge || text === undefined) {
        changed.set(path, files.add({ ...entry, state: isTooLarge ? 'tooLarge' : 'binary' }));
        return;
      }
      const start = storeText(arena, text) ?? 0;
      const blocks = listBlocks(files.count(), start, text.length);
      const state = blocks ? 'memory' : 'disk';
      const file = files.add({
        ...entry,
        state,
        isAscii: blocks !== undefined && isAscii(text),
        start,
        length: text.length,
      });
      changed.set(path, file);
      if (blocks) textBytes += text.length;
      pendingBytes += text.length;
      insert({ file, path, rank: rankOf(path), list: 0, count: 0, ...blocks });
    },
    remove: drop,
    load(file, text) {
      const { state, length } = files.entry(file);
      if (state !== 'disk' || length !== text.length) return false;
      const start = storeText(arena, text);
      if (start === undefined) return true; // the arena is full: it is read again for each search
      for (const segment of segments) {
        if (segment.firstFile <= file && file <= segment.lastFile) moveBlocks(segment, file, start);
      }
      files.place(file, start, isAscii(text));
      textBytes += length;
      return true;
    },
    stats: () => ({
      files: files.count() - files.droppedCount(),
      textBytes: textBytes - garbageBytes,
      pendingBytes,
      garbageBytes,
      indexBytes,
    }),
    isStale: () =>
      pendingBytes > maxPendingBytes ||
      pending.length > maxPendingFiles ||
      files.droppedCount() > maxDropped ||
      garbageBytes > Math.max(1 << 20, textBytes / 2),
    isWorn: () => pending.length >= wornFiles || files.droppedCount() >= wornFiles || garbageBytes > textBytes / 4,
  };

  function newArea(): QueryArea {
    const area = createQueryArea(arena);
    if (!area) throw new ArenaFull();
    return area;
  }

  function numberOf(path: string): number | undefined {
    const rank = rankOf(path);
    const file = changed.get(path) ?? (rank < indexedCount && files.path(rank) === path ? rank : undefined);
    return file !== undefined && files.isLive(file) ? file : undefined;
  }

  function drop(path: string) {
    const file = numberOf(path);
    if (file === undefined) return;
    const { state, length } = files.entry(file);
    if (state === 'memory') garbageBytes += length;
    files.drop(file);
    const place = pending.findIndex((each) => each.file === file);
    if (place < 0) return;
    pending.splice(place, 1);
    pendingBytes -= length;
  }

  /** The blocks of a text on the disk begin at their place in the file. */
  function moveBlocks({ table, blockCount }: Segment, file: number, start: Address) {
    const words = arena.words();
    const wordOf = (block: number, word: number) => words[table / 4 + block * blockRecordWords + word] ?? 0;
    for (let block = lowerBound(blockCount, (each) => wordOf(each, 3) < file); block < blockCount; block++) {
      if (wordOf(block, 3) !== file) return;
      words[table / 4 + block * blockRecordWords] = start + wordOf(block, 0);
    }
  }

  function insert(added: PendingFile) {
    const place = pending.findIndex(({ path }) => path > added.path);
    pending.splice(place < 0 ? pending.length : place, 0, added);
  }

  function rankOf(path: string): number {
    return lowerBound(indexedCount, (file) => files.path(file) < path);
  }

  /** Block records for a text in the arena, and the list of their addresses; undefined where it has no room. */
  function listBlocks(file: number, start: Address, length: number): { list: Address; count: number } | undefined {
    if (start === 0) return undefined;
    const ends = [...cutBlocks(start, length, (from, end) => scan.findNewline(from, end) >>> 0)];
    const table = arena.reserve(ends.length * (blockRecordBytes + 4));
    if (table === undefined) return undefined;
    const list = table + ends.length * blockRecordBytes;
    const words = arena.words();
    let from = start;
    let line = 1;
    for (const [index, end] of ends.entries()) {
      const record = table + index * blockRecordBytes;
      words.set([from, end - from, line, file], record / 4);
      words[list / 4 + index] = record;
      line += scan.countNewlines(from, end);
      from = end;
    }
    return { list, count: ends.length };
  }
}

/** How many of `count` places, from the first on, are before what is looked for. */
export function lowerBound(count: number, isBefore: (place: number) => boolean): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isBefore(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}
