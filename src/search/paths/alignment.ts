import type { PathIndex } from './path-index.ts';
import { createQueryMasks, isAtMostOne, meets, type QueryMasks } from './query-masks.ts';
import { createScoreMatrix } from './score-matrix.ts';
import { idealScore } from './score-rules.ts';

/** How one part of a query fits the paths of an index: which it can fit at all, and how well. */
export interface Alignment {
  /** What a query that is a whole name scores, with every letter in a row. */
  ideal: number;
  /** Writes the files that may fit, whose paths have the query's letters in order, and returns how many they are. */
  select(found: Uint32Array): number;
  /** Keeps of the first `count` files those that may fit. */
  refine(found: Uint32Array, count: number): number;
  /** No less than the score, and much less work; only for a file that may fit, as below. */
  bound(file: number): number;
  score(file: number): number;
}

/**
 * Aligns a query with paths by dynamic programming, as fzf's v2 algorithm does, with up to one edit: a wrong, a
 * superfluous or two transposed letters; a missing one is only a gap. `read-exact.ts` has the recurrence, `read-edited.ts`
 * one more layer of it for what comes after the edit, and `score-rows.ts` what both work on. Columns are units of a path,
 * so that what a folder's name makes of the query is computed once for all the files below it.
 *
 * @param query folded units
 */
export function createAlignment(index: PathIndex, query: Uint16Array, edits: 0 | 1): Alignment {
  const masks = createQueryMasks(query);
  const reach = createReach(index, query, edits, masks);
  const matrix = createScoreMatrix(index, query, edits, masks);
  return { ideal: idealScore(query.length), ...reach, ...matrix };
}

/**
 * How much of a query the names of folders take up when every letter is taken as early as it comes, which is the most
 * they can. What is left over must be in the file's name, and most names fail by a look at their letters alone.
 */
function createReach(index: PathIndex, query: Uint16Array, edits: 0 | 1, masks: QueryMasks) {
  const { low, high } = masks.rest;
  const { text, folders, files } = index;
  const size = query.length;
  const { low: filesLow, high: filesHigh } = files;
  const plain = new Uint16Array(folders.count);
  const edited = new Uint16Array(folders.count);
  for (let folder = 0; folder < folders.count; folder++) {
    const parent = folders.parent[folder] ?? 0;
    const from = folders.start[folder] ?? 0;
    const to = folders.start[folder + 1] ?? 0;
    const taken = parent < 0 ? 0 : (plain[parent] ?? 0);
    plain[folder] = isNext(folder, taken) ? advance(from, to, taken) : taken;
    if (edits === 0) continue;
    const takenEdited = parent < 0 ? Math.min(1, size) : (edited[parent] ?? 0);
    const isSame = plain[folder] === taken && !isNext(folder, takenEdited);
    edited[folder] = isSame ? takenEdited : advanceEdited(from, to, taken, takenEdited);
  }
  return {
    select(found: Uint32Array): number {
      let count = 0;
      for (let folder = 0; folder < folders.count; folder++) {
        if (!hasUnits(folder, ~(folders.filesLow[folder] ?? 0), ~(folders.filesHigh[folder] ?? 0))) continue;
        const end = folders.firstFile[folder + 1] ?? 0;
        const neededLow = low[(edits === 0 ? plain : edited)[folder] ?? 0] ?? 0;
        const neededHigh = high[(edits === 0 ? plain : edited)[folder] ?? 0] ?? 0;
        const allLow = low[plain[folder] ?? 0] ?? 0;
        const allHigh = high[plain[folder] ?? 0] ?? 0;
        for (let file = folders.firstFile[folder] ?? 0; file < end; file++) {
          // as hasUnits(), here where it is quickest: nearly every file ends at these lines
          const missingLow = ~(filesLow[file] ?? 0);
          const missingHigh = ~(filesHigh[file] ?? 0);
          if ((neededLow & missingLow) !== 0 || (neededHigh & missingHigh) !== 0) {
            if (edits === 0 || !isAtMostOne(allLow & missingLow, allHigh & missingHigh)) continue;
          }
          if (isReached(folder, file)) found[count++] = file;
        }
      }
      return count;
    },

    refine(found: Uint32Array, count: number): number {
      let kept = 0;
      for (let at = 0; at < count; at++) {
        const file = found[at] ?? 0;
        if (mayFit(files.folder[file] ?? 0, file)) found[kept++] = file;
      }
      return kept;
    },
  };

  function mayFit(folder: number, file: number): boolean {
    return hasUnits(folder, ~(files.low[file] ?? 0), ~(files.high[file] ?? 0)) && isReached(folder, file);
  }

  function isReached(folder: number, file: number): boolean {
    const from = files.start[file] ?? 0;
    const to = files.start[file + 1] ?? 0;
    const taken = plain[folder] ?? 0;
    if (edits === 0) return taken === size || advance(from, to, taken) === size;
    return advanceEdited(from, to, taken, edited[folder] ?? 0) === size;
  }

  /** By a look at which units are missing in a name, or in all names of a folder. */
  function hasUnits(folder: number, missingLow: number, missingHigh: number): boolean {
    const taken = edits === 0 ? (plain[folder] ?? 0) : (edited[folder] ?? 0);
    if (((low[taken] ?? 0) & missingLow) === 0 && ((high[taken] ?? 0) & missingHigh) === 0) return true;
    if (edits === 0) return false;
    const takenPlain = plain[folder] ?? 0;
    return isAtMostOne((low[takenPlain] ?? 0) & missingLow, (high[takenPlain] ?? 0) & missingHigh);
  }

  /** Whether the folder's own name holds the next letter at all. */
  function isNext(folder: number, taken: number): boolean {
    return meets(masks.own, taken, folders.low[folder] ?? 0, folders.high[folder] ?? 0);
  }

  function advance(from: number, to: number, taken: number): number {
    let reached = taken;
    for (let at = from; at < to && reached < size; at++) if (text[at] === query[reached]) reached++;
    return reached;
  }

  /** With one letter of the query left out somewhere; two transposed ones do not need more. */
  function advanceEdited(from: number, to: number, taken: number, takenEdited: number): number {
    let reached = taken;
    let best = Math.max(takenEdited, Math.min(size, taken + 1));
    for (let at = from; at < to && best < size; at++) {
      const unit = text[at];
      if (unit === query[best]) best++;
      if (unit === query[reached]) reached++;
      if (reached + 1 > best) best = Math.min(size, reached + 1);
    }
    return best;
  }
}
