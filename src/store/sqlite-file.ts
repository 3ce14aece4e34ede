import { randomBytes } from 'node:crypto';
import {
  accessSync,
  chmodSync,
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { systemCode, UserError } from '../errors.ts';
import { damaged, refused, unavailable } from './faults.ts';

/** "OCTA": in the header of every file that is ours, https://www.sqlite.org/fileformat.html#application_id */
export const applicationId = 0x4f435441;

const headerBytes = 100;
const staleMs = 60 * 60_000;

/**
 * Makes sure that there is a file of ours at `path`, in a folder that only its owner can read. A new file gets its name
 * only when it is complete, so whatever is found under that name and is no store of ours was damaged, and is refused
 * rather than taken for an empty store.
 *
 * @param create fills the empty file at the path it is given
 * @throws UserError `unavailable`
 */
export async function ensureStoreFile(path: string, create: (path: string) => Promise<void>): Promise<void> {
  const folder = dirname(path);
  makeFolder(folder);
  if (isThere(path)) return checkFile(path);
  if (sizeOf(`${path}-wal`) > 0) {
    throw unavailable(
      'The file of the store is gone, but its journal is there: something removed it. Put it back, or name another folder with --data-dir.',
    );
  }
  sweep(path);
  const draft = `${path}.new-${process.pid}-${randomBytes(4).toString('hex')}`;
  try {
    makeEmpty(draft);
    await create(draft);
    place(draft, path);
  } finally {
    for (const suffix of ['', '-wal', '-shm']) rmSync(draft + suffix, { force: true });
  }
}

/**
 * Makes a copy of a store that gets its name only when it is complete and on the disk.
 *
 * @param write fills the empty file at the path it is given
 * @throws UserError `bad_input` for a path where something is, or nothing can be
 */
export async function copyStoreFile(path: string, write: (path: string) => Promise<unknown>): Promise<void> {
  const draft = `${path}.new-${process.pid}`;
  if (isThere(path)) throw new UserError('bad_input', 'There is a file at that path already. Name another one.');
  try {
    closeSync(openSync(draft, 'wx', 0o600));
  } catch (error) {
    throw new UserError('bad_input', 'No file can be made at that path.', { cause: error });
  }
  try {
    await write(draft);
    syncToDisk(draft);
    place(draft, path);
  } finally {
    rmSync(draft, { force: true });
  }
}

function syncToDisk(path: string) {
  const descriptor = openSync(path, 'r+');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function makeFolder(folder: string) {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw refused('The folder of the store cannot be made or written. Name another with --data-dir.', error);
  }
}

function makeEmpty(path: string) {
  try {
    closeSync(openSync(path, 'wx', 0o600));
  } catch (error) {
    throw refused('The file of the store cannot be made. The log says why.', error);
  }
}

/** Gives a finished file its name; the first of several processes wins, and the others use its file. */
function place(draft: string, path: string) {
  try {
    linkSync(draft, path);
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return;
    if (isThere(path)) return; // a file system without hard links
    renameSync(draft, path);
  }
}

/** What can be told from the first bytes, without reading the whole file: is it ours, and is all of it there. */
function checkFile(path: string) {
  const header = Buffer.alloc(headerBytes);
  const descriptor = openForReading(path);
  try {
    const { size } = fstatSync(descriptor);
    const isWhole = readSync(descriptor, header, 0, headerBytes, 0) === headerBytes;
    if (!isWhole || header.toString('latin1', 0, 16) !== 'SQLite format 3\0') throw damaged(`${path} has no header`);
    if (header.readUInt32BE(68) !== applicationId) {
      throw unavailable('The file of the store belongs to another program. Name another folder with --data-dir.', path);
    }
    const pageSize = header.readUInt16BE(16) === 1 ? 65_536 : header.readUInt16BE(16);
    // while a journal is copied back, the header may be ahead of the file
    if (size < header.readUInt32BE(28) * pageSize && sizeOf(`${path}-wal`) === 0)
      throw damaged(`${path} was cut short`);
  } finally {
    closeSync(descriptor);
  }
  makePrivate(path);
}

function openForReading(path: string): number {
  try {
    return openSync(path, 'r+');
  } catch (error) {
    throw refused('The file of the store cannot be opened for writing. The log says why.', error);
  }
}

function makePrivate(path: string) {
  try {
    if ((statSync(path).mode & 0o077) !== 0) chmodSync(path, 0o600);
  } catch {
    // another owner's file that we may use
  }
}

/** Drafts of processes that were killed while they made one. */
function sweep(path: string) {
  const folder = dirname(path);
  for (const name of readdirSync(folder)) {
    if (!name.startsWith(`${basename(path)}.new-`)) continue;
    const draft = join(folder, name);
    const { mtimeMs } = statSync(draft, { throwIfNoEntry: false }) ?? { mtimeMs: Date.now() };
    if (Date.now() - mtimeMs > staleMs) rmSync(draft, { force: true });
  }
}

/** Magic numbers of statfs(2): NFS, SMB, CIFS, FUSE (sshfs, virtiofs), 9p, AFS, Ceph, Lustre. */
const networkFileSystems = new Set([
  0x6969, 0x517b, 0xff534d42, 0xfe534d42, 0x65735546, 0x01021997, 0x5346414f, 0x00c36400, 0x0bd00bd0,
]);

/** Whether SQLite's locks may not hold there: several machines, or a virtual one and its host, would damage the file. */
export function isNetworkFileSystem(folder: string, typeOf = (path: string) => statfsSync(path).type): boolean {
  try {
    return networkFileSystems.has(typeOf(folder) >>> 0);
  } catch {
    return false;
  }
}

export function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/** Whether there is anything at `path` that only opening can judge: a store, what is left of one, or a closed door. */
export function mayBeThere(path: string): boolean {
  try {
    return isThere(path) || sizeOf(`${path}-wal`) > 0;
  } catch {
    return true;
  }
}

/** Names the file itself: another one at the same path has another identity. `undefined` when none can be reached. */
export function identityOf(path: string): string | undefined {
  try {
    const { dev, ino } = statSync(path);
    return `${dev} ${ino}`;
  } catch {
    return undefined;
  }
}

function isThere(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}
