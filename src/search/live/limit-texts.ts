import type { TextLimits } from '../engine/build-slice.ts';
import { maxTextBytes } from '../engine/segment-builder.ts';
import type { TextIndex } from '../engine/text-index.ts';

/** What the text and the index of a project may take. */
export interface TextBudget {
  /** Of texts in memory; the largest files stay on the disk when there is more. */
  textBytes: number;
  /** Of all: the texts, the index of what is in memory and what is not, and later changes. */
  arenaBytes: number;
}

/** Of the text: the index, which takes less. */
const indexShare = 0.18;
/** For changed files, and for searches, which read texts that are on the disk. */
const spareBytes = 24 * 1024 * 1024 + maxTextBytes;

/**
 * Small files are kept first: a search opens the fewest then, and the largest are seldom what anybody wrote.
 *
 * @param before files that were read already, and may be kept
 * @returns undefined where there is no room for the index
 */
export function limitTexts(
  files: Iterable<{ size: number }>,
  { textBytes, arenaBytes }: TextBudget,
  before: Iterable<{ size: number }> = [],
): TextLimits | undefined {
  const sizes = textSizes(files).sort();
  const begun = sumOf(textSizes(before));
  const end = arenaBytes - spareOf(arenaBytes);
  const most = Math.min(textBytes, end - (sumOf(sizes) + begun) * indexShare);
  return most < 0 ? undefined : { textBytes: largestWithin(sizes, most - begun), arenaBytes: end };
}

/** What there is room for behind an index that is made: of a stored one all texts, of a new one those that waited for its size. */
export function limitLoading({ arena, files, stats }: TextIndex, { textBytes, arenaBytes }: TextBudget): TextLimits {
  const end = arenaBytes - spareOf(arenaBytes);
  const room = Math.min(textBytes - stats().textBytes, end - arena.usedBytes());
  const sizes: number[] = [];
  for (let file = 0; file < files.count(); file++) {
    if (files.state(file) === 'disk' && files.isLive(file)) sizes.push(files.entry(file).length);
  }
  return { textBytes: largestWithin(Float64Array.from(sizes).sort(), room), arenaBytes: end };
}

/** @param sizes the smallest first; @returns the last of those that have room together */
function largestWithin(sizes: Float64Array, room: number): number {
  let kept = 0;
  let largest = 0;
  for (const size of sizes) {
    kept += size;
    if (kept > room) break;
    largest = size;
  }
  return largest;
}

function spareOf(arenaBytes: number): number {
  return Math.min(spareBytes, arenaBytes / 4);
}

function textSizes(files: Iterable<{ size: number }>): Float64Array {
  return Float64Array.from(files, ({ size }) => size).filter((size) => size <= maxTextBytes);
}

function sumOf(sizes: Float64Array): number {
  return sizes.reduce((sum, size) => sum + size, 0);
}
