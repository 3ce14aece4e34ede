/**
 * The state of the dynamic programme between two columns. A column is a unit of a path, a row one of the query, and a cell
 * the best alignment of the query as far as the row with the path as far as the column. Only one column of cells is kept,
 * which the next one writes over. Above the first row there is one more, for nothing matched yet.
 */
export interface Rows {
  /** One cell for each row from the uppermost on, side by side, so that the programme keeps to one part of memory. */
  cells: Int32Array;
  /** The best score of a whole query so far. */
  best: number;
  /** How many rows an alignment has reached; those below are as they were at the start. */
  reached: number;
  /** How many one without an edit has. */
  reachedExact: number;
  /** The unit of the last column, or 0 where it is none of the query. */
  lastUnit: number;
  /** Columns whose units are none of the query only lengthen gaps. They are put off until another follows. */
  waiting: number;
  /** Of which folder it is that the path has been read, or -1. */
  folder: number;
}

/** The score of a cell that no alignment has reached. All others are at least 0. */
export const unreached = -1;

/* The first number of a cell is the score of its best alignment without an edit. The others come so far behind it: */

/** What the run of matches that it ends with began with plus one; 0 in a gap. */
export const runAt = 1;
/** Score and run of its best alignment with an edit, in the same order, so that the same functions serve both. */
export const editedAt = 2;
/** The score without an edit one column earlier, which is where two transposed units begin. */
export const earlierAt = 4;
export const cellSize = 5;

/** Rows before the first column. */
export function createRows(size: number, edits: 0 | 1): Rows {
  const cells = new Int32Array((size + 1) * cellSize);
  for (let cell = 0; cell < cells.length; cell += cellSize) {
    cells[cell] = unreached;
    cells[cell + editedAt] = unreached;
    cells[cell + earlierAt] = unreached;
  }
  cells[0] = 0;
  cells[earlierAt] = 0;
  if (edits === 1) cells[cellSize + editedAt] = 0; // the first unit may be superfluous, and nothing is lost before a match
  return { cells, best: unreached, reached: edits, reachedExact: 0, lastUnit: 0, waiting: 0, folder: -1 };
}

/** Where the cell of a row begins. That of the row above is `cellSize` before it. */
export function cellOf(row: number): number {
  return (row + 1) * cellSize;
}

/** Copies what a name may have changed: the rows that are not reached on either side are the same. */
export function copyRows(from: Rows, to: Rows) {
  const source = from.cells;
  const target = to.cells;
  const end = Math.min(cellOf(Math.max(from.reached, to.reached)), target.length);
  for (let at = cellSize; at < end; at++) target[at] = source[at] ?? 0;
  to.best = from.best;
  to.reached = from.reached;
  to.reachedExact = from.reachedExact;
  to.lastUnit = from.lastUnit;
  to.waiting = from.waiting;
}
