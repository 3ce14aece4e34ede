/* What letters, runs and gaps of an alignment are worth, in the proportions of fzf's v2 algorithm. */

export const matchWorth = 16;
export const gapStart = 3;
const gapStep = 1;
const runWorth = 5;
/** Lost, beside what the wrong letter would have been worth. */
export const editCost = 12;
/** The bonus of the best place, and so of each letter in a run that began there. */
export const mostBonus = 12;
export const mostWorth = matchWorth + mostBonus;

/** What a query that is a whole name scores, with every letter in a row. */
export function idealScore(size: number): number {
  return size * mostWorth + mostBonus;
}

/** What is left of a score after so many more columns in a gap, which is affine: to open it costs more than to lengthen it. */
export function fall(score: number, isOpen: boolean, columns: number): number {
  return Math.max(0, score - (isOpen ? gapStep : gapStart) - gapStep * (columns - 1));
}

/**
 * What one more letter of the query is worth.
 *
 * @param worth the bonus of its place
 * @param run what the run that the letter goes on with began with plus one, or 0
 */
export function gain(row: number, worth: number, run: number): number {
  if (row === 0) return matchWorth + 2 * worth;
  return matchWorth + (run === 0 ? worth : Math.max(worth, runWorth, run - 1));
}

/** The run with that letter: a place that is worth more than its beginning begins it anew. */
export function runWith(worth: number, run: number): number {
  return worth >= run ? worth + 1 : run;
}
