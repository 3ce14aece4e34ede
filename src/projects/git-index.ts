import { readRegularFile } from './git-file.ts';

/** Paths are POSIX, relative to the work tree. */
export interface GitIndex {
  files: Set<string>;
  /** Every folder that holds a tracked path, at any depth. */
  directories: Set<string>;
  /** Submodules (mode 160000). */
  repositories: Set<string>;
}

const maxIndexBytes = 256 * 1024 * 1024;
/** No path longer than this can be opened on any system we know (PATH_MAX). */
const maxPathBytes = 4096;
/** Version 4 packs paths, so that a small file may unfold into any amount of text. */
const maxTotalCharacters = 2 ** 27;
const gitlinkMode = 0o160000;
const directoryMode = 0o040000;

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
  const count = bytes.readUInt32BE(8);
  const collector = createCollector();
  const reader = createEntryReader(bytes.subarray(0, bytes.length - hashBytes), version, hashBytes);
  for (let index = 0; index < count; index += 1) {
    const entry = reader.next();
    if (entry === undefined || !collector.add(entry)) return undefined;
  }
  return hasExtension(bytes, reader.position(), bytes.length - hashBytes, 'link') ? undefined : collector.index;
}

interface Entry {
  path: string;
  mode: number;
}

/** next() is undefined when the bytes do not hold what they promise. */
function createEntryReader(bytes: Buffer, version: number, hashBytes: number) {
  const modeAt = 24;
  const flagsAt = 40 + hashBytes;
  const path = Buffer.alloc(maxPathBytes);
  let pathLength = 0;
  let at = 12;

  function next(): Entry | undefined {
    if (at + flagsAt + 2 > bytes.length) return undefined;
    const mode = bytes.readUInt32BE(at + modeAt) & 0o170000;
    const isExtended = version >= 3 && (bytes.readUInt16BE(at + flagsAt) & 0x4000) !== 0;
    const start = at + flagsAt + (isExtended ? 4 : 2);
    const ok = version === 4 ? readPackedPath(start) : readPaddedPath(start);
    return ok ? { path: path.toString('utf8', 0, pathLength), mode } : undefined;
  }

  function readPaddedPath(start: number): boolean {
    const end = bytes.indexOf(0, start);
    if (end < 0) return false;
    pathLength = 0;
    const written = writeSuffix(start, end);
    at += (end - at + 8) & ~7;
    return written;
  }

  function readPackedPath(start: number): boolean {
    const strip = readOffset(bytes, start);
    if (strip === undefined || strip.value > pathLength) return false;
    const end = bytes.indexOf(0, strip.end);
    if (end < 0) return false;
    pathLength -= strip.value;
    at = end + 1;
    return writeSuffix(strip.end, end);
  }

  function writeSuffix(start: number, end: number): boolean {
    if (pathLength + end - start > maxPathBytes) return false;
    pathLength += bytes.copy(path, pathLength, start, end);
    return pathLength > 0;
  }

  return { next, position: () => at };
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

/** add() is false when the paths together pass the limit. */
function createCollector() {
  const index: GitIndex = { files: new Set(), directories: new Set(), repositories: new Set() };
  let characters = 0;
  let lastFolder = '';

  function add({ path, mode }: Entry): boolean {
    characters += path.length;
    if (mode === gitlinkMode) index.repositories.add(path);
    // a sparse index has whole folders as entries; what they hold stands in the object store only
    else if (mode !== directoryMode) index.files.add(path);
    const folder = path.slice(0, Math.max(0, path.lastIndexOf('/')));
    if (folder !== lastFolder) addFolders(folder);
    lastFolder = folder;
    return characters <= maxTotalCharacters;
  }

  function addFolders(folder: string): void {
    let rest = folder;
    while (rest !== '' && !index.directories.has(rest) && characters <= maxTotalCharacters) {
      characters += rest.length;
      index.directories.add(rest);
      rest = rest.slice(0, Math.max(0, rest.lastIndexOf('/')));
    }
  }

  return { index, add };
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
