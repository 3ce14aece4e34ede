import { readRegularFile } from './git-file.ts';

/** Paths are POSIX, relative to the work tree. A folder is asked for by its path with a slash behind it, the top by ''. */
export interface GitIndex {
  /** Submodules (mode 160000). */
  repositories: ReadonlySet<string>;
  /** Whether a folder holds a tracked path, at any depth. */
  hasFolder(folder: string): boolean;
  /** The names of the tracked files directly in a folder, and of the folders in it that hold some at any depth. */
  namesIn(folder: string): FolderNames;
  /** All tracked files, submodules left out, and all folders that hold anything tracked; without a slash behind them. */
  list(): { files: Set<string>; directories: Set<string> };
  /** What a tracked file was when git looked at it last. */
  lookUp(path: string): IndexedFile | undefined;
}

export interface IndexedFile {
  /** Of its blob, in hex. */
  id: string;
  /** The lower 32 bits of it. */
  size: number;
  /** In milliseconds since 1970, with parts of them where git could tell. */
  modifiedAt: number;
}

export interface FolderNames {
  files: ReadonlySet<string>;
  directories: ReadonlySet<string>;
}

export const nothingTracked: GitIndex = {
  repositories: new Set(),
  hasFolder: () => false,
  namesIn: () => ({ files: new Set(), directories: new Set() }),
  list: () => ({ files: new Set(), directories: new Set() }),
  lookUp: () => undefined,
};

const maxIndexBytes = 256 * 1024 * 1024;
/** No path longer than this can be opened on any system we know (PATH_MAX). */
const maxPathBytes = 4096;
/** Version 4 packs paths, so that a small file may unfold into any amount of text. */
const maxTotalBytes = 2 ** 27;
/** The upper half of the third byte of a mode. */
const [gitlink, directory] = [0o16, 0o04];
const slash = 47;

/** Reads an index file; undefined when it is missing, damaged, over 256 MiB, split, or of an unknown version. */
export function readGitIndex(file: string, hashBytes = 20): GitIndex | undefined {
  const bytes = readRegularFile(file, maxIndexBytes + 1);
  if (bytes === undefined || bytes.length > maxIndexBytes) return undefined;
  return parseGitIndex(bytes, hashBytes);
}

/** Parses an index of version 2 to 4, conflicts included. https://git-scm.com/docs/index-format */
export function parseGitIndex(bytes: Buffer, hashBytes = 20): GitIndex | undefined {
  if (bytes.length < 12 + hashBytes || bytes.toString('latin1', 0, 4) !== 'DIRC') return undefined;
  const version = bytes.readUInt32BE(4);
  if (version < 2 || version > 4) return undefined;
  const end = bytes.length - hashBytes;
  const paths = readPaths(bytes.subarray(0, end), version, hashBytes);
  return paths && !hasExtension(bytes, paths.end, end, 'link') ? createGitIndex(paths, bytes, hashBytes) : undefined;
}

/** Where the path of each entry lies, and what it is; in the order of their bytes. Most of them nobody asks for. */
interface IndexPaths {
  text: Buffer;
  starts: Uint32Array;
  ends: Uint32Array;
  types: Uint8Array;
  /** Where the entry itself begins in the file. */
  heads: Uint32Array;
  /** Where the entries end in the file. */
  end: number;
}

/** Undefined when the bytes do not hold what they promise. */
function readPaths(bytes: Buffer, version: number, hashBytes: number): IndexPaths | undefined {
  const flagsAt = 40 + hashBytes;
  const count = bytes.readUInt32BE(8);
  if (count > bytes.length / (flagsAt + 2)) return undefined;
  const unpacked = version === 4 ? createUnpacker(bytes) : undefined;
  const [starts, ends, types] = [new Uint32Array(count), new Uint32Array(count), new Uint8Array(count)];
  const heads = new Uint32Array(count);
  let at = 12;
  for (let entry = 0; entry < count; entry++) {
    const flags = at + flagsAt;
    if (flags + 2 > bytes.length) return undefined;
    heads[entry] = at;
    types[entry] = (bytes[at + 26] ?? 0) >> 4;
    const isExtended = version >= 3 && ((bytes[flags] ?? 0) & 0x40) !== 0;
    let start = flags + (isExtended ? 4 : 2);
    let end: number;
    if (unpacked) {
      const path = unpacked.next(start);
      if (path === undefined) return undefined;
      ({ start, end } = path);
      at = path.next;
    } else {
      const length = (((bytes[flags] ?? 0) & 0x0f) << 8) | (bytes[flags + 1] ?? 0);
      end = bytes[start + length] === 0 ? start + length : bytes.indexOf(0, start);
      at += (end - at + 8) & ~7;
    }
    if (end <= start || end - start > maxPathBytes) return undefined;
    starts[entry] = start;
    ends[entry] = end;
  }
  return { text: unpacked?.text() ?? bytes, starts, ends, types, heads, end: at };
}

