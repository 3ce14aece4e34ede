/**
 * A list of paths laid out for fuzzy matching: every letter folded and weighed once, each folder's name kept once, and
 * the files of a folder side by side. A query is then matched along folders, which thousands of files share, and only
 * what it has left over along the names.
 */
export interface PathIndex {
  /** As given. */
  paths: readonly string[];
  /** Folded UTF-16 units of all names; a folder's name ends in a slash. */
  text: Uint16Array;
  /** What a match of the unit at this place is worth beyond the match itself. */
  bonus: Uint8Array;
  /** Parents come before their children. The first is the root, without a name. */
  folders: {
    count: number;
    parent: Int32Array;
    depth: Uint16Array;
    /** Where its own name starts in `text`, with one entry more for the end. */
    start: Uint32Array;
    /** Its first file, with one entry more for the end. */
    firstFile: Uint32Array;
    /** Which units occur in its own name, see {@link maskBit}. */
    low: Int32Array;
    high: Int32Array;
    /** Which units occur in the name of any of its files. */
    filesLow: Int32Array;
    filesHigh: Int32Array;
  };
  /** Grouped by folder. */
  files: {
    start: Uint32Array;
    /** Place in `paths`. */
    place: Uint32Array;
    /** Length of the whole path. */
    length: Uint16Array;
    folder: Uint32Array;
    /** Which units occur in the name. */
    low: Int32Array;
    high: Int32Array;
    /** Which units begin a word in the name. */
    startsLow: Int32Array;
    startsHigh: Int32Array;
    /** Which units follow each other in the name, see {@link pairBit}. */
    pairsLow: Int32Array;
    pairsHigh: Int32Array;
  };
  /** Depth of the deepest folder. */
  deepest: number;
  /** Units of the longest path. */
  longest: number;
  /** Room for one file number each, for a search to use as it likes. */
  scratch: Uint32Array;
}

/** In the proportions of fzf's v2 algorithm: https://github.com/junegunn/fzf/blob/master/src/algo/algo.go */
const bonuses = { slash: 9, boundary: 8, camel: 7, digit: 5 };
/** A name says more of a file than the folders it lies in. */
export const nameBonus = 3;

export const slash = 47;

export function createPathIndex(paths: readonly string[]): PathIndex {
  const tree = groupByFolder(paths);
  const names = tree.folders.reduce((sum, { name }) => sum + name.length, 0);
  const units = paths.reduce((sum, path) => sum + path.length, names);
  const text = new Uint16Array(units);
  const bonus = new Uint8Array(units);
  let end = 0;

  const count = tree.folders.length;
  const folders = {
    count,
    parent: Int32Array.from(tree.folders, ({ parent }) => parent),
    depth: Uint16Array.from(tree.folders, ({ depth }) => depth),
    start: new Uint32Array(count + 1),
    firstFile: new Uint32Array(count + 1),
    low: new Int32Array(count),
    high: new Int32Array(count),
    filesLow: new Int32Array(count),
    filesHigh: new Int32Array(count),
  };
  for (const [at, { name }] of tree.folders.entries()) {
    folders.start[at] = end;
    end = writeName(name, 0, end, 0, text, bonus);
    const { low, high } = maskOf(text, folders.start[at] ?? 0, end);
    folders.low[at] = low;
    folders.high[at] = high;
    folders.firstFile[at + 1] = tree.folders[at]?.files ?? 0;
  }
  folders.start[count] = end;
  for (let at = 0; at < count; at++)
    folders.firstFile[at + 1] = (folders.firstFile[at + 1] ?? 0) + (folders.firstFile[at] ?? 0);

  const files = {
    start: new Uint32Array(paths.length + 1),
    place: new Uint32Array(paths.length),
    length: new Uint16Array(paths.length),
    folder: new Uint32Array(paths.length),
    low: new Int32Array(paths.length),
    high: new Int32Array(paths.length),
    startsLow: new Int32Array(paths.length),
    startsHigh: new Int32Array(paths.length),
    pairsLow: new Int32Array(paths.length),
    pairsHigh: new Int32Array(paths.length),
  };
  const next = folders.firstFile.slice();
  for (let place = 0; place < paths.length; place++) {
    const folder = tree.folderOf[place] ?? 0;
    const file = next[folder] ?? 0;
    next[folder] = file + 1;
    files.place[file] = place;
  }
  for (let file = 0; file < paths.length; file++) {
    const path = paths[files.place[file] ?? 0] ?? '';
    files.start[file] = end;
    files.length[file] = Math.min(path.length, 0xffff);
    const from = end;
    end = writeName(path, path.lastIndexOf('/') + 1, end, nameBonus, text, bonus);
    const { low, high } = maskOf(text, from, end);
    for (let unitAt = from; unitAt < end; unitAt++) {
      const unit = text[unitAt] ?? 0;
      const bit = maskBit(unit);
      if ((bonus[unitAt] ?? 0) > nameBonus) {
        if (bit < 32) files.startsLow[file] = (files.startsLow[file] ?? 0) | (1 << bit);
        else files.startsHigh[file] = (files.startsHigh[file] ?? 0) | (1 << (bit - 32));
      }
      if (unitAt === from) continue;
      const pair = pairBit(text[unitAt - 1] ?? 0, unit);
      if (pair < 32) files.pairsLow[file] = (files.pairsLow[file] ?? 0) | (1 << pair);
      else files.pairsHigh[file] = (files.pairsHigh[file] ?? 0) | (1 << (pair - 32));
    }
    files.low[file] = low;
    files.high[file] = high;
    const folder = tree.folderOf[files.place[file] ?? 0] ?? 0;
    files.folder[file] = folder;
    folders.filesLow[folder] = (folders.filesLow[folder] ?? 0) | low;
    folders.filesHigh[folder] = (folders.filesHigh[folder] ?? 0) | high;
  }
  files.start[paths.length] = end;
  const deepest = tree.folders.reduce((most, { depth }) => Math.max(most, depth), 0);
  const longest = paths.reduce((most, path) => Math.max(most, path.length), 0);
  return { paths, text, bonus, folders, files, deepest, longest, scratch: new Uint32Array(paths.length) };
}

