import { packageVersion } from '../../package.ts';
import type { CatalogueFile } from '../../projects/catalogue.ts';
import type { FileLook } from '../../projects/file-look.ts';
import type { KnownPath, KnownTree } from '../../projects/known-tree.ts';
import { type KnownLooks, lookOf } from '../../projects/look-sweep.ts';
import { createFileColumns, type FileColumns, fileStates } from '../engine/file-table.ts';
import { numbersOfShapes, type SegmentShape, shapeOf, shapesOfNumbers } from '../engine/index-file.ts';
import type { TextIndex } from '../engine/text-index.ts';
import type { TextEntry } from './entry-reader.ts';

/** What is stored of an index besides its segments: the files, and how they and their folders looked when it was right. */
export interface IndexFacts {
  /** Of `IgnoreState`. */
  ignored: string;
  tree: KnownTree;
  index: TextIndex;
  entries: readonly TextEntry[];
  /** When the tree was described. */
  at: number;
}

export interface StoredFacts {
  ignored: string;
  tree: KnownTree;
  /** The paths of all files, numbered or listed, and how they looked. */
  paths: string[];
  known: KnownLooks;
  /** In the order of their numbers, which is path order. */
  columns: FileColumns;
  entries: TextEntry[];
  /** Numbered paths of which the index holds what is no more. */
  outdated: string[];
  segments: SegmentShape[];
}

/** Of what changed so shortly before it was looked at, a look does not tell whether it changed again. */
export const doubtfulMs = 2500;
/** No file has this size, so that it is read again, and no folder. */
const unknownSize = -1;

const kinds: ReadonlyArray<TextEntry['kind']> = ['text', 'binary', 'read', 'none'];
/** The kind is in the two lowest bits. */
const [kindBits, isLongBit, isListedBit, isIndexedBit, isAsideBit] = [3, 4, 8, 16, 32];

/** As bytes in sections; numbers are little-endian. */
export function encodeFacts({ ignored, tree, index, entries, at }: IndexFacts): Buffer {
  const { files, indexedCount } = index;
  const { identity, folders, ignoreFiles } = tree;
  const entryOf = new Map(entries.map((entry) => [entry.path, entry]));
  const later = new Map(tree.files.map((file) => [file.path, file]));
  const numbered = createFileColumns(Array.from({ length: indexedCount }, (_, file) => files.path(file)));
  const looks: FileLook[] = [];
  const marks: number[] = [];
  for (const [file, path] of numbered.paths.entries()) {
    const { state, length, size, modifiedAt } = files.entry(file);
    numbered.states[file] = state === 'memory' ? fileStates.disk : fileStates[state];
    numbered.lengths[file] = length;
    const look = later.get(path);
    later.delete(path);
    const isIndexed = files.isLive(file);
    const isSame = state === 'gone' || (size === look?.size && modifiedAt === look.modifiedAt);
    looks.push(look && isIndexed && isSame ? settled(look, at) : { ...nothing, ...look, size: unknownSize });
    marks.push(markOf(entryOf.get(path)) + (look ? isListedBit : 0) + (isIndexed ? isIndexedBit : 0));
  }
  for (const look of later.values()) {
    looks.push({ ...look, size: unknownSize });
    marks.push(isListedBit);
  }
  return joinSections([
    Buffer.from(packageVersion), // another version may have read files otherwise
    Buffer.from(identity),
    Buffer.from(ignored),
    bytesOf(numbersOfShapes(index.segments.map(shapeOf))),
    bytesOf(numbered.states),
    bytesOf(numbered.lengths),
    Buffer.from([...numbered.paths, ...later.keys()].join('\0')),
    bytesOfLooks(looks),
    Buffer.from(marks),
    Buffer.from(folders.map(({ path }) => path).join('\0')),
    bytesOfLooks(folders.map((folder) => settled(folder, at))),
    Buffer.from(ignoreFiles.map(({ path }) => path).join('\0')),
    bytesOfLooks(ignoreFiles.map((file) => settled(file, at))),
  ]);
}

