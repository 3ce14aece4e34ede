import type { PathIndex } from './path-index.ts';
import { fillCell, lengthenGap, markUnits, type ReadName } from './read-exact.ts';
import { cellOf, cellSize, earlierAt, editedAt, runAt } from './score-rows.ts';
import { editCost, fall, gain } from './score-rules.ts';

/**
 * The same alignment with up to one edit of Damerau's (1964), as a second layer of the cells: within a layer there are
 * matches and gaps, and an edit leads from the layer without one to the other. A missing letter needs no edit, since it is
 * a gap.
 */
export function createEditedReader({ text, bonus }: PathIndex, query: Uint16Array): ReadName {
  const size = query.length;
  const isInQuery = markUnits(query);

  return (rows, from, to, first) => {
    // variables of their own: fields would be stored again in each column
    const { cells } = rows;
    let { best, reached, reachedExact, lastUnit, waiting } = rows;
    for (let at = from; at < to; at++) {
      const unit = text[at] ?? 0;
      if (unit < isInQuery.length && isInQuery[unit] === 0) {
        waiting++;
        lastUnit = 0;
        continue;
      }
      if (waiting > 0) passColumns(cells, first, reached, waiting);
      waiting = 0;
      if (reached < size && unit === query[reached]) reached++;
      if (reachedExact < size && unit === query[reachedExact]) reachedExact++;
      if (reached <= reachedExact) reached = Math.min(size, reachedExact + 1); // one letter may be passed over
      const worth = bonus[at] ?? 0;
      for (let row = reached - 1; row >= first; row--) {
        const isTransposed = row > 0 && lastUnit === query[row] && unit === query[row - 1];
        fillLayers(cells, row, unit === query[row], isTransposed, worth);
        if (row + 1 < reached) takeSuperfluous(cells, cellOf(row));
      }
      best = Math.max(best, cells[size * cellSize] ?? 0, cells[size * cellSize + editedAt] ?? 0);
      lastUnit = unit;
    }
    rows.best = best;
    rows.reached = reached;
    rows.reachedExact = reachedExact;
    rows.lastUnit = lastUnit;
    rows.waiting = waiting;
  };
}

/** The layer with an edit goes first, as it reads the other one as the last column left it. */
function fillLayers(cells: Int32Array, row: number, isMatch: boolean, isTransposed: boolean, worth: number) {
  const cell = cellOf(row);
  fillCell(cells, cell + editedAt, row, isMatch, worth);
  takeWrong(cells, cell, 1);
  if (isTransposed) takeTransposed(cells, cell, row, worth);

  cells[cell + earlierAt] = cells[cell] ?? 0;
  fillCell(cells, cell, row, isMatch, worth);
}

/** So many columns in which nothing can be matched; the first of them may be a wrong letter. */
function passColumns(cells: Int32Array, first: number, reached: number, columns: number) {
  for (let row = reached - 1; row >= first; row--) {
    const cell = cellOf(row);
    lengthenGap(cells, cell + editedAt, columns);
    takeWrong(cells, cell, columns);
    lengthenGap(cells, cell, columns);
  }
}

/** The query has a wrong letter for the first of so many columns, over which the run goes on; the others are a gap. */
function takeWrong(cells: Int32Array, cell: number, columns: number) {
  const above = cells[cell - cellSize] ?? 0;
  if (above < editCost) return;
  if (columns === 1) offer(cells, cell, above - editCost, cells[cell - cellSize + runAt] ?? 0);
  else offer(cells, cell, fall(above - editCost, false, columns - 1), 0);
}

/** The last column and this one are the row's letter and the one above, in the other order, and count as a run. */
function takeTransposed(cells: Int32Array, cell: number, row: number, worth: number) {
  const start = cell - 2 * cellSize;
  const score = cells[start + earlierAt] ?? 0;
  if (score < 0) return;
  const run = Math.max(1, cells[start + runAt] ?? 0);
  offer(cells, cell, score + 2 * gain(row, worth, run) - editCost, run);
}

/** The letter of the row below is superfluous. That row is done with, and the layer without an edit is new in this one. */
function takeSuperfluous(cells: Int32Array, cell: number) {
  offer(cells, cell + cellSize, (cells[cell] ?? 0) - editCost, cells[cell + runAt] ?? 0);
}

/** Takes an alignment with an edit if it is better than the one that the cell has. */
function offer(cells: Int32Array, cell: number, score: number, run: number) {
  if (score <= (cells[cell + editedAt] ?? 0)) return;
  cells[cell + editedAt] = score;
  cells[cell + editedAt + runAt] = run;
}
