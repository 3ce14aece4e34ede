import { inflateSync } from 'node:zlib';
import { openRegularFile, type RegularFile } from './git-file.ts';

/** Objects over this size are not read, in bytes. */
export const objectCap = 1024 * 1024;

/** Pays for work, in bytes read or inflated, and throws when the allowance is used up. */
export type Spend = (bytes: number) => void;

/** One pack with its index. */
export interface Pack {
  /** The commit with this full hex id, undefined if it is not here. Throws on a corrupt or too large one. */
  readCommit(id: string): Buffer | undefined;
  close(): void;
}

interface Entry {
  type: number;
  /** Inflated bytes. */
  size: number;
  /** Where the zlib stream starts. */
  data: number;
  /** Where the entry is that a delta applies to. */
  base: number;
}

const commitType = 1;
const ofsDelta = 6;
const refDelta = 7;
/** The longest chain that git writes. */
const deltaDepthCap = 4095;
const entryHeaderCap = 64;

const fanoutAt = 8;
const idsAt = fanoutAt + 256 * 4;

/** Opens `<path>.pack` and `<path>.idx` (version 2) as gitformat-pack(5) describes them; neither is ever read whole. */
export function openPack(path: string, spend: Spend): Pack {
  const index = openRegularFile(`${path}.idx`);
  let pack: RegularFile | undefined;
  return {
    readCommit(id) {
      const offset = findOffset(index, Buffer.from(id, 'hex'), spend);
      if (offset === undefined) return undefined;
      pack ??= openRegularFile(`${path}.pack`);
      return readCommitAt({ index, pack, spend }, offset);
    },
    close() {
      index.close();
      pack?.close();
    },
  };
}

/** Inflates a zlib stream, ignoring what follows it; throws on a corrupt one, or past `cap` bytes. */
export function inflate(stream: Buffer, cap: number, spend: Spend): Buffer {
  const inflated = inflateSync(stream, { maxOutputLength: Math.max(cap, 1) });
  spend(stream.length + inflated.length);
  return inflated;
}

/** The most bytes that zlib makes of `size` bytes, with room for an unlucky choice of blocks. */
export function deflatedCap(size: number): number {
  return size + Math.ceil(size / 256) + 1024;
}

/** An index holds a fan-out by first byte, the sorted ids, their checksums, offsets of 4 bytes, and large ones of 8. */
function findOffset(index: RegularFile, id: Buffer, spend: Spend): number | undefined {
  spend(idsAt);
  const head = index.read(0, idsAt);
  if (head.readUInt32BE(0) !== 0xff744f63 || head.readUInt32BE(4) !== 2) return undefined;
  const first = id.readUInt8(0);
  const start = first === 0 ? 0 : head.readUInt32BE(fanoutAt + (first - 1) * 4);
  const rank = findRank(index, id, start, head.readUInt32BE(fanoutAt + first * 4));
  if (rank === undefined) return undefined;

  const count = head.readUInt32BE(fanoutAt + 255 * 4);
  const offsets = idsAt + count * 24;
  const offset = index.read(offsets + rank * 4, 4).readUInt32BE();
  if (offset < 0x80000000) return offset;
  const largeOffsets = offsets + count * 4;
  return Number(index.read(largeOffsets + (offset - 0x80000000) * 8, 8).readBigUInt64BE());
}

function findRank(index: RegularFile, id: Buffer, start: number, end: number): number | undefined {
  let low = start;
  let high = end;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const order = index.read(idsAt + middle * 20, 20).compare(id);
    if (order === 0) return middle;
    if (order < 0) low = middle + 1;
    else high = middle;
  }
  return undefined;
}

interface Source {
  index: RegularFile;
  pack: RegularFile;
  spend: Spend;
}