/** @throws Error where it makes no sense */
export function decodeFacts(bytes: Buffer): StoredFacts {
  const next = splitSections(bytes);
  if (next().toString() !== packageVersion) throw new RangeError('It is of another version.');
  const [identity, ignored] = [next().toString(), next().toString()];
  const segments = shapesOfNumbers(numbersOf(next()));
  const states = next();
  const lengths = numbersOf(next());
  const indexedCount = states.length;
  const names = next();
  const looks = new Float64Array(sharedCopy(next()).buffer);
  const paths = pathsOf(names, looks);
  const marks = next();
  const files: CatalogueFile[] = [];
  const entries: TextEntry[] = [];
  const outdated: string[] = [];
  if (marks.length !== paths.length || indexedCount > paths.length) throw new RangeError('Files are missing.');
  for (const [file, path] of paths.entries()) {
    const mark = marks[file] ?? 0;
    if ((mark & isListedBit) !== 0) files.push({ path, ...lookOf(looks, file) });
    if (file >= indexedCount) continue;
    if ((mark & isIndexedBit) === 0) outdated.push(path);
    if ((mark & isListedBit) === 0) continue;
    const kind = kinds[mark & kindBits] ?? 'none';
    entries.push({ path, kind, isLong: (mark & isLongBit) !== 0, isAside: (mark & isAsideBit) !== 0 });
  }
  const columns = createFileColumns(paths.slice(0, indexedCount));
  columns.states.set(states);
  columns.lengths.set(lengths);
  for (const file of columns.paths.keys()) {
    columns.sizes[file] = looks[file * 4] ?? unknownSize;
    columns.modifiedAt[file] = looks[file * 4 + 1] ?? 0;
  }
  const folders = knownPaths(next(), next());
  const ignoreFiles = knownPaths(next(), next());
  const tree = { identity, folders, ignoreFiles, files };
  return { ignored, tree, paths, known: { paths: sharedCopy(names), looks }, columns, entries, outdated, segments };
}

function markOf(entry: TextEntry | undefined): number {
  if (!entry) return kinds.indexOf('none');
  return kinds.indexOf(entry.kind) + (entry.isLong ? isLongBit : 0) + (entry.isAside ? isAsideBit : 0);
}

const nothing = { modifiedAt: 0, changedAt: 0, inode: 0 };

function settled({ size, ...look }: FileLook, at: number): FileLook {
  return { ...look, size: look.changedAt < at - doubtfulMs ? size : unknownSize };
}

function knownPaths(paths: Buffer, bytes: Buffer): KnownPath[] {
  const looks = numbersOf(bytes);
  return pathsOf(paths, looks).map((path, place) => ({ path, ...lookOf(looks, place) }));
}

/** @throws RangeError where there is not a look for each */
function pathsOf(bytes: Buffer, looks: Float64Array): string[] {
  const paths = looks.length === 0 ? [] : bytes.toString().split('\0');
  if (paths.length * 4 !== looks.length) throw new RangeError('Looks are missing.');
  return paths;
}

function bytesOfLooks(looks: readonly FileLook[]): Buffer {
  const numbers = new Float64Array(looks.length * 4);
  for (const [at, { size, modifiedAt, changedAt, inode }] of looks.entries()) {
    numbers.set([size, modifiedAt, changedAt, inode], at * 4);
  }
  return bytesOf(numbers);
}

function joinSections(sections: readonly Buffer[]): Buffer {
  return Buffer.concat(
    sections.flatMap((section) => {
      const length = Buffer.alloc(8);
      length.writeDoubleLE(section.length);
      return [length, section];
    }),
  );
}

/** @throws RangeError where there is none left */
function splitSections(bytes: Buffer): () => Buffer {
  let at = 0;
  return () => {
    const length = bytes.readDoubleLE(at);
    const section = bytes.subarray(at + 8, at + 8 + length);
    if (section.length !== length) throw new RangeError('A section is missing.');
    at += 8 + length;
    return section;
  };
}

function bytesOf({ buffer, byteOffset, byteLength }: NodeJS.TypedArray): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

function sharedCopy(bytes: Buffer): Uint8Array<SharedArrayBuffer> {
  const copy = new Uint8Array(new SharedArrayBuffer(bytes.length));
  copy.set(bytes);
  return copy;
}

/** Copied, since a section need not lie at a multiple of eight. */
function numbersOf(bytes: Buffer): Float64Array {
  const numbers = new Float64Array(bytes.length / 8);
  Buffer.from(numbers.buffer).set(bytes);
  return numbers;
}
