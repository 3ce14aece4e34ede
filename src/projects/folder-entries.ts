import { type Dirent, lstatSync, opendirSync, readdirSync, statSync } from 'node:fs';
import { systemCode } from '../errors.ts';
import type { FolderMemory } from './folder-memory.ts';
import type { Meter } from './walk-meter.ts';

export interface FolderEntry {
  name: string;
  /** Undefined for what is never listed, such as a socket. */
  kind: 'file' | 'symlink' | 'directory' | undefined;
}

/** What a folder itself takes on disk grows with its entries, some 20 to 50 bytes each, on all usual file systems. */
const hugeFolderBytes = 1024 * 1024;

/** What is in a folder; undefined where it cannot be read, or no more is to be. */
export function readEntries(folder: string, meter: Meter, memory: FolderMemory | undefined): FolderEntry[] | undefined {
  if (meter.isFull() || !meter.tick(1)) return undefined;
  try {
    const stats = statSync(folder);
    if (stats.size > hugeFolderBytes) return readPiecemeal(folder, meter);
    const known = memory?.recall(folder, stats);
    if (known) return known;
    const entries = readdirSync(folder, { withFileTypes: true }).map((entry) => entryOf(folder, entry));
    memory?.keep(folder, stats, entries);
    return entries;
  } catch (error) {
    const code = systemCode(error);
    if (code === 'ENAMETOOLONG') meter.noteDepth();
    else if (code !== 'ENOENT' && code !== 'ENOTDIR') meter.noteUnreadable();
    return undefined;
  }
}

/** Entry by entry, which is slower but ends within the budget. */
function readPiecemeal(folder: string, meter: Meter): FolderEntry[] {
  const entries: FolderEntry[] = [];
  const directory = opendirSync(folder, { bufferSize: 1024 });
  try {
    let entry = directory.readSync();
    for (; entry !== null && meter.tick(1) && meter.hasRoomFor(entries.length); entry = directory.readSync()) {
      entries.push(entryOf(folder, entry));
    }
  } finally {
    directory.closeSync();
  }
  return entries;
}

function entryOf(folder: string, entry: Dirent): FolderEntry {
  const { name } = entry;
  // a name of invalid UTF-8 arrives altered, and the altered one cannot be opened
  const isLost = name.includes('\uFFFD') && !exists(`${folder}/${name}`);
  return { name, kind: isLost ? undefined : kindOf(entry) };
}

function kindOf(entry: Dirent): FolderEntry['kind'] {
  if (entry.isFile()) return 'file';
  if (entry.isDirectory()) return 'directory';
  return entry.isSymbolicLink() ? 'symlink' : undefined;
}

function exists(path: string): boolean {
  try {
    lstatSync(path);
    return true;
  } catch {
    return false;
  }
}
