import { inflateSync } from 'node:zlib';
import { applyDelta, createReader, objectCap } from './git-delta.ts';
import { openRegularFile, type RegularFile } from './git-file.ts';

/** Pays for work, in bytes read or inflated, and throws when the allowance is used up. */
export type Spend = (bytes: number) => void;

export type ObjectKind = 'commit' | 'tree' | 'blob';

/** One pack with its index. */
export interface Pack {
  /** The object with this full hex id, undefined if it is not here. Throws on a corrupt or too large one. */
  read(id: string, kind: ObjectKind): Buffer | undefined;
  close(): void;
}

interface Entry {
  type: number;
  /** Inflated bytes. */
  size: number;
  /** Where the zlib stream starts, and what has been read of it. */
  data: number;
  start: Buffer;
  /** Where the entry is that a delta applies to. */
  base: number;
}

const types = { commit: 1, tree: 2, blob: 3 };
const ofsDelta = 6;
const refDelta = 7;
/** The longest chain that git writes. */
const deltaDepthCap = 4095;
/** One read gets an entry's header, and all of most entries. */
const entryReadBytes = 4096;
/** Versions of one object lie along one chain of deltas: what was made of it last is soon asked for again. */
const rememberedBytes = 24 * 1024 * 1024;
/** An index up to this size is read at once by those who ask for many objects. */
const heldIndexBytes = 64 * 1024 * 1024;

const fanoutAt = 8;
const idsAt = fanoutAt + 256 * 4;

/**
 * Opens `<path>.pack` and `<path>.idx` (version 2) as gitformat-pack(5) describes them; the pack is never read whole.
 *
 * @param isForMany whether so many objects will be asked for that memory pays
 */
export function openPack(path: string, spend: Spend, isForMany = false): Pack {
  const index = openIndex(`${path}.idx`, isForMany);
  const memory = createMemory(isForMany ? rememberedBytes : 0);
  const scratch = Buffer.alloc(entryReadBytes);
  let pack: RegularFile | undefined;
  return {
    read(id, kind) {
      const offset = findOffset(index, Buffer.from(id, 'hex'), spend);
      if (offset === undefined) return undefined;
      pack ??= openRegularFile(`${path}.pack`);
      return readObjectAt({ index, pack, spend, memory, scratch }, offset, types[kind]);
    },
    close() {
      index.close();
      pack?.close();
    },
  };
}

function openIndex(path: string, isHeld: boolean): RegularFile {
  const file = openRegularFile(path);
  if (!isHeld || file.size > heldIndexBytes) return file;
  const bytes = file.read(0, file.size);
  return { ...file, read: (position, length) => bytes.subarray(position, position + length) };
}

interface Memory {
  get(offset: number): { type: number; content: Buffer } | undefined;
  add(offset: number, type: number, content: Buffer): void;
}

/** Forgets what was added first. */
function createMemory(maxBytes: number): Memory {
  const known = new Map<number, { type: number; content: Buffer }>();
  let bytes = 0;
  return {
    get: (offset) => known.get(offset),
    add(offset, type, content) {
      if (content.length * 8 > maxBytes || known.has(offset)) return;
      known.set(offset, { type, content });
      bytes += content.length;
      for (const [oldest, { content }] of known) {
        if (bytes <= maxBytes) break;
        known.delete(oldest);
        bytes -= content.length;
      }
    },
  };
}

/** Inflates a zlib stream, ignoring what follows it; throws on a corrupt one, or past `cap` bytes. */
export function inflate(stream: Buffer, cap: number, spend: Spend): Buffer {
  // a buffer of the right size at once, instead of 16 KB for each of many small objects
  const chunkSize = Math.min(16 * 1024, Math.max(64, cap + 1));
  const inflated = inflateSync(stream, { maxOutputLength: Math.max(cap, 1), chunkSize });
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
  memory: Memory;
  /** Memory for the beginning of one entry. */
  scratch: Buffer;
}

/** Goes down the deltas to a whole object and applies them on the way back, with one delta at a time in memory. */
function readObjectAt(source: Source, start: number, wanted: number): Buffer | undefined {
  const deltas: Array<{ offset: number; entry: Entry }> = [];
  let offset = start;
  let known = source.memory.get(offset);
  while (!known) {
    const entry = readEntry(source, offset);
    if (entry.type === ofsDelta || entry.type === refDelta) {
      if (deltas.push({ offset, entry }) > deltaDepthCap) return undefined;
      offset = entry.base;
      known = source.memory.get(offset);
    } else {
      if (entry.type !== wanted) return undefined;
      known = { type: entry.type, content: readData(source, entry) };
      source.memory.add(offset, known.type, known.content);
    }
  }
  const { type } = known;
  if (type !== wanted) return undefined;
  return deltas.reduceRight((base, delta) => {
    const content = applyDelta(base, readData(source, delta.entry));
    source.memory.add(delta.offset, type, content);
    return content;
  }, known.content);
}

function readEntry({ index, pack, spend, scratch }: Source, offset: number): Entry {
  const bytes = pack.read(offset, entryReadBytes, scratch);
  spend(0);
  const header = createReader(bytes);
  const first = header.byte();
  const type = (first >> 4) & 7;
  const size = (first & 15) + (first & 0x80 ? header.varint() * 16 : 0);
  if (size > objectCap) throw new Error('the object is too large');
  let base = 0;
  if (type === ofsDelta) base = offset - header.distance();
  if (type === refDelta) base = findOffset(index, header.bytes(20), spend) ?? -1;
  if (base < 0) throw new Error('the delta has no base');
  return {
    type,
    size,
    data: offset + header.position(),
    start: Buffer.from(bytes.subarray(header.position(), header.position() + deflatedCap(size))),
    base,
  };
}

function readData({ pack, spend }: Source, entry: Entry): Buffer {
  const longest = deflatedCap(entry.size);
  const stream = longest <= entry.start.length ? entry.start.subarray(0, longest) : pack.read(entry.data, longest);
  const data = inflate(stream, entry.size, spend);
  if (data.length !== entry.size) throw new Error('the object is shorter than its header says');
  return data;
}
