import type { LineFilter } from '../analysis/line-filter.ts';
import type { ScanNeedle } from '../analysis/needle.ts';
import type { Address } from '../wasm/modules.ts';
import { type Arena, ArenaFull } from './arena.ts';
import { blockRecordBytes, blockRecordWords } from './blocks.ts';
import { maxTextBytes } from './segment-builder.ts';

/** Room in the arena for what one search needs there. The layouts are those of needle.as.ts and line-filter.as.ts. */
export interface QueryArea {
  cursor: Address;
  /** Addresses of up to 16,384 block records. */
  list: Address;
  /** Hits of scan.as.ts, five words each. */
  hits: Address;
  mostHits: number;
  /** A set of blocks per depth of a formula. */
  bitmap(depth: number): Address;
  writeNeedle(needle: ScanNeedle): Address;
  writeFilter(filter: LineFilter): Address;
  /** A list of one block, which is a text in the arena with a `\n` behind it. */
  listText(start: Address, length: number, file: number): Address;
  /**
   * The same of a text that is not in the arena yet.
   *
   * @throws ArenaFull
   */
  loadText(text: Uint8Array, file: number): Address;
  /**
   * Room for the blocks of a list, of a text on the disk, one behind the other.
   *
   * @throws ArenaFull
   */
  placeBlocks(list: Address, count: number): PlacedBlocks;
}

/** A piece of a file. */
export interface Place {
  start: number;
  length: number;
}

export interface PlacedBlocks {
  /** What has to be read into the room before the list is searched. */
  places: readonly Place[];
  room: Buffer;
  list: Address;
}

export const hitWords = 5;
export const maxFormulaDepth = 30;
export const maxNeedleBytes = 4096;

const bitmapRoom = 2048;
const cursorAt = 0;
const recordAt = 32;
const fileListAt = 48;
const needleAt = 64;
const filterAt = 128;
const classesAt = 256;
const bytesAt = 512;
const masksAt = bytesAt + maxNeedleBytes + 8;
const bitmapsAt = 16_384;
const listAt = bitmapsAt + (maxFormulaDepth + 2) * bitmapRoom;
const hitsAt = listAt + 16_384 * 4;
const mostHits = 4096;
const rowsAt = hitsAt + mostHits * hitWords * 4;
const minRoomBytes = 64 * 1024;
const largeRoomBytes = 2 * 1024 * 1024;
const areaBytes = rowsAt + 512 * 1024;
export const maxFilterBytes = areaBytes - rowsAt;

/** @returns undefined when the arena is full */
export function createQueryArea(arena: Arena): QueryArea | undefined {
  const area = arena.reserve(areaBytes);
  return area === undefined ? undefined : layOut(arena, area);
}

interface Room {
  start: Address;
  bytes: number;
}

function layOut(arena: Arena, area: Address): QueryArea {
  let textRoom: Room = { start: 0, bytes: 0 };
  let blockRoom: Room = { start: 0, bytes: 0 };

  return {
    cursor: area + cursorAt,
    list: area + listAt,
    hits: area + hitsAt,
    mostHits,
    bitmap: (depth) => area + bitmapsAt + depth * bitmapRoom,
    writeNeedle({ bytes, masks, rarest: [first, second] }) {
      const room = arena.bytes();
      room.set(bytes, area + bytesAt);
      room.set(masks, area + masksAt);
      arena.words().set([bytes.length, first, second, area + bytesAt, area + masksAt], (area + needleAt) / 4);
      return area + needleAt;
    },
    writeFilter({ rows, classes, accepting }) {
      arena.bytes().set(classes, area + classesAt);
      arena.words().set(rows, (area + rowsAt) / 4);
      arena.words().set([area + rowsAt, area + classesAt, 0, accepting], (area + filterAt) / 4);
      return area + filterAt;
    },
    listText,
    loadText(text, file) {
      textRoom = grown(textRoom, text.length + 1);
      const bytes = arena.bytes();
      bytes.set(text, textRoom.start);
      bytes[textRoom.start + text.length] = 10;
      return listText(textRoom.start, text.length, file);
    },
    placeBlocks(list, count) {
      const places = placesOf(list, count);
      const length = places.reduce((sum, place) => sum + place.length, 0);
      textRoom = grown(textRoom, length + 1);
      const { start } = textRoom;
      const bytes = arena.bytes();
      bytes[start + length] = 10;
      return { places, room: bytes.subarray(start, start + length), list: listAgain(list, count) };
    },
  };

  function grown(room: Room, bytes: number): Room {
    if (bytes <= room.bytes) return room;
    // what was taken before is lost, so that a large room is the last one
    const wanted = Math.max(bytes, bytes > largeRoomBytes ? maxTextBytes + 1 : 2 * room.bytes, minRoomBytes);
    const start = arena.reserve(wanted);
    if (start === undefined) throw new ArenaFull();
    return { start, bytes: wanted };
  }

  /** Where blocks lie in their file; neighbours are one place. */
  function placesOf(list: Address, count: number): Place[] {
    const words = arena.words();
    const places: Place[] = [];
    for (let index = 0; index < count; index++) {
      const record = (words[list / 4 + index] ?? 0) / 4;
      const [start, length] = [words[record] ?? 0, words[record + 1] ?? 0];
      const last = places.at(-1);
      if (last && last.start + last.length === start) last.length += length;
      else places.push({ start, length });
    }
    return places;
  }

  /** Records of the same blocks one behind the other in `textRoom`, and a list of these. */
  function listAgain(list: Address, count: number): Address {
    blockRoom = grown(blockRoom, count * (blockRecordBytes + 4));
    const listed = blockRoom.start + count * blockRecordBytes;
    const words = arena.words();
    let at = textRoom.start;
    for (let index = 0; index < count; index++) {
      const known = (words[list / 4 + index] ?? 0) / 4;
      const record = blockRoom.start + index * blockRecordBytes;
      words.copyWithin(record / 4, known, known + blockRecordWords);
      words[record / 4] = at;
      words[listed / 4 + index] = record;
      at += words[known + 1] ?? 0;
    }
    return listed;
  }

  function listText(start: Address, length: number, file: number): Address {
    const words = arena.words();
    words.set([start, length, 1, file], (area + recordAt) / 4);
    words[(area + fileListAt) / 4] = area + recordAt;
    return area + fileListAt;
  }
}
