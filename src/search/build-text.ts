import { isUtf8 } from 'node:buffer';
import type { Catalogue, CatalogueFile } from '../projects/catalogue.ts';
import type { Root } from '../projects/door.ts';
import { isSecretPath } from '../projects/secrets.ts';
import { decodeText, hasUtf8Mark, isBinary, utf16Encoding } from '../projects/text-kind.ts';
import { isAside } from './aside.ts';
import { createArena } from './engine/arena.ts';
import { createSliceBuilder, type ReadFile, type Slice, type TextLimits } from './engine/build-slice.ts';
import { createDiskReader } from './engine/disk-reader.ts';
import { hasLongLine } from './engine/long-line.ts';
import { createTextIndex, type TextIndex } from './engine/text-index.ts';

/** What is known of a file: `read` is looked into by every search, `none` by no one. */
export interface TextEntry {
  path: string;
  kind: 'text' | 'binary' | 'read' | 'none';
  /** A regular expression looks at a part of some line, which has to be told. */
  isLong: boolean;
  /** It comes last among what is found. */
  isAside: boolean;
}

export interface BuiltText {
  index: TextIndex;
  /** In path order. */
  entries: TextEntry[];
}

/** Reads a listed file, into `room` where it can; `file` is missing where the index has nothing of it. */
export type EntryReader = (path: string, room: Buffer) => { entry: TextEntry; file?: ReadFile };

/** What the text and the index of a project may take. */
export interface TextBudget {
  /** Of texts in memory; the largest files stay on the disk when there is more. */
  textBytes: number;
  /** Of all: the texts, the index of what is in memory and what is not, and later changes. */
  arenaBytes: number;
}

const filesPerSlice = 4096;
const stepMs = 8;
/** A larger file is read when it is searched. */
const maxIndexedBytes = 32 * 1024 * 1024;
/** Of the text: the index, which takes less. */
const indexShare = 0.22;
/** For searches and changed files. */
const spareBytes = 40 * 1024 * 1024;

/**
 * Reads a project as it is in its catalogue, in short steps between which the thread does other things.
 *
 * @param pause tells whether to go on
 * @returns `refused` when it cannot be kept
 */
export async function buildText(
  catalogue: Catalogue,
  readEntry: EntryReader,
  budget: TextBudget,
  pause: () => Promise<boolean>,
): Promise<BuiltText | 'refused' | 'stopped'> {
  const files = [...catalogue.list().values()].sort((a, b) => (a.path < b.path ? -1 : 1));
  const limits = limitTexts(files, budget);
  if (limits === undefined) return 'refused';
  const arena = createArena(budget.arenaBytes);
  const entries: TextEntry[] = [];
  const builder = createSliceBuilder(arena, readOne, limits);
  const slices: Slice[] = [];
  let until = performance.now() + stepMs;
  for (let first = 0; first < files.length; first += filesPerSlice) {
    const paths = files.slice(first, first + filesPerSlice).map(({ path }) => path);
    const steps = builder.steps(first, paths);
    let step = steps.next();
    for (; !step.done; step = steps.next()) {
      if (performance.now() < until) continue;
      if (!(await pause())) return 'stopped';
      until = performance.now() + stepMs;
    }
    if (step.value === 'full') return 'refused';
    slices.push(step.value);
  }
  return { index: createTextIndex(arena, slices), entries };

  function readOne(path: string, room: Buffer): ReadFile | undefined {
    const { entry, file } = readEntry(path, room);
    entries.push(entry);
    return file;
  }
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
  const sizes = Array.from(files, ({ size }) => size).filter((size) => size <= maxIndexedBytes);
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

/** @param catalogue knows how large a file is before it is opened */
export function createEntryReader(root: Root, catalogue: Catalogue): EntryReader {
  const readFromDisk = createDiskReader(root);
  return (path, room) => {
    if (isSecretPath(path)) return { entry: { path, kind: 'none', isLong: false, isAside: false } };
    const isSmall = (catalogue.list().get(path)?.size ?? 0) <= maxIndexedBytes;
    const file = isSmall ? readFromDisk(path, room) : undefined;
    const kind = kindOf(file);
    const isLong = file?.bytes !== undefined && hasLongLine(file.bytes);
    const entry: TextEntry = { path, kind, isLong, isAside: isAside(path) };
    return file && kind === 'text' ? { entry, file } : { entry };
  };
}

/** What the index would read otherwise than a search of the file itself is left to that. */
function kindOf(file: ReadFile | undefined): TextEntry['kind'] {
  const bytes = file?.bytes;
  if (bytes === undefined || bytes.length !== file?.size || bytes.length > maxIndexedBytes) return 'read';
  if (utf16Encoding(bytes) !== undefined) return isPlainUtf16(bytes) ? 'text' : 'read';
  if (isBinary(bytes)) return 'binary';
  return hasUtf8Mark(bytes) && !isUtf8(bytes) ? 'read' : 'text';
}

/** Whether it is the same when it is kept as UTF-8, and by its length is no file that was UTF-8 before. */
function isPlainUtf16(bytes: Buffer): boolean {
  const text = decodeText(bytes);
  const kept = Buffer.from(text ?? '');
  return text?.isWellFormed() === true && !isBinary(kept) && kept.length !== bytes.length;
}
