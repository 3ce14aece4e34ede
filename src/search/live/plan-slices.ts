import { blockBytes } from '../engine/blocks.ts';
import type { SlicePlan, TextLimits } from '../engine/build-slice.ts';
import { maxSegmentBlocks, maxTextBytes } from '../engine/segment-builder.ts';

interface ListedFile {
  path: string;
  size: number;
}

/** Of the last slices, so that all threads end at about the same time. */
const fewestBlocks = 1024;
/** Of what is left, that each of two threads makes half of it in two slices at least. */
const shareOfRest = 0.25;

/** The most blocks that a file can have. */
export function blocksOf({ size }: ListedFile): number {
  return 1 + Math.floor(Math.min(size, maxTextBytes) / blockBytes);
}

/**
 * Cuts files, in path order, into slices of no more than one segment, which are larger at first.
 *
 * @param first the number of the first file
 * @returns what gives one after the other
 */
export function planSlices(
  files: readonly ListedFile[],
  first: number,
  limits: TextLimits,
): () => SlicePlan | undefined {
  let left = files.reduce((sum, file) => sum + blocksOf(file), 0);
  let next = 0;
  return () => {
    const begin = next;
    const most = Math.min(maxSegmentBlocks, Math.max(fewestBlocks, left * shareOfRest));
    const paths: string[] = [];
    for (let blocks = 0; next < files.length; next++) {
      const file = files[next];
      if (file === undefined) break;
      const more = blocksOf(file);
      if (blocks > 0 && blocks + more > most) break;
      blocks += more;
      left -= more;
      paths.push(file.path);
    }
    return paths.length > 0 ? { first: first + begin, paths, limits } : undefined;
  };
}
