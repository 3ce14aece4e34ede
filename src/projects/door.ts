import { createHash } from 'node:crypto';
import {
  accessSync,
  closeSync,
  constants,
  fstatSync,
  opendirSync,
  openSync,
  readlinkSync,
  readSync,
  realpathSync,
  type Stats,
  statSync,
} from 'node:fs';
import { join, sep } from 'node:path';
import { systemCode, UserError } from '../errors.ts';
import { notAFileError, outsideError, quote, secretError, withoutSystemErrors } from './door-errors.ts';
import { isInside, parseProjectPath } from './paths.ts';
import { isSecretPath } from './secrets.ts';

/**
 * The only door to a project's disk. A file is opened by descriptor and every decision is made on that descriptor, so
 * that nothing which happens to the names in the meantime can change what is read (TOCTOU, MITRE CWE-367):
 * real path, containment, `O_NOFOLLOW | O_NONBLOCK`, regular file, size, and the descriptor's own path once more.
 *
 * All functions are synchronous: they run in worker threads, where a slow disk blocks nobody and a thread that does
 * not come back is ended.
 */
export interface Root {
  /** The real, absolute path of the project's folder, in the system's own form. */
  folder: string;
  refuseHardLinks: boolean;
}

export interface OpenFile {
  descriptor: number;
  size: number;
  /** When its content changed last, in milliseconds. */
  modifiedAt: number;
  /** POSIX path, relative to the root, of the file that is really open (a symlink's target). */
  realPath: string;
}

const hashChunkBytes = 256 * 1024;
const openFlags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/**
 * Makes sure that a project is still where it was, and readable: an empty answer must mean an empty project.
 *
 * @throws UserError `not_found` or `denied`
 */
export function checkRoot({ folder }: Root): void {
  try {
    if (realpathSync.native(folder) !== folder) throw new UserError('denied', 'The project was replaced by a link.');
    accessSync(folder, constants.R_OK | constants.X_OK);
  } catch (error) {
    if (error instanceof UserError) throw error;
    const [code, what] =
      systemCode(error) === 'EACCES' ? (['denied', 'cannot be read'] as const) : (['not_found', 'is gone'] as const);
    throw new UserError(code, `The project's folder ${what}. Start Octant again where it is now.`, { cause: error });
  }
}

/**
 * Opens the file that a caller named, following symlinks that stay inside the project. The caller closes it.
 *
 * @throws UserError `denied`, `secret`, `not_found` or `bad_input`; the text echoes only the caller's own path.
 */
export function openNamed(root: Root, path: string): OpenFile {
  const wanted = parseProjectPath(withinRoot(root, path));
  if (wanted === '' || path.endsWith('/')) {
    throw notAFileError(path, true);
  }
  if (isSecretPath(wanted)) throw secretError(path);
  const real = withoutSystemErrors(path, () => realpathSync.native(join(root.folder, wanted)));
  return openChecked(root, real, path, wanted);
}

/** Agents often give absolute paths; one that begins with the project's own folder names a file in it all the same. */
export function withinRoot({ folder }: Root, path: string): string {
  const start = `${folder.replaceAll(sep, '/')}/`;
  return path.startsWith(start) ? path.slice(start.length) : path;
}

/** Opens a file that a walk has just listed; `undefined` where it is gone or is not to be read. */
export function openListed(root: Root, path: string): OpenFile | undefined {
  const file = openToSearch(root, path);
  return file === 'unreadable' ? undefined : file;
}

/** The same, and tells where the system refuses to open it: that is one more file that a search has not seen. */
export function openToSearch(root: Root, path: string): OpenFile | 'unreadable' | undefined {
  if (isSecretPath(path)) return undefined;
  try {
    return openChecked(root, join(root.folder, path), path, path);
  } catch (error) {
    const code = systemCode(error instanceof UserError ? error.cause : error);
    if (error instanceof UserError) return code === 'EACCES' || code === 'EPERM' ? 'unreadable' : undefined;
    if (code !== undefined) return 'unreadable'; // one odd file fails no search
    throw error;
  }
}

/** A file that is open to be read, as it was then. */
export interface SampleFile extends Pick<OpenFile, 'descriptor' | 'size' | 'modifiedAt'> {
  /**
   * What was read may then be shown, as if `openListed` had given it.
   *
   * @throws UserError which is for `withSample`
   */
  check(): void;
}

/**
 * Opens a file that a walk has just listed, to decide whether to look into it at all. Nothing of it may be shown, told or
 * kept before its `check`, which is dear, and left out until then: where the descriptor really is. Somebody who swaps
 * folders meanwhile makes this read another file, and learns of it no more than whether a search counts it as looked through.
 *
 * @returns undefined where `openListed` would give nothing
 */
