import type { TextLimits } from '../engine/build-slice.ts';
import { maxTextBytes } from '../engine/segment-builder.ts';

/** What the text and the index of a project may take. */
export interface TextBudget {
  /** Of texts in memory; the largest files stay on the disk when there is more. */
  textBytes: number;
  /** Of all: the texts, the index of what is in memory and what is not, and later changes. */
  arenaBytes: number;
}

/** Of the text: the index, which takes less. */
const indexShare = 0.18;
/** For searches and changed files. */
const spareBytes = 40 * 1024 * 1024;

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
  const spare = Math.min(spareBytes, arenaBytes / 4);
  const most = Math.min(textBytes, arenaBytes - spare - (sumOf(sizes) + begun) * indexShare);
  if (most < 0) return undefined;
  const limits = { textBytes: 0, arenaBytes: arenaBytes - spare };
  let kept = begun;
  for (const size of sizes) {
    kept += size;
    if (kept > most) break;
    limits.textBytes = size;
  }
  return limits;
}

function textSizes(files: Iterable<{ size: number }>): Float64Array {
  return Float64Array.from(files, ({ size }) => size).filter((size) => size <= maxTextBytes);
}

function sumOf(sizes: Float64Array): number {
  return sizes.reduce((sum, size) => sum + size, 0);
}
