import { type Address, loadTrigramModule } from '../wasm/modules.ts';
import type { Arena } from './arena.ts';
import { blockRecordBytes, blockRecordWords, cutBlocks, maxBlocksOf } from './blocks.ts';
import { folds, trigramCount } from './folds.ts';

/**
 * A part of the index: the blocks of some neighbouring files and the posting lists of their trigrams, all in the arena.
 * Its blocks are in the order of their files. It can be posted to other threads.
 */
export interface Segment {
  firstFile: number;
  lastFile: number;
  blockCount: number;
  /** Of a set of its blocks; a multiple of 16. */
  bitmapBytes: number;
  /** Block records. */
  table: Address;
  /** Where each trigram's list begins, from `lists` on, and behind the last where that ends. */
  places: Address;
  lists: Address;
  listBytes: number;
}

/** A gap between blocks has 14 bits in the notes. */
const maxBlocks = 16_383;
/** Enough for a full segment of ordinary text, and a bound for one of random text. */
const maxNoteBytes = 256 * 1024 * 1024;
const pageBytes = 65_536;

export const maxTextBytes = 32 * 1024 * 1024;

/** What is built on is private memory, which ends with the builder; the finished segment is copied into the arena. */
const foldsAt = 1024;
const lastBlocksAt = pageBytes;
const placesAt = lastBlocksAt + trigramCount * 2;
const nextAt = placesAt + trigramCount * 4 + 16;
const textAt = nextAt + trigramCount * 4;
// Latin-1 and UTF-16 may take up to twice their bytes as UTF-8
const notesAt = textAt + maxTextBytes * 2 + 64;
const maxListBytes = 64 * 1024 * 1024;

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
  const memory = new WebAssembly.Memory({
    initial: notesAt / pageBytes + 64,
    maximum: Math.ceil((notesAt + maxNoteBytes + maxListBytes) / pageBytes) + 64,
  });
  const module = loadTrigramModule(memory);
  const records = new Uint32Array(maxBlocks * blockRecordWords);
  const segments: Segment[] = [];
  let isFull = false;
  let bytes = Buffer.from(memory.buffer);
  let blockCount = 0;
  let notesEnd = notesAt;
  bytes.set(folds, foldsAt);

  return {
    room: () => bytes.subarray(textAt, textAt + maxTextBytes),
    add(file, text, start) {
      const { length } = text;
      // asked first: to close a segment may grow the memory, which detaches what `room` gave but keeps its content
      const isInPlace = text.buffer === bytes.buffer && text.byteOffset === textAt;
      if (blockCount + maxBlocksOf(length) > maxBlocks || notesEnd - notesAt > maxNoteBytes / 2) close();
      if (!isInPlace) bytes.set(text, textAt);
      let line = 1;
      let from = textAt;
      for (const end of cutBlocks(textAt, length, module.findNewline)) {
        records.set([start + from - textAt, end - from, line, file], blockCount * blockRecordWords);
        blockCount++;
        growTo(notesEnd + Math.min(end - from, trigramCount) * 4 + 4);
        notesEnd = module.noteTrigrams(from, end - from, foldsAt, lastBlocksAt, blockCount, notesEnd);
        line += module.countNewlines(from, end);
        from = end;
      }
    },
    finish() {
      close();
      return isFull ? 'full' : segments.splice(0);
    },
  };

  function close() {
    if (blockCount === 0) return;
    const bitmapBytes = Math.ceil(blockCount / 128) * 16;
    const listBytes = module.placeLists(notesAt, notesEnd, placesAt, bitmapBytes);
    const listsAt = Math.ceil(notesEnd / 16) * 16;
    growTo(listsAt + listBytes);
    module.writeLists(notesAt, notesEnd, placesAt, nextAt, listsAt, bitmapBytes);
    const table = copyIn(Buffer.from(records.buffer, 0, blockCount * blockRecordBytes));
    const places = copyIn(bytes.subarray(placesAt, placesAt + (trigramCount + 1) * 4));
    const lists = copyIn(bytes.subarray(listsAt, listsAt + listBytes));
    if (table === undefined || places === undefined || lists === undefined) isFull = true;
    else
      segments.push({
        firstFile: fileOf(0),
        lastFile: fileOf(blockCount - 1),
        blockCount,
        bitmapBytes,
        table,
        places,
        lists,
        listBytes,
      });
    blockCount = 0;
    notesEnd = notesAt;
    bytes.fill(0, lastBlocksAt, placesAt);
  }

  function fileOf(block: number): number {
    return records[block * blockRecordWords + 3] ?? 0;
  }

  function copyIn(part: Uint8Array): Address | undefined {
    const at = arena.reserve(part.length);
    if (at !== undefined) arena.bytes().set(part, at);
    return at;
  }

  function growTo(end: number) {
    const missing = end - memory.buffer.byteLength;
    if (missing <= 0) return;
    memory.grow(Math.ceil(missing / pageBytes) + 64);
    bytes = Buffer.from(memory.buffer);
  }
}
