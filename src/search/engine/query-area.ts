import type { Address } from '../wasm/modules.ts';
import type { Arena } from './arena.ts';
import type { LineFilter } from './line-filter.ts';
import type { Needle } from './needle.ts';
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
  writeNeedle(needle: Needle): Address;
  writeFilter(filter: LineFilter): Address;
  /** A list of one block, which is a text in the arena with a `\n` behind it. */
  listText(start: Address, length: number, file: number): Address;
  /** The same of a text that is not in the arena yet; undefined when that is full. */
  loadText(text: Uint8Array, file: number): Address | undefined;
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
const areaBytes = rowsAt + 512 * 1024;
export const maxFilterBytes = areaBytes - rowsAt;

/** @returns undefined when the arena is full */
export function createQueryArea(arena: Arena): QueryArea | undefined {
  const area = arena.reserve(areaBytes);
  return area === undefined ? undefined : layOut(arena, area);
}

function layOut(arena: Arena, area: Address): QueryArea {
  let fileRoom: Address | undefined;

  return {
    cursor: area + cursorAt,
    list: area + listAt,
    hits: area + hitsAt,
    mostHits,
    bitmap: (depth) => area + bitmapsAt + depth * bitmapRoom,
    writeNeedle({ bytes, masks }) {
      const room = arena.bytes();
      room.fill(0, area + bytesAt, area + bitmapsAt);
      room.set(bytes, area + bytesAt);
      room.set(masks, area + masksAt);
      const [first, second] = rarestPair(bytes, masks);
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
      fileRoom ??= arena.reserve(maxTextBytes + 16);
      if (fileRoom === undefined) return undefined;
      const bytes = arena.bytes();
      bytes.set(text, fileRoom);
      bytes[fileRoom + text.length] = 10;
      return listText(fileRoom, text.length, file);
    },
  };

  function listText(start: Address, length: number, file: number): Address {
    const words = arena.words();
    words.set([start, length, 1, file], (area + recordAt) / 4);
    words[(area + fileListAt) / 4] = area + recordAt;
    return area + fileListAt;
  }
}

/** Bytes of source code from common to rare; what is missing is rarer still. */
const commonBytes =
  ' etsrnioacldpu_fmg\n,;.)(hb"x/=0*vky->1:w\'{}\t2#E[]TSRCAINI3LDO4P&M5U68<7F9BGq+zjXHV|WK!Y@?\\$%^~`JQZ';

/** Offsets of the two bytes that are met least often, in ascending order. */
function rarestPair(bytes: readonly number[], masks: readonly number[]): [number, number] {
  const rarity = (at: number) => {
    const rank = commonBytes.indexOf(String.fromCharCode(bytes[at] ?? 0));
    // a letter in both cases is a little more common than in one
    return (rank < 0 ? commonBytes.length : rank) - ((masks[at] ?? 0) > 0 ? 4 : 0);
  };
  const offsets = [...bytes.keys()].sort((a, b) => rarity(b) - rarity(a));
  const first = offsets[0] ?? 0;
  // twice the same byte says less than two bytes
  const second = offsets.find((at) => at !== first && bytes[at] !== bytes[first]) ?? offsets[1] ?? first;
  return first < second ? [first, second] : [second, first];
}
