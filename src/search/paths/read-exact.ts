import type { PathIndex } from './path-index.ts';
import { cellOf, cellSize, type Rows, runAt, unreached } from './score-rows.ts';
import { fall, gain, runWith } from './score-rules.ts';

/** Reads a name into rows: the units of `text` in a range, from the row `first` on. */
export type ReadName = (rows: Rows, from: number, to: number, first: number) => void;

/**
 * Local alignment by Smith and Waterman (1981) with Gotoh's affine gaps (1982), in the form of fzf's v2 algorithm: the query
 * has no gaps, and a cell keeps one alignment only, the best one, be it in a gap or in a run.
 */
export function createExactReader({ text, bonus }: PathIndex, query: Uint16Array): ReadName {
  const size = query.length;
  const isInQuery = markUnits(query);

  return (rows, from, to, first) => {
    // variables of their own: fields would be stored again in each column
    const { cells } = rows;
    let { best, reached, waiting } = rows;
    for (let at = from; at < to; at++) {
      const unit = text[at] ?? 0;
      if (unit < isInQuery.length && isInQuery[unit] === 0) {
        waiting++;
        continue;
      }
      if (waiting > 0) lengthenGaps(cells, first, reached, waiting);
      waiting = 0;
      if (reached < size && unit === query[reached]) reached++;
      const worth = bonus[at] ?? 0;
      // from the last row to the first, so that the one above still has what the last column left in it
      for (let row = reached - 1; row >= first; row--) fillCell(cells, cellOf(row), row, unit === query[row], worth);
      best = Math.max(best, cells[size * cellSize] ?? 0);
    }
    rows.best = best;
    rows.reached = reached;
    rows.waiting = waiting;
  };
}

/** Which units a query has, of those that can be printed in ASCII; of the others all are taken to be in it. */
export function markUnits(query: Uint16Array): Uint8Array {
  const isInQuery = new Uint8Array(127);
  for (const unit of query) if (unit < isInQuery.length) isInQuery[unit] = 1;
  return isInQuery;
}

/** The recurrence: either the gap goes on, or the row's unit is matched in this column, after all the rows above. */
export function fillCell(cells: Int32Array, cell: number, row: number, isMatch: boolean, worth: number) {
  const left = cells[cell] ?? 0;
  let score = left < 0 ? unreached : fall(left, cells[cell + runAt] === 0, 1);
  let run = 0;
  const above = cells[cell - cellSize] ?? 0;
  if (isMatch && above >= 0) {
    const runAbove = cells[cell - cellSize + runAt] ?? 0;
    const matched = above + gain(row, worth, runAbove);
    if (matched >= score) {
      score = matched;
      run = runWith(worth, runAbove);
    }
  }
  cells[cell] = score;
  cells[cell + runAt] = run;
}

function lengthenGaps(cells: Int32Array, first: number, reached: number, columns: number) {
  for (let row = reached - 1; row >= first; row--) lengthenGap(cells, cellOf(row), columns);
}

/** The recurrence for so many columns in which nothing can be matched. */
export function lengthenGap(cells: Int32Array, cell: number, columns: number) {
  const score = cells[cell] ?? 0;
  if (score > 0) cells[cell] = fall(score, cells[cell + runAt] === 0, columns);
  cells[cell + runAt] = 0;
}
