import type { Catalogue, CatalogueFile } from '../../projects/catalogue.ts';
import type { Root } from '../../projects/door.ts';
import { createArena } from '../engine/arena.ts';
import type { TextLimits } from '../engine/build-slice.ts';
import { maxTextBytes } from '../engine/segment-builder.ts';
import { createTextIndex, type TextIndex } from '../engine/text-index.ts';
import type { TextEntry } from './entry-reader.ts';
import { readSlices } from './read-slices.ts';

export interface BuiltText {
  index: TextIndex;
  /** In path order. */
  entries: TextEntry[];
}

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
 * Reads a project as it is in its catalogue, while this thread does other things.
 *
 * @param pause tells whether to go on
 * @returns `refused` when it cannot be kept
 */
export async function buildText(
  root: Root,
  catalogue: Catalogue,
  budget: TextBudget,
  pause: () => Promise<boolean>,
): Promise<BuiltText | 'refused' | 'stopped'> {
  const limits = limitTexts(catalogue.list().values(), budget);
  if (limits === undefined) return 'refused';
  const arena = createArena(budget.arenaBytes);
  const paths = [...catalogue.list().keys()].sort();
  const built = await readSlices({ root, arena: arena.handle, limits }, paths, pause);
  if (typeof built === 'string') return built === 'full' ? 'refused' : built;
  const slices = built.map(({ slice }) => slice);
  return { index: createTextIndex(arena, slices), entries: built.flatMap(({ entries }) => entries) };
}

/**
 * Small files are kept first: a search opens the fewest then, and the largest are seldom what anybody wrote.
 *
 * @returns undefined where there is no room for the index
 */
export function limitTexts(
  files: Iterable<CatalogueFile>,
  { textBytes, arenaBytes }: TextBudget,
): TextLimits | undefined {
  const sizes = Array.from(files, ({ size }) => size).filter((size) => size <= maxTextBytes);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const spare = Math.min(spareBytes, arenaBytes / 4);
  const most = Math.min(textBytes, arenaBytes - spare - total * indexShare);
  if (most < 0) return undefined;
  const limits = { textBytes: 0, arenaBytes: arenaBytes - spare };
  let kept = 0;
  for (const size of sizes.toSorted((a, b) => a - b)) {
    kept += size;
    if (kept > most) break;
    limits.textBytes = size;
  }
  return limits;
}
