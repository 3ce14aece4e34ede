import { folds, trigramCount } from '../analysis/trigrams.ts';
import { type Address, loadTrigramModule } from '../wasm/modules.ts';
import type { Arena } from './arena.ts';
import { blockRecordBytes, blockRecordWords, cutBlocks, maxBlocksOf } from './blocks.ts';
import { groupBytes } from './posting-lists.ts';

/**
 * A part of the index: the blocks of some neighbouring files and the posting lists of their trigrams, all in the arena.
 * Its blocks are in the order of their files, the last of which may go on in the next segment. It can be posted to other
 * threads.
 */
export interface Segment {
  firstFile: number;
  lastFile: number;
  blockCount: number;
  /** Of a set of its blocks; a multiple of 16. */
  bitmapBytes: number;
  /** Block records. */
  table: Address;
  /** Two words for each group of 32 trigrams, as posting-lists.ts reads them. */
  groups: Address;
  lists: Address;
  listBytes: number;
}

/** Notes have 14 bits for it; a quarter as many take a quarter of the memory to build, no more time, and searches are as fast. */
const maxBlocks = 4095;
const pageBytes = 65_536;

export const maxTextBytes = 32 * 1024 * 1024;

const bucketCount = 64;
/** The fullest takes some 3 MB of a full segment of source code; a page that is never touched takes no memory. */
const bucketBytes = 8 * 1024 * 1024 + 65 * 64;

/** What is built on is private memory, which ends with the builder; the finished segment is copied into the arena. */
const foldsAt = 1024;
const endsAt = 2048;
const seenAt = pageBytes;
const scratchAt = seenAt + trigramCount;
const groupsAt = scratchAt + (trigramCount / bucketCount) * 12;
const textAt = groupsAt + groupBytes;
const notesAt = textAt + maxTextBytes + 64;
const bucketsAt = notesAt + trigramCount * 4 + 64;
// never more bytes of lists than of notes, nor than a bitmap for each trigram of a full segment, lengths aside
const listsAt = bucketsAt + bucketCount * bucketBytes;
const maxListBytes = 128 * 1024 * 1024;
const memoryBytes = listsAt + maxListBytes + trigramCount * 2;
/** Of all the notes of a segment, so that its lists surely fit. */
const maxNoteBytes = maxListBytes;

export interface SegmentBuilder {
  /** Room for the next file's bytes, which need not be copied if they are read right into it. */
  room(): Buffer;
  /**
   * Adds a file.
   *
   * @param text what `room` gave, or other bytes
   * @param start the address of the text in the arena, or 0 for a text that stays on the disk
   */
  add(file: number, text: Buffer, start: Address): void;
  /** What was added since the last call; `full` when the arena has no room for it. */
  finish(): Segment[] | 'full';
}

export function createSegmentBuilder(arena: Arena): SegmentBuilder {
  const pages = Math.ceil(memoryBytes / pageBytes);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  const module = loadTrigramModule(memory);
  const bytes = Buffer.from(memory.buffer);
  const bucketEnds = new Uint32Array(memory.buffer, endsAt, bucketCount);
  const records = new Uint32Array(maxBlocks * blockRecordWords);
  const segments: Segment[] = [];
  let isFull = false;
  let blockCount = 0;
  let noteBytes = 0;
  let room = 0; // what the fullest bucket had left when that was last asked, less all notes since
  bytes.set(folds, foldsAt);
  emptyBuckets();

  return {
    room: () => bytes.subarray(textAt, textAt + maxTextBytes),
    add(file, text, start) {
      const { length } = text;
      const isInPlace = text.buffer === bytes.buffer && text.byteOffset === textAt;
      if (blockCount + maxBlocksOf(length) > maxBlocks) close();
      if (!isInPlace) bytes.set(text, textAt);
      let line = 1;
      let from = textAt;
      for (const end of cutBlocks(textAt, length, module.findNewline)) {
        if (!hasRoomFor(end - from)) close();
        records.set([start + from - textAt, end - from, line, file], blockCount * blockRecordWords);
        blockCount++;
        const notesEnd = module.noteTrigrams(from, end - from, foldsAt, seenAt, blockCount, notesAt);
        module.dealNotes(notesAt, notesEnd, endsAt);
        noteBytes += notesEnd - notesAt;
        room -= notesEnd - notesAt;
        line += module.countNewlines(from, end);
        from = end;
      }
    },
    finish() {
      close();
      return isFull ? 'full' : segments.splice(0);
    },
  };

  /** Whether the notes of one more block fit, even if all were in the fullest bucket. */
  function hasRoomFor(length: number): boolean {
    const most = Math.min(length, trigramCount) * 4;
    if (room < most) room = roomLeft();
    return room >= most;
  }

  function roomLeft(): number {
    let least = maxNoteBytes - noteBytes;
    for (const [bucket, end] of bucketEnds.entries()) {
      least = Math.min(least, bucketsAt + (bucket + 1) * bucketBytes - end);
    }
    return least;
  }

  function close() {
    if (blockCount === 0) return;
    const bitmapBytes = Math.ceil(blockCount / 128) * 16;
    let listBytes = 0;
    for (const [bucket, end] of bucketEnds.entries()) {
      const begin = bucketsAt + bucket * bucketBytes;
      listBytes = module.writeBucket(bucket, begin, end, groupsAt, listsAt, listBytes, scratchAt, bitmapBytes);
    }
    const table = copyIn(Buffer.from(records.buffer, 0, blockCount * blockRecordBytes));
    const groups = copyIn(bytes.subarray(groupsAt, groupsAt + groupBytes));
    const lists = copyIn(bytes.subarray(listsAt, listsAt + listBytes));
    if (table === undefined || groups === undefined || lists === undefined) isFull = true;
    else {
      const [firstFile, lastFile] = [fileOf(0), fileOf(blockCount - 1)];
      segments.push({ firstFile, lastFile, blockCount, bitmapBytes, table, groups, lists, listBytes });
    }
    blockCount = 0;
    noteBytes = 0;
    room = 0;
    emptyBuckets();
  }

  function emptyBuckets() {
    for (const bucket of bucketEnds.keys()) bucketEnds[bucket] = bucketsAt + bucket * bucketBytes;
  }

  function fileOf(block: number): number {
    return records[block * blockRecordWords + 3] ?? 0;
  }

  function copyIn(part: Uint8Array): Address | undefined {
    const at = arena.reserve(part.length);
    if (at !== undefined) arena.bytes().set(part, at);
    return at;
  }
}
