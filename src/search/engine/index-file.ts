import { crc32 } from 'node:zlib';
import * as z from 'zod';
import type { Arena } from './arena.ts';
import { blockRecordWords } from './blocks.ts';
import type { Slice } from './build-slice.ts';
import { createFileColumns, type FileColumns, fileStates } from './file-table.ts';
import { groupBytes } from './posting-lists.ts';
import type { Segment } from './segment-builder.ts';
import type { TextIndex } from './text-index.ts';

/**
 * An index as one buffer, without the text: magic, version, checksum and length, then sections of bytes. Numbers are
 * little-endian, as WebAssembly's are.
 */
const magic = 'octantix';
const version = 2;
const headerBytes = 32;
/** Of a file that changed since: no file has this size, so that it is read again. */
const unknownSize = -1;

const outlineShape = z.object({
  fileCount: z.int(),
  segments: z.array(
    z.object({
      firstFile: z.int(),
      lastFile: z.int(),
      blockCount: z.int(),
      bitmapBytes: z.int(),
      listBytes: z.int(),
    }),
  ),
});

export function serializeIndex(index: TextIndex): Buffer {
  const { segments, indexedCount } = index;
  const outline: z.infer<typeof outlineShape> = {
    fileCount: indexedCount,
    segments: segments.map(({ firstFile, lastFile, blockCount, bitmapBytes, listBytes }) => {
      return { firstFile, lastFile, blockCount, bitmapBytes, listBytes };
    }),
  };
  const columns = columnsOf(index);
  const sections = [
    Buffer.from(JSON.stringify(outline)),
    Buffer.from(columns.paths.join('\0')),
    bytesOf(columns.sizes),
    bytesOf(columns.modifiedAt),
    bytesOf(columns.states),
    bytesOf(columns.lengths),
    ...segments.flatMap((segment) => segmentSections(index, segment)),
  ];
  const body = Buffer.concat(sections.flatMap((section) => [lengthOf(section), section, padding(section.length)]));
  const header = Buffer.alloc(headerBytes);
  header.write(magic, 'latin1');
  header.writeUInt32LE(version, 8);
  header.writeUInt32LE(crc32(body), 12);
  header.writeDoubleLE(body.length, 16);
  return Buffer.concat([header, body]);
}

/**
 * Puts a serialized index into an arena. Its text stays on the disk until it is loaded.
 *
 * @returns undefined when the buffer is damaged, of another version, or the arena has no room
 */
export function restoreIndex(buffer: Buffer, arena: Arena): Slice | undefined {
  const body = checkedBody(buffer);
  const sections = body && splitSections(body);
  const outline = sections?.next();
  if (!sections || !outline) return undefined;
  const { fileCount, segments } = outlineShape.parse(JSON.parse(outline.toString()));
  const names = sections.next()?.toString().split('\0') ?? [];
  const paths = fileCount > 0 ? names : [];
  const files: FileColumns = {
    ...createFileColumns(paths),
    sizes: doublesOf(sections.next()),
    modifiedAt: doublesOf(sections.next()),
    states: Uint8Array.from(sections.next() ?? []),
    lengths: doublesOf(sections.next()),
  };
  const restored: Segment[] = [];
  for (const segment of segments) {
    const table = copyIn(arena, sections.next());
    const groups = copyIn(arena, sections.next());
    const lists = copyIn(arena, sections.next());
    if (table === undefined || groups === undefined || lists === undefined) return undefined;
    restored.push({ ...segment, table, groups, lists });
  }
  return { first: 0, files, segments: restored };
}

/** The files as they were indexed; those that are gone or changed have no size that could be right. */
function columnsOf({ files, indexedCount }: TextIndex): FileColumns {
  const entries = Array.from({ length: indexedCount }, (_, file) => files.entry(file));
  const columns = createFileColumns(entries.map(({ path }) => path));
  for (const [file, { size, modifiedAt, state, length }] of entries.entries()) {
    columns.sizes[file] = files.isLive(file) ? size : unknownSize;
    columns.modifiedAt[file] = modifiedAt;
    columns.states[file] = state === 'memory' ? fileStates.disk : fileStates[state];
    columns.lengths[file] = length;
  }
  return columns;
}

/** Block records with places in their files, the groups of the lists, and the lists. */
function segmentSections({ arena, files }: TextIndex, { table, groups, lists, ...segment }: Segment): Buffer[] {
  const words = arena.words();
  const records = words.slice(table / 4, table / 4 + segment.blockCount * blockRecordWords);
  for (let at = 0; at < records.length; at += blockRecordWords) {
    const file = records[at + 3] ?? 0;
    records[at] = (records[at] ?? 0) - files.entry(file).start;
  }
  const bytes = arena.bytes();
  return [
    bytesOf(records),
    bytes.subarray(groups, groups + groupBytes),
    bytes.subarray(lists, lists + segment.listBytes),
  ];
}

function copyIn(arena: Arena, bytes: Buffer | undefined): number | undefined {
  const at = bytes && arena.reserve(bytes.length);
  if (bytes && at !== undefined) arena.bytes().set(bytes, at);
  return at;
}

function checkedBody(buffer: Buffer): Buffer | undefined {
  if (buffer.length < headerBytes || buffer.toString('latin1', 0, 8) !== magic) return undefined;
  if (buffer.readUInt32LE(8) !== version) return undefined;
  const body = buffer.subarray(headerBytes);
  return buffer.readDoubleLE(16) === body.length && buffer.readUInt32LE(12) === crc32(body) ? body : undefined;
}

function splitSections(body: Buffer): { next(): Buffer | undefined } {
  let at = 0;
  return {
    next() {
      if (at + 8 > body.length) return undefined;
      const length = body.readDoubleLE(at);
      const section = body.subarray(at + 8, at + 8 + length);
      at += 8 + length + padding(length).length;
      return section;
    },
  };
}

function lengthOf({ length }: Uint8Array): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(length);
  return bytes;
}

function padding(length: number): Buffer {
  return Buffer.alloc((8 - (length % 8)) % 8);
}

function bytesOf({ buffer, byteOffset, byteLength }: NodeJS.TypedArray): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

/** Copied, since what a file was read into need not lie at a multiple of eight. */
function doublesOf(bytes: Buffer | undefined): Float64Array {
  return new Float64Array(Uint8Array.from(bytes ?? []).buffer);
}
