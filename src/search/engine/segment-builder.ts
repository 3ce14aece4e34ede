import { folds, trigramCount } from '../analysis/trigrams.ts';
import { type Address, loadTrigramModule } from '../wasm/modules.ts';
import type { Arena } from './arena.ts';
import { blockRecordBytes, blockRecordWords, cutBlocks } from './blocks.ts';
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

/** Four times as many would take more memory to build, no less time, and searches are as fast. */
export const maxSegmentBlocks = 4096;
const pageBytes = 65_536;

export const maxTextBytes = 32 * 1024 * 1024;

/** So many share a byte of the marks and of a bitmap. */
const groupBlocks = 8;
const bucketCount = 64;
const listsPerBucket = trigramCount / bucketCount;
/** A note for each of its lists and each group: never more. A page that is never touched takes no memory. */
const bucketBytes = listsPerBucket * (maxSegmentBlocks / groupBlocks) * 4;
/** Bucket after bucket would begin in the same lines of the processor's caches. */
const bucketGapBytes = 65 * 64;

/**
 * What is built on is private memory, which ends with the builder; the finished segment is copied into the arena. The places
 * of folds and marks are those of trigrams.as.ts.
 */
const foldsAt = 1024;
const endsAt = 2048;
const marksAt = pageBytes;
const scratchAt = marksAt + trigramCount;
const groupsAt = scratchAt + listsPerBucket * 12;
const textAt = groupsAt + groupBytes;
const bucketsAt = textAt + maxTextBytes + 64;
const listsAt = bucketsAt + bucketCount * (bucketBytes + bucketGapBytes);
// never more than a bitmap for each trigram, and its length
const memoryBytes = listsAt + trigramCount * (maxSegmentBlocks / 8 + 2);

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
  const records = new Uint32Array(maxSegmentBlocks * blockRecordWords);
  const segments: Segment[] = [];
  let isFull = false;
  let blockCount = 0;
  bytes.set(folds, foldsAt);
  emptyBuckets();

  return {
    room: () => bytes.subarray(textAt, textAt + maxTextBytes),
    add(file, text, start) {
      const isInPlace = text.buffer === bytes.buffer && text.byteOffset === textAt;
      if (!isInPlace) bytes.set(text, textAt);
      let line = 1;
      let from = textAt;
      for (const end of cutBlocks(textAt, text.length, module.findNewline)) {
        if (blockCount === maxSegmentBlocks) close();
        records.set([start + from - textAt, end - from, line, file], blockCount * blockRecordWords);
        module.markTrigrams(from, end - from, 1 << (blockCount % groupBlocks));
        blockCount++;
        if (blockCount % groupBlocks === 0) noteGroup();
        line += module.countNewlines(from, end);
        from = end;
      }
    },
    finish() {
      close();
      return isFull ? 'full' : segments.splice(0);
    },
  };

  function noteGroup() {
    module.noteMarks(Math.ceil(blockCount / groupBlocks), endsAt);
  }

  function close() {
    if (blockCount === 0) return;
    if (blockCount % groupBlocks > 0) noteGroup();
    const bitmapBytes = Math.ceil(blockCount / 128) * 16;
    let listBytes = 0;
    for (const [bucket, end] of bucketEnds.entries()) {
      const begin = startOfBucket(bucket);
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
    emptyBuckets();
  }

  function emptyBuckets() {
    for (const bucket of bucketEnds.keys()) bucketEnds[bucket] = startOfBucket(bucket);
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

function startOfBucket(bucket: number): Address {
  return bucketsAt + bucket * (bucketBytes + bucketGapBytes);
}