export function withSample<T>(root: Root, path: string, look: (file: SampleFile) => T): T | undefined {
  if (isSecretPath(path)) return undefined;
  let descriptor: number | undefined;
  try {
    const real = `${root.folder}${root.folder.endsWith(sep) ? '' : sep}${path}`;
    const opened = openSync(real, openFlags);
    descriptor = opened;
    const stats = fstatSync(opened);
    if (!stats.isFile() || (root.refuseHardLinks && stats.nlink > 1)) return undefined;
    const check = () => void checkedPath(root, { descriptor: opened, stats, real }, path, path);
    return look({ descriptor, size: stats.size, modifiedAt: stats.mtimeMs, check });
  } catch (error) {
    if (error instanceof UserError || systemCode(error) !== undefined) return undefined; // one odd file fails no search
    throw error;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/** The first names in a folder of the project, in no order; none where there is no such folder. */
export function namesIn(root: Root, folder: string, limit: number): string[] {
  const names: string[] = [];
  try {
    const entries = opendirSync(resolveInside(root, folder));
    try {
      for (let entry = entries.readSync(); entry && names.length < limit; entry = entries.readSync()) {
        names.push(entry.name);
      }
    } finally {
      entries.closeSync();
    }
    return names;
  } catch (error) {
    if (error instanceof UserError || systemCode(error) !== undefined) return [];
    throw error;
  }
}

/** The real path of a folder or file inside the project, for watching it. */
export function resolveInside(root: Root, path: string): string {
  const wanted = parseProjectPath(path);
  const real = withoutSystemErrors(path, () => realpathSync.native(join(root.folder, wanted)));
  if (!isInside(root.folder, real, sep)) throw outsideError(path);
  return real;
}

/**
 * Reads up to `limit` bytes from the start of an open file.
 *
 * @param scratch memory to read into where it is large enough; what was read lasts until it is used again
 */
export function readStart({ descriptor, size }: OpenFile, limit: number, scratch?: Buffer): Buffer {
  const length = Math.min(size, limit);
  const buffer = scratch && scratch.length >= length ? scratch.subarray(0, length) : Buffer.allocUnsafe(length);
  return buffer.subarray(0, fill(descriptor, buffer, 0));
}

/** Reads from a place in an open file on until the buffer is full; false where the file ends before. */
export function readExactly({ descriptor }: SampleFile, buffer: Buffer, start: number): boolean {
  return fill(descriptor, buffer, start) === buffer.length;
}

function fill(descriptor: number, buffer: Buffer, start: number): number {
  let filled = 0;
  while (filled < buffer.length) {
    const count = readSync(descriptor, buffer, filled, buffer.length - filled, start + filled);
    if (count === 0) break;
    filled += count;
  }
  return filled;
}

/** The SHA-256 of an open file's content as it is now, in hexadecimal. */
export function hashContent({ descriptor }: OpenFile): string {
  const hash = createHash('sha256');
  const chunk = Buffer.allocUnsafe(hashChunkBytes);
  for (let position = 0; ; ) {
    const count = readSync(descriptor, chunk, 0, chunk.length, position);
    if (count === 0) return hash.digest('hex');
    hash.update(chunk.subarray(0, count));
    position += count;
  }
}

export function closeFile({ descriptor }: OpenFile): void {
  closeSync(descriptor);
}

/** @param known the path, relative to the root, that is known to be no secret: most files are what they are called */
function openChecked(root: Root, real: string, named: string, known: string): OpenFile {
  if (!isInside(root.folder, real, sep)) throw outsideError(named);
  const descriptor = withoutSystemErrors(named, () => openSync(real, openFlags));
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) throw notAFileError(named, stats.isDirectory());
    if (root.refuseHardLinks && stats.nlink > 1) {
      throw new UserError('denied', `${quote(named)} has more than one name on the disk (a hard link).`);
    }
    const realPath = checkedPath(root, { descriptor, stats, real }, named, known);
    return { descriptor, size: stats.size, modifiedAt: stats.mtimeMs, realPath };
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

/** Where an open file really is, relative to the root: inside, and no secret. @throws UserError where it is not */
function checkedPath(
  root: Root,
  { descriptor, stats, real }: { descriptor: number; stats: Stats; real: string },
  named: string,
  known: string,
): string {
  const realPath = descriptorPath(descriptor, stats, real, named);
  if (!isInside(root.folder, realPath, sep)) throw outsideError(named);
  const inProject = projectPath(root, realPath);
  // Both names: Linux appends " (deleted)" to the path of a descriptor whose file is gone.
  const names = [projectPath(root, real), inProject].filter((name) => name !== known);
  if (names.some(isSecretPath)) throw secretError(named);
  return inProject;
}

/** Of a path that is known to lie inside. */
function projectPath(root: Root, absolute: string): string {
  const start = root.folder.endsWith(sep) ? root.folder.length : root.folder.length + 1;
  return absolute.slice(start).replaceAll(sep, '/');
}

/**
 * Where the open descriptor really is. Linux says so itself. Elsewhere the path is resolved again and must still be
 * the same inode: best effort, as SECURITY.md says.
 */
function descriptorPath(descriptor: number, stats: Stats, real: string, named: string): string {
  if (process.platform === 'linux') {
    try {
      return readlinkSync(`/proc/self/fd/${descriptor}`);
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') throw error; // no /proc in this container: fall through
    }
  }
  const again = withoutSystemErrors(named, () => realpathSync.native(real));
  const now = withoutSystemErrors(named, () => statSync(again));
  if (now.ino !== stats.ino || now.dev !== stats.dev) throw outsideError(named);
  return again;
}
