import type { PathIndex } from './path-index.ts';
import { isAtMostOne, type QueryMasks } from './query-masks.ts';
import { createEditedReader } from './read-edited.ts';
import { createExactReader } from './read-exact.ts';
import { createEditedBound, createExactBound } from './score-bound.ts';
import { copyRows, createRows, type Rows } from './score-rows.ts';

/**
 * The dynamic programme over the folders of an index. The rows after a folder's path are kept, one set for each depth, so
 * that the files below it read only their names; as files come folder by folder, most find the rows that they need.
 */
export function createScoreMatrix(index: PathIndex, query: Uint16Array, edits: 0 | 1, masks: QueryMasks) {
  const { folders, files } = index;
  const size = query.length;
  const read = edits === 1 ? createEditedReader(index, query) : createExactReader(index, query);
  const mostOf = edits === 1 ? createEditedBound(index, query, masks) : createExactBound(index, query, masks);
  const { low: restLow, high: restHigh } = masks.rest;
  const root = createRows(size, edits);
  root.folder = 0;
  const levels: Rows[] = [root];
  const whole = createRows(size, edits);

  return {
    bound(file: number): number {
      return mostOf(rowsOf(files.folder[file] ?? 0), file);
    },

    score(file: number): number {
      copyRows(rowsOf(files.folder[file] ?? 0), whole);
      read(whole, files.start[file] ?? 0, files.start[file + 1] ?? 0, firstRow(file));
      return whole.best;
    },
  };

  /** The rows after a folder's path. */
  function rowsOf(folder: number): Rows {
    const depth = folders.depth[folder] ?? 0;
    const kept = levels[depth];
    if (kept?.folder === folder) return kept;
    const above = rowsOf(folders.parent[folder] ?? 0);
    const rows = kept ?? createRows(size, edits);
    levels[depth] = rows;
    copyRows(above, rows);
    read(rows, folders.start[folder] ?? 0, folders.start[folder + 1] ?? 0, 0);
    rows.folder = folder;
    return rows;
  }

  /** What comes after the row must be in the name; an alignment that is not as far when it gets there never ends. */
  function firstRow(file: number): number {
    const missingLow = ~(files.low[file] ?? 0);
    const missingHigh = ~(files.high[file] ?? 0);
    for (let row = size - 1; row > 0; row--) {
      const lackLow = (restLow[row] ?? 0) & missingLow;
      const lackHigh = (restHigh[row] ?? 0) & missingHigh;
      const mayFit = edits === 1 ? isAtMostOne(lackLow, lackHigh) : lackLow === 0 && lackHigh === 0;
      if (!mayFit) return row;
    }
    return 0;
  }
}