/** Goes down the deltas to a whole commit and applies them on the way back, with one delta at a time in memory. */
function readCommitAt(source: Source, offset: number): Buffer | undefined {
  const deltas: Entry[] = [];
  let entry = readEntry(source, offset);
  while (entry.type === ofsDelta || entry.type === refDelta) {
    if (deltas.push(entry) > deltaDepthCap) return undefined;
    entry = readEntry(source, entry.base);
  }
  if (entry.type !== commitType) return undefined;
  return deltas.reduceRight((base, delta) => applyDelta(base, readData(source, delta)), readData(source, entry));
}

function readEntry({ index, pack, spend }: Source, offset: number): Entry {
  spend(entryHeaderCap);
  const header = createReader(pack.read(offset, entryHeaderCap));
  const first = header.byte();
  const type = (first >> 4) & 7;
  const size = (first & 15) + (first & 0x80 ? header.varint() * 16 : 0);
  if (size > objectCap) throw new Error('the object is too large');
  let base = 0;
  if (type === ofsDelta) base = offset - header.distance();
  if (type === refDelta) base = findOffset(index, header.bytes(20), spend) ?? -1;
  if (base < 0) throw new Error('the delta has no base');
  return { type, size, data: offset + header.position(), base };
}

function readData({ pack, spend }: Source, entry: Entry): Buffer {
  const data = inflate(pack.read(entry.data, deflatedCap(entry.size)), entry.size, spend);
  if (data.length !== entry.size) throw new Error('the object is shorter than its header says');
  return data;
}

/** A delta is the sizes of base and result, then instructions: copy a range of the base, or insert the bytes that follow. */
function applyDelta(base: Buffer, delta: Buffer): Buffer {
  const reader = createReader(delta);
  const baseSize = reader.varint();
  const size = reader.varint();
  if (baseSize !== base.length || size > objectCap) throw new Error('the delta is for another base');
  const result = Buffer.alloc(size);
  let filled = 0;
  while (reader.position() < delta.length) {
    const instruction = reader.byte();
    const piece = instruction & 0x80 ? copiedRange(base, instruction, reader) : reader.bytes(instruction);
    if (piece.length === 0 || filled + piece.length > size) throw new Error('the delta is corrupt');
    filled += piece.copy(result, filled);
  }
  if (filled !== size) throw new Error('the delta is too short');
  return result;
}

/** The low seven bits of a copy instruction say which bytes of offset and length follow. */
function copiedRange(base: Buffer, instruction: number, reader: Reader): Buffer {
  let offset = 0;
  let length = 0;
  for (let bit = 0; bit < 4; bit++) if (instruction & (1 << bit)) offset += reader.byte() * 256 ** bit;
  for (let bit = 0; bit < 3; bit++) if (instruction & (16 << bit)) length += reader.byte() * 256 ** bit;
  length ||= 0x10000;
  if (offset + length > base.length) throw new Error('the delta leaves its base');
  return base.subarray(offset, offset + length);
}

type Reader = ReturnType<typeof createReader>;

/** Reads bytes in order, and throws a RangeError past the end, which also bounds the variable-length numbers. */
function createReader(buffer: Buffer) {
  let at = 0;
  const byte = () => buffer.readUInt8(at++);
  return {
    byte,
    position: () => at,
    bytes(count: number): Buffer {
      if (at + count > buffer.length) throw new RangeError('the object ends early');
      at += count;
      return buffer.subarray(at - count, at);
    },
    /** Seven bits a byte, lowest first. */
    varint(): number {
      let value = 0;
      let scale = 1;
      for (;;) {
        const next = byte();
        value += (next & 0x7f) * scale;
        if (next < 0x80) return value;
        scale *= 128;
      }
    },
    /** Seven bits a byte, highest first, plus one at each step: how OFS_DELTA says how far back its base is. */
    distance(): number {
      let next = byte();
      let value = next & 0x7f;
      while (next & 0x80) {
        next = byte();
        value = (value + 1) * 128 + (next & 0x7f);
      }
      return value;
    },
  };
}