/** Letters a to z, digits and `_ . - /` have a bit of their own of 64; all others share the rest. */
export function maskBit(unit: number): number {
  if (unit >= 97 && unit <= 122) return unit - 97;
  if (unit >= 48 && unit <= 57) return unit - 16;
  const own = unit === 95 ? 0 : unit === 46 ? 1 : unit === 45 ? 2 : unit === slash ? 3 : -1;
  return own >= 0 ? 42 + own : 46 + (unit % 18);
}

/** Two neighbours as one of 64. */
export function pairBit(first: number, second: number): number {
  return (maskBit(first) * 7 + maskBit(second) * 29) & 63;
}

function maskOf(text: Uint16Array, from: number, to: number) {
  let low = 0;
  let high = 0;
  for (let at = from; at < to; at++) {
    const bit = maskBit(text[at] ?? 0);
    if (bit < 32) low |= 1 << bit;
    else high |= 1 << (bit - 32);
  }
  return { low, high };
}

/** Lower case, unit by unit, so that places stay the same. */
export function foldUnit(unit: number): number {
  if (unit < 128) return unit >= 65 && unit <= 90 ? unit + 32 : unit;
  const lower = String.fromCharCode(unit).toLowerCase();
  return lower.length === 1 ? lower.charCodeAt(0) : unit;
}

interface Folder {
  /** With a slash at its end. */
  name: string;
  parent: number;
  depth: number;
  files: number;
}

function groupByFolder(paths: readonly string[]) {
  const folders: Folder[] = [{ name: '', parent: -1, depth: 0, files: 0 }];
  const known = new Map([['', 0]]);
  const folderOf = new Uint32Array(paths.length);
  let last = '';
  let lastFolder = 0;
  for (const [place, path] of paths.entries()) {
    const end = path.lastIndexOf('/') + 1;
    if (end !== last.length || !path.startsWith(last)) {
      last = path.slice(0, end);
      lastFolder = folderAt(last);
    }
    folderOf[place] = lastFolder;
    const folder = folders[lastFolder];
    if (folder) folder.files++;
  }
  return { folders, folderOf };

  function folderAt(path: string): number {
    const found = known.get(path);
    if (found !== undefined) return found;
    const nameAt = path.lastIndexOf('/', path.length - 2) + 1;
    const parent = folderAt(path.slice(0, nameAt));
    const depth = (folders[parent]?.depth ?? 0) + 1;
    const at = folders.push({ name: path.slice(nameAt), parent, depth, files: 0 }) - 1;
    known.set(path, at);
    return at;
  }
}

function writeName(
  path: string,
  from: number,
  to: number,
  extra: number,
  text: Uint16Array,
  bonus: Uint8Array,
): number {
  let before = slash;
  let at = to;
  for (let index = from; index < path.length; index++) {
    const unit = path.charCodeAt(index);
    text[at] = foldUnit(unit);
    bonus[at] = bonusOf(before, unit) + extra;
    before = unit;
    at++;
  }
  return at;
}

function bonusOf(before: number, unit: number): number {
  if (!isWordUnit(unit)) return 0;
  if (before === slash) return bonuses.slash;
  if (!isWordUnit(before)) return bonuses.boundary;
  if (isUpper(unit) && !isUpper(before)) return bonuses.camel;
  return isDigit(unit) && !isDigit(before) ? bonuses.digit : 0;
}

function isWordUnit(unit: number): boolean {
  return (unit >= 97 && unit <= 122) || isUpper(unit) || isDigit(unit) || unit >= 128;
}

function isUpper(unit: number): boolean {
  return unit >= 65 && unit <= 90;
}

function isDigit(unit: number): boolean {
  return unit >= 48 && unit <= 57;
}