/** Each path of version 4 is a beginning of the one before and a rest. */
function createUnpacker(bytes: Buffer) {
  let text = Buffer.alloc(2 * bytes.length);
  let [start, end] = [0, 0];

  return {
    text: () => text,
    next(at: number): { start: number; end: number; next: number } | undefined {
      const strip = readOffset(bytes, at);
      const rest = strip ? bytes.indexOf(0, strip.end) : -1;
      if (!strip || rest < 0 || strip.value > end - start) return undefined;
      const kept = end - start - strip.value;
      const length = kept + rest - strip.end;
      if (length > maxPathBytes || end + length > maxTotalBytes) return undefined;
      if (end + length > text.length) text = Buffer.concat([text, Buffer.alloc(text.length)]);
      text.copy(text, end, start, start + kept);
      bytes.copy(text, end + kept, strip.end, rest);
      [start, end] = [end, end + length];
      return { start, end, next: rest + 1 };
    },
  };
}

function createGitIndex({ text, starts, ends, types, heads }: IndexPaths, bytes: Buffer, hashBytes: number): GitIndex {
  const count = starts.length;
  const repositories = new Set<string>();
  for (let entry = 0; entry < count; entry++) if (types[entry] === gitlink) repositories.add(pathOf(entry, 0));

  return {
    repositories,
    hasFolder: (folder) => isBelow(firstFrom(Buffer.from(folder)), Buffer.from(folder)),
    namesIn(folder) {
      const above = Buffer.from(folder);
      const names = { files: new Set<string>(), directories: new Set<string>() };
      const first = firstFrom(above);
      const behind = isBelow(first, above) ? firstBehind(above, first) : first;
      for (let entry = first; entry < behind; ) {
        const start = (starts[entry] ?? 0) + above.length;
        const name = pathOf(entry, above.length);
        const length = name.indexOf('/');
        if (length >= 0) names.directories.add(name.slice(0, length));
        else if (types[entry] !== gitlink) names.files.add(name);
        const inside = length < 0 ? undefined : text.subarray(start - above.length, text.indexOf(slash, start) + 1);
        entry = inside ? firstBehind(inside, entry) : entry + 1;
      }
      return names;
    },
    list() {
      const files = new Set<string>();
      const directories = new Set<string>();
      for (let entry = 0; entry < count; entry++) {
        const path = pathOf(entry, 0);
        // a sparse index has whole folders as entries; what they hold stands in the object store only
        if (types[entry] !== gitlink && types[entry] !== directory) files.add(path);
        for (let at = path.lastIndexOf('/'); at > 0 && !directories.has(path.slice(0, at)); ) {
          directories.add(path.slice(0, at));
          at = path.lastIndexOf('/', at - 1);
        }
      }
      return { files, directories };
    },
    lookUp(path) {
      const entry = firstFrom(Buffer.from(path));
      if (entry >= count || pathOf(entry, 0) !== path) return undefined;
      const head = heads[entry] ?? 0;
      const id = bytes.toString('hex', head + 40, head + 40 + hashBytes);
      const modifiedAt = bytes.readUInt32BE(head + 8) * 1000 + bytes.readUInt32BE(head + 12) / 1e6;
      return { id, size: bytes.readUInt32BE(head + 36), modifiedAt };
    },
  };

  function pathOf(entry: number, from: number): string {
    return text.toString('utf8', (starts[entry] ?? 0) + from, ends[entry]);
  }

  function isBelow(entry: number, folder: Buffer): boolean {
    const start = starts[entry] ?? 0;
    return (
      entry < count &&
      text.compare(folder, 0, folder.length, start, Math.min(start + folder.length, ends[entry] ?? 0)) === 0
    );
  }

  /** The first entry that does not sort before a path. */
  function firstFrom(path: Buffer): number {
    return search(0, count, (entry) => text.compare(path, 0, path.length, starts[entry], ends[entry]) < 0);
  }

  /** The first entry behind one in a folder that is not in it; in steps that grow, since most folders are small. */
  function firstBehind(folder: Buffer, inside: number): number {
    let known = inside;
    let step = 1;
    for (; isBelow(known + step, folder); step *= 2) known += step;
    return search(known + 1, Math.min(count, known + step), (entry) => isBelow(entry, folder));
  }
}

/** The first place from `low` on where `isBefore` ends to be true. */
function search(low: number, high: number, isBefore: (place: number) => boolean): number {
  let [from, to] = [low, high];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (isBefore(middle)) from = middle + 1;
    else to = middle;
  }
  return from;
}

/** The variable-width number of pack files ("offset encoding"), at most five bytes of it. */
function readOffset(bytes: Buffer, start: number): { value: number; end: number } | undefined {
  let value = 0;
  for (let at = start; at < Math.min(start + 5, bytes.length); at += 1) {
    const byte = bytes.readUInt8(at);
    value = value * 128 + (byte & 127);
    if (byte < 128) return { value, end: at + 1 };
    value += 1;
  }
  return undefined;
}

/** A `link` extension says that most entries are in another file (a split index). */
function hasExtension(bytes: Buffer, start: number, end: number, signature: string): boolean {
  let at = start;
  while (at + 8 <= end) {
    if (bytes.toString('latin1', at, at + 4) === signature) return true;
    at += 8 + bytes.readUInt32BE(at + 4);
  }
  return false;
}
