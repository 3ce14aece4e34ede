import { nameBonus, type PathIndex, slash } from './path-index.ts';
import { meets, type QueryMasks } from './query-masks.ts';
import { cellSize, editedAt, type Rows } from './score-rows.ts';
import { editCost, gapStart, matchWorth, mostBonus, mostWorth } from './score-rules.ts';

/** How much less than the most a letter is worth that does not begin a word. */
const plainLack = mostBonus - nameBonus;

/** The most that a file can score, by the rows of its folder and the sets of units and pairs in its name. */
export type Bound = (rows: Rows, file: number) => number;

/**
 * An upper bound, which rules a file out with much less work than its score takes. The letters that the folder's rows leave
 * over must all be in the name, and each is worth less where it neither begins a word there nor follows the one before it.
 * Any number of letters may be left over: `next` is the first that is, and goes from the last one up.
 */
export function createExactBound({ files }: PathIndex, query: Uint16Array, { own, pair }: QueryMasks): Bound {
  const size = query.length;
  const isBeginning = createBeginnings(query);

  return ({ cells, best }, file) => {
    const missingLow = ~(files.low[file] ?? 0);
    const missingHigh = ~(files.high[file] ?? 0);
    const startsLow = files.startsLow[file] ?? 0;
    const startsHigh = files.startsHigh[file] ?? 0;
    const pairsLow = files.pairsLow[file] ?? 0;
    const pairsHigh = files.pairsHigh[file] ?? 0;
    let most = best;
    let later = 0; // what the letters after the first one that is left are worth
    for (let next = size - 1; next >= 0; next--) {
      if (meets(own, next, missingLow, missingHigh)) break;
      const firstLack = isBeginning(next) || meets(own, next, startsLow, startsHigh) ? 0 : plainLack;
      const score = cells[next * cellSize] ?? 0;
      if (score >= 0) most = Math.max(most, score + firstWorth(next, firstLack) + later);
      later += mostWorth - (meets(pair, next, pairsLow, pairsHigh) ? 0 : firstLack + gapStart);
    }
    return most;
  };
}

/**
 * The same with an edit. Only transposing two letters can be worth more than taking every letter as it is; a letter that
 * the name does not have takes the edit and is worth nothing. Where the query has a slash, that may be transposed with the
 * end of the folder's name, of which the sets of the file's name tell nothing.
 */
export function createEditedBound({ files }: PathIndex, query: Uint16Array, masks: QueryMasks): Bound {
  const { own, pair, swapped, afterSwap } = masks;
  const size = query.length;
  const hasSlash = query.includes(slash);
  const isBeginning = createBeginnings(query);
  /** Lost where a gap is open at the end of the folder's rows, and not one column before, where a transposition begins. */
  const slashGap = hasSlash ? gapStart : 0;
  /** By letter: how much less than the most it is worth where it is not the first. Two more at the end lack nothing. */
  const lacks = new Int32Array(size + 2);

  return ({ cells, best }, file) => {
    const missingLow = ~(files.low[file] ?? 0);
    const missingHigh = ~(files.high[file] ?? 0);
    const startsLow = files.startsLow[file] ?? 0;
    const startsHigh = files.startsHigh[file] ?? 0;
    const pairsLow = files.pairsLow[file] ?? 0;
    const pairsHigh = files.pairsHigh[file] ?? 0;
    let most = best;
    let later = 0;
    let mended = 0; // the most of what those letters lack that an edit among them wins back
    let hasAll = true;
    for (let next = size - 1; next >= 0; next--) {
      const isMissing = meets(own, next, missingLow, missingHigh);
      if (isMissing && !hasAll) break;
      const firstLack = isBeginning(next) || meets(own, next, startsLow, startsHigh) ? 0 : plainLack;
      const lack = meets(pair, next, pairsLow, pairsHigh) ? 0 : firstLack + gapStart;
      lacks[next] = lack;
      const isWorthless = isMissing && !hasSlash;
      if (isMissing) {
        hasAll = false;
        mended = lacks[next + 1] ?? 0; // a run goes on over a wrong letter
      }

      // transposed with the one after it, a letter lacks nothing, nor does that one, nor the third if the run goes on
      const maySwap = hasSlash || (hasAll && meets(swapped, next, pairsLow, pairsHigh));
      const mayGoOn = maySwap && (hasSlash || meets(afterSwap, next, pairsLow, pairsHigh));
      const won = (lacks[next + 1] ?? 0) + (mayGoOn ? (lacks[next + 2] ?? 0) : 0);

      // where this letter is the first one left
      const worth = later + (isWorthless ? 0 : firstWorth(next, firstLack));
      const exact = cells[next * cellSize] ?? 0;
      const edited = cells[next * cellSize + editedAt] ?? 0;
      const back = maySwap ? Math.max(mended, firstLack + won) : mended;
      if (hasAll && edited >= 0) most = Math.max(most, edited + worth);
      if (hasAll && exact >= 0) most = Math.max(most, exact + worth);
      if (exact >= 0) most = Math.max(most, exact + slashGap + worth + back - editCost);

      // where it comes after others
      if (!isWorthless) later += mostWorth - lack;
      if (maySwap) mended = Math.max(mended, lack + won);
    }
    return most;
  };
}

/** Whether a letter stands behind a slash of the query: a run that comes over that slash goes on with what it began with. */
function createBeginnings(query: Uint16Array): (letter: number) => boolean {
  return (letter) => query[letter - 1] === slash;
}

/** What the first letter is worth that is left over; as the query's first it counts twice. */
function firstWorth(row: number, lack: number): number {
  return row === 0 ? matchWorth + 2 * (mostBonus - lack) : mostWorth - lack;
}
