import type { Address } from '../wasm/modules.ts';
import type { Arena } from './arena.ts';
import { blockRecordBytes, blockRecordWords } from './blocks.ts';
import { groupBytes } from './posting-lists.ts';
import type { Segment } from './segment-builder.ts';
import type { TextIndex } from './text-index.ts';

/**
 * The segments of an index as bytes, one behind the other, as they lie in an arena: block records, groups, lists, each at
 * a multiple of 16. Numbers are little-endian, as WebAssembly's are. The text is not among them: a block begins at its
 * place in its file.
 */
export type SegmentShape = Omit<Segment, 'table' | 'groups' | 'lists'>;

const granuleBytes = 16;

/** As numbers, five a segment. */
export function numbersOfShapes(shapes: readonly SegmentShape[]): Float64Array {
  return Float64Array.from(
    shapes.flatMap(({ firstFile, lastFile, blockCount, bitmapBytes, listBytes }) => {
      return [firstFile, lastFile, blockCount, bitmapBytes, listBytes];
    }),
  );
}

export function shapesOfNumbers(numbers: Float64Array): SegmentShape[] {
  return Array.from({ length: numbers.length / 5 }, (_, segment) => {
    const [firstFile = 0, lastFile = 0, blockCount = 0, bitmapBytes = 0, listBytes = 0] = numbers.subarray(segment * 5);
    return { firstFile, lastFile, blockCount, bitmapBytes, listBytes };
  });
}

export function shapeOf({ firstFile, lastFile, blockCount, bitmapBytes, listBytes }: Segment): SegmentShape {
  return { firstFile, lastFile, blockCount, bitmapBytes, listBytes };
}

/** How many bytes `segmentBytes` gives. */
export function sizeOfSegments(shapes: readonly SegmentShape[]): number {
  return shapes.reduce((sum, shape) => sum + sizeOf(shape), 0);
}

/** In pieces, some of which lie in the arena; none of them changes. */
export function* segmentBytes({ arena, files, segments }: TextIndex): Generator<Buffer> {
  for (const { table, groups, lists, listBytes, blockCount } of segments) {
    const records = arena.words().slice(table / 4, table / 4 + blockCount * blockRecordWords);
    for (let at = 0; at < records.length; at += blockRecordWords) {
      records[at] = (records[at] ?? 0) - files.entry(records[at + 3] ?? 0).start;
    }
    yield Buffer.from(records.buffer, records.byteOffset, records.byteLength);
    yield arena.bytes().subarray(groups, groups + groupBytes);
    yield arena.bytes().subarray(lists, lists + listBytes);
    yield Buffer.alloc(rounded(listBytes) - listBytes);
  }
}

/**
 * The segments whose bytes were put into an arena.
 *
 * @returns undefined when they cannot be those of files that are so long
 */
export function placeSegments(
  arena: Arena,
  base: Address,
  shapes: readonly SegmentShape[],
  lengths: Float64Array,
): Segment[] | undefined {
  const segments: Segment[] = [];
  let at = base;
  let file = 0;
  for (const shape of shapes) {
    const groups = at + shape.blockCount * blockRecordBytes;
    const segment = { ...shape, table: at, groups, lists: groups + groupBytes };
    if (shape.firstFile < file || !areBlocksSound(arena, segment, lengths)) return undefined;
    segments.push(segment);
    file = shape.lastFile;
    at += sizeOf(shape);
  }
  return segments;
}

function areBlocksSound(
  arena: Arena,
  { table, blockCount, firstFile, lastFile, bitmapBytes }: Segment,
  lengths: Float64Array,
): boolean {
  const words = arena.words();
  let before = firstFile;
  for (let block = 0; block < blockCount; block++) {
    const record = table / 4 + block * blockRecordWords;
    const end = (words[record] ?? 0) + (words[record + 1] ?? 0);
    const file = words[record + 3] ?? 0;
    if (file < before || file > lastFile || end > (lengths[file] ?? -1)) return false;
    before = file;
  }
  return bitmapBytes === Math.ceil(blockCount / 128) * 16;
}

function sizeOf({ blockCount, listBytes }: SegmentShape): number {
  return blockCount * blockRecordBytes + groupBytes + rounded(listBytes);
}

function rounded(bytes: number): number {
  return Math.ceil(bytes / granuleBytes) * granuleBytes;
}
