import type { Masks } from './alignment.ts';
import { nameBonus, type PathIndex } from './path-index.ts';
import { editCost, fall, fallBy, gain, gapStart, matchWorth, mostBonus, mostWorth } from './score-rules.ts';

const invalid = -1;

/**
 * The numbers of a row lie side by side, so that the programme keeps to one part of memory. The first is the best score of an
 * alignment that ends with the letter of the row; behind it follow:
 */
const earlier = 1; // the score one column earlier
const run = 2; // what the run of letters began with plus one; 0: no run
const gap = 3; // 1 while a gap is open
const edited = 4; // the score, run and gap of the best alignment with an edit
const editedRun = 5;
const editedGap = 6;
const stride = 8;

/**
 * The dynamic programme. There is one set of rows for each depth of folders and one for the file, and above the first
 * row of each a row that stands for nothing matched yet.
 */
export function createTable(index: PathIndex, query: Uint16Array, edits: 0 | 1, masks: Masks) {
  const { low, high, ownLow, ownHigh, pairLow, pairHigh, swapLow, swapHigh, overLow, overHigh } = masks;
  const { text, bonus, folders, files, deepest } = index;
  const size = query.length;
  const width = (size + 1) * stride;
  const slots = deepest + 2;
  const cells = new Int32Array(slots * width);
  for (let cell = 0; cell < cells.length; cell += stride) {
    const isStart = cell % width === 0;
    cells[cell] = isStart ? 0 : invalid;
    cells[cell + earlier] = isStart ? 0 : invalid;
    cells[cell + edited] = edits === 1 && cell % width === stride ? 0 : invalid; // the first letter may be superfluous
  }
  const best = new Int32Array(slots).fill(invalid);
  const reached = new Int32Array(slots).fill(edits);
  const reachedPlain = new Int32Array(slots);
  const lastUnit = new Int32Array(slots);
  /** Columns whose unit is not in the query only lengthen gaps; they are put off until they are followed by others. */
  const dead = new Int32Array(slots);
  const hasSlash = query.includes(47); // which stands between a folder's name and the next
  const isInQuery = new Uint8Array(128);
  for (let at = 0; at < size; at++) isInQuery[Math.min(query[at] ?? 0, 127)] = 1;
  /** Whose rows a slot holds. The root's are the empty ones, which the first slot always has. */
  const owner = new Int32Array(slots).fill(-1);
  owner[0] = 0;

  return {
    /**
     * The best that the folder's rows can come to: the letters that are left must be in the name, and each is worth
     * less where it neither begins a word there nor follows the one before it. Of the edits, only transposing two
     * letters can be worth more than taking every letter as it is; a letter that the name does not have takes the edit
     * and is worth nothing.
     */
    bound(file: number): number {
      const folder = files.folder[file] ?? 0;
      prepare(folder);
      const slot = folders.depth[folder] ?? 0;
      const missingLow = ~(files.low[file] ?? 0);
      const missingHigh = ~(files.high[file] ?? 0);
      const startsLow = files.startsLow[file] ?? 0;
      const startsHigh = files.startsHigh[file] ?? 0;
      const pairsLow = files.pairsLow[file] ?? 0;
      const pairsHigh = files.pairsHigh[file] ?? 0;
      let most = best[slot] ?? invalid;
      let worth = 0; // of the letters after the first one that is left
      let mended = 0;
      let lack1 = 0;
      let lack2 = 0;
      let hasAll = true;
      for (let next = size - 1; next >= 0; next--) {
        const isMissing = ((ownLow[next] ?? 0) & missingLow) !== 0 || ((ownHigh[next] ?? 0) & missingHigh) !== 0;
        if (isMissing && (edits === 0 || !hasAll)) break;
        const begins = ((ownLow[next] ?? 0) & startsLow) !== 0 || ((ownHigh[next] ?? 0) & startsHigh) !== 0;
        const follows = ((pairLow[next] ?? 0) & pairsLow) !== 0 || ((pairHigh[next] ?? 0) & pairsHigh) !== 0;
        const firstLack = begins ? 0 : mostBonus - nameBonus;
        const lack = follows ? 0 : begins ? gapStart : mostBonus - nameBonus + gapStart;
        const isWorthless = isMissing && !hasSlash; // a slash may be transposed with the end of the folder's name
        const first = isWorthless ? 0 : next === 0 ? matchWorth + 2 * (mostBonus - firstLack) : mostWorth - firstLack;
        if (isMissing) {
          hasAll = false;
          mended = lack1;
        }
        const cell = slot * width + next * stride;
        const plain = cells[cell] ?? 0;
        const withEdit = cells[cell + edited] ?? 0;
        if (hasAll && plain >= 0) most = Math.max(most, plain + first + worth);
        if (hasAll && withEdit >= 0) most = Math.max(most, withEdit + first + worth);
        let swapped = 0;
        if (edits === 1 && (hasAll || hasSlash) && maySwap(next, pairsLow, pairsHigh)) {
          swapped = lack1 + (mayGoOn(next, pairsLow, pairsHigh) ? lack2 : 0);
          if (plain >= 0) most = Math.max(most, plain + first + worth + firstLack + swapped - editCost);
          swapped += lack;
        }
        if (edits === 1 && plain >= 0) most = Math.max(most, plain + first + worth + mended - editCost);
        if (!isWorthless) worth += mostWorth - lack;
        mended = Math.max(mended, swapped);
        lack2 = lack1;
        lack1 = lack;
      }
      return most;
    },

    score(file: number): number {
      const folder = files.folder[file] ?? 0;
      prepare(folder);
      const slot = slots - 1;
      copyRows(folders.depth[folder] ?? 0, slot);
      read(slot, files.start[file] ?? 0, files.start[file + 1] ?? 0, firstRow(file));
      return best[slot] ?? invalid;
    },
  };

  /** Whether the name may have a letter of the query and the next one in the other order. */
  function maySwap(at: number, pairsLow: number, pairsHigh: number): boolean {
    return hasSlash || ((swapLow[at] ?? 0) & pairsLow) !== 0 || ((swapHigh[at] ?? 0) & pairsHigh) !== 0;
  }

  /** Whether a run may go on with the letter after those two. */
  function mayGoOn(at: number, pairsLow: number, pairsHigh: number): boolean {
    return hasSlash || ((overLow[at] ?? 0) & pairsLow) !== 0 || ((overHigh[at] ?? 0) & pairsHigh) !== 0;
  }

  function setPlain(cell: number, score: number, began: number) {
    cells[cell] = score;
    cells[cell + run] = began;
    cells[cell + gap] = began === 0 ? 1 : 0;
  }

  function setEdited(cell: number, score: number, began: number) {
    cells[cell + edited] = score;
    cells[cell + editedRun] = began;
    cells[cell + editedGap] = began === 0 ? 1 : 0;
  }

  /** What comes after the row must be in the name; an alignment that is not as far when it gets there never ends. */
  function firstRow(file: number): number {
    const missingLow = ~(files.low[file] ?? 0);
    const missingHigh = ~(files.high[file] ?? 0);
    let row = size - 1;
    for (; row >= 0; row--) {
      const leftLow = (low[row] ?? 0) & missingLow;
      const leftHigh = (high[row] ?? 0) & missingHigh;
      if ((leftLow !== 0 || leftHigh !== 0) && (edits === 0 || !isAtMostOne(leftLow, leftHigh))) break;
    }
    return Math.max(0, row);
  }

  function prepare(folder: number) {
    const slot = folders.depth[folder] ?? 0;
    if (owner[slot] === folder) return;
    prepare(folders.parent[folder] ?? 0);
    copyRows(slot - 1, slot);
    read(slot, folders.start[folder] ?? 0, folders.start[folder + 1] ?? 0, 0);
    owner[slot] = folder;
  }

  /** Rows that no letter has reached are the same everywhere. */
  function copyRows(from: number, to: number) {
    const rows = Math.min(Math.max(reached[from] ?? 0, reached[to] ?? 0), size) + 1;
    const start = from * width;
    const target = to * width;
    for (let at = rows * stride - 1; at >= stride; at--) cells[target + at] = cells[start + at] ?? 0;
    best[to] = best[from] ?? invalid;
    reached[to] = reached[from] ?? 0;
    reachedPlain[to] = reachedPlain[from] ?? 0;
    lastUnit[to] = lastUnit[from] ?? 0;
    dead[to] = dead[from] ?? 0;
  }

  function read(slot: number, from: number, to: number, first: number) {
    if (edits === 1) readEdited(slot, from, to, first);
    else readPlain(slot, from, to, first);
  }

  /** Rows go from the last to the first, so that the one above still has what the last column left in it. */
  function readPlain(slot: number, from: number, to: number, first: number) {
    const table = cells;
    const base = slot * width;
    let rows = reached[slot] ?? 0;
    let most = best[slot] ?? invalid;
    let waiting = dead[slot] ?? 0;
    for (let at = from; at < to; at++) {
      const unit = text[at] ?? 0;
      if (unit < 127 && isInQuery[unit] === 0) {
        waiting++;
        continue;
      }
      if (waiting > 0) settlePlain(base, rows, first, waiting);
      waiting = 0;
      const worth = bonus[at] ?? 0;
      if (rows < size && unit === query[rows]) rows++;
      let cell = base + rows * stride;
      for (let row = rows - 1; row >= first; row--) {
        const left = table[cell] ?? 0;
        let score = left < 0 ? invalid : fall(left, table[cell + gap] ?? 0);
        let began = 0;
        if (unit === query[row]) {
          const above = table[cell - stride] ?? 0;
          if (above >= 0) {
            const before = row === 0 ? 0 : (table[cell - stride + run] ?? 0);
            const gained = above + gain(row, worth, before);
            if (gained >= score) {
              score = gained;
              began = worth >= before ? worth + 1 : before;
            }
          }
        }
        setPlain(cell, score, began);
        cell -= stride;
      }
      const last = table[base + size * stride] ?? 0;
      if (last > most) most = last;
    }
    reached[slot] = rows;
    best[slot] = most;
    dead[slot] = waiting;
  }

  function settlePlain(base: number, rows: number, first: number, columns: number) {
    let cell = base + rows * stride;
    for (let row = rows - 1; row >= first; row--) {
      const score = cells[cell] ?? 0;
      if (score > 0) cells[cell] = fallBy(score, cells[cell + gap] ?? 0, columns);
      cells[cell + run] = 0;
      cells[cell + gap] = 1;
      cell -= stride;
    }
  }

  /** The layer after the edit reads the layer before it as the last column left it, then as this one does. */
  function readEdited(slot: number, from: number, to: number, first: number) {
    const table = cells;
    const base = slot * width;
    let rows = reached[slot] ?? 0;
    let most = best[slot] ?? invalid;
    let previous = lastUnit[slot] ?? 0;
    let plainRows = reachedPlain[slot] ?? 0;
    let waiting = dead[slot] ?? 0;
    for (let at = from; at < to; at++) {
      const unit = text[at] ?? 0;
      if (unit < 127 && isInQuery[unit] === 0) {
        waiting++;
        previous = 0;
        continue;
      }
      if (waiting > 0) settleEdited(base, rows, first, waiting);
      waiting = 0;
      const worth = bonus[at] ?? 0;
      if (rows < size && unit === query[rows]) rows++;
      if (plainRows < size && unit === query[plainRows]) plainRows++;
      if (plainRows + 1 > rows) rows = Math.min(size, plainRows + 1); // passing over a letter
      const above = base + rows * stride;
      let cell = above;
      for (let row = rows - 1; row >= first; row--) {
        const isMatch = unit === query[row];
        const plainAbove = table[cell - stride] ?? 0;
        const runAbove = row === 0 ? 0 : (table[cell - stride + run] ?? 0);
        const left = table[cell + edited] ?? 0;
        let score = left < 0 ? invalid : fall(left, table[cell + editedGap] ?? 0);
        let began = 0;
        if (isMatch) {
          const editedAbove = table[cell - stride + edited] ?? 0;
          if (editedAbove >= 0) {
            const before = table[cell - stride + editedRun] ?? 0;
            const gained = editedAbove + gain(row, worth, before);
            if (gained >= score) {
              score = gained;
              began = worth >= before ? worth + 1 : before;
            }
          }
        }
        if (row > 0) {
          if (plainAbove - editCost > score) {
            score = plainAbove - editCost; // a wrong letter
            began = runAbove;
          }
          if (previous === query[row] && unit === query[row - 1]) {
            const start = table[cell - 2 * stride + earlier] ?? 0;
            const before = row === 1 ? 0 : (table[cell - 2 * stride + run] ?? 0);
            const swapped = start < 0 ? invalid : start + 2 * gain(row, worth, before === 0 ? 1 : before) - editCost;
            if (swapped > score) {
              score = swapped;
              began = before === 0 ? 1 : before;
            }
          }
        }
        setEdited(cell, score, began);

        const plainLeft = table[cell] ?? 0;
        let plain = plainLeft < 0 ? invalid : fall(plainLeft, table[cell + gap] ?? 0);
        let plainBegan = 0;
        if (isMatch && plainAbove >= 0) {
          const gained = plainAbove + gain(row, worth, runAbove);
          if (gained >= plain) {
            plain = gained;
            plainBegan = worth >= runAbove ? worth + 1 : runAbove;
          }
        }
        setPlain(cell, plain, plainBegan);
        table[cell + earlier] = plainLeft;
        // a superfluous letter: the row below is done with, and this one is as it is to be
        if (row + 1 < rows && plain - editCost > (table[cell + stride + edited] ?? 0)) {
          setEdited(cell + stride, plain - editCost, plainBegan);
        }
        cell -= stride;
      }
      const last = Math.max(table[base + size * stride] ?? 0, table[base + size * stride + edited] ?? 0);
      if (last > most) most = last;
      previous = unit;
    }
    reached[slot] = rows;
    best[slot] = most;
    reachedPlain[slot] = plainRows;
    lastUnit[slot] = previous;
    dead[slot] = waiting;
  }

  /** The first of the columns may be a wrong letter for one of the query. */
  function settleEdited(base: number, rows: number, first: number, columns: number) {
    let cell = base + rows * stride;
    for (let row = rows - 1; row >= first; row--) {
      const left = cells[cell + edited] ?? 0;
      let score = left > 0 ? fallBy(left, cells[cell + editedGap] ?? 0, columns) : left;
      let began = 0;
      const above = row === 0 ? invalid : (cells[cell - stride] ?? 0);
      if (above >= editCost) {
        const wrong = columns === 1 ? above - editCost : fallBy(above - editCost, 0, columns - 1);
        if (wrong > score) {
          score = wrong;
          began = columns === 1 ? (cells[cell - stride + run] ?? 0) : 0;
        }
      }
      setEdited(cell, score, began);
      const plain = cells[cell] ?? 0;
      if (plain > 0) cells[cell] = fallBy(plain, cells[cell + gap] ?? 0, columns);
      cells[cell + run] = 0;
      cells[cell + gap] = 1;
      cell -= stride;
    }
  }
}

/** Whether at most one of the units is missing. */
export function isAtMostOne(low: number, high: number): boolean {
  return (low === 0 || high === 0) && (low & (low - 1)) === 0 && (high & (high - 1)) === 0;
}
