import { createHash, randomUUID } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, read, readSync, realpathSync } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { basename, dirname, join, sep } from 'node:path';
import { promisify } from 'node:util';
import type { Root } from '../../projects/door.ts';
import { isInside } from '../../projects/paths.ts';

/**
 * A folder of stored indexes, one file a project, which several processes may use at once: a file is written under
 * another name and takes its place when all of it is on the disk. It may vanish at any time without harm.
 */
export interface IndexCache {
  /** The caller closes it. Undefined where there is none. */
  open(root: Root): CachedFile | undefined;
  /** What is not used for long makes room for what is. */
  touch(root: Root): Promise<void>;
  /** @throws Error as the system has it, for want of room and the like; what was there stays then */
  write(root: Root, fill: (file: NewFile) => Promise<void>): Promise<void>;
  drop(root: Root): Promise<void>;
}

export interface CachedFile {
  size: number;
  /** Less than that where the file ends before. */
  read(start: number, length: number): Buffer;
  /** The same into memory that this thread need not wait for; false where the file ends before. */
  fill(room: Buffer, start: number): Promise<boolean>;
  close(): void;
}

export interface NewFile {
  append(bytes: Buffer): Promise<void>;
  /** What was appended first becomes this, of the same length. */
  replaceStart(bytes: Buffer): Promise<void>;
}

const suffix = '.index';
const temporarySuffix = '.tmp';
const usualMaxBytes = 1024 * 1024 * 1024;
/** Whoever began to write a file so long ago was ended. */
const maxWriteMs = 60 * 60_000;

/** Of one call to the system. */
const maxReadBytes = 2 ** 30;

const readInBackground = promisify(read);

/** @param maxBytes of all files together */
export function createIndexCache(folder: string, maxBytes = usualMaxBytes): IndexCache {
  return {
    open(root) {
      if (isWithin(root)) return undefined;
      try {
        const descriptor = openSync(placeOf(root), constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
        return createCachedFile(descriptor, fstatSync(descriptor).size);
      } catch {
        return undefined; // as most often there is none
      }
    },
    async touch(root) {
      const now = new Date();
      await utimes(placeOf(root), now, now).catch(() => {});
    },
    async write(root, fill) {
      if (isWithin(root)) return;
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const place = placeOf(root);
      const temporary = `${place}.${randomUUID()}${temporarySuffix}`;
      try {
        const file = await open(temporary, 'wx', 0o600);
        try {
          await fill({
            append: (bytes) => file.writeFile(bytes),
            replaceStart: async (bytes) => void (await file.write(bytes, 0, bytes.length, 0)),
          });
          await file.sync();
        } finally {
          await file.close();
        }
        await rename(temporary, place);
      } finally {
        await rm(temporary, { force: true });
        await makeRoom();
      }
    },
    drop: (root) => rm(placeOf(root), { force: true }),
  };

  function placeOf(root: Root): string {
    return join(folder, `${createHash('sha256').update(root.folder).digest('hex').slice(0, 32)}${suffix}`);
  }

  /** Nothing is written into a project, as where that is a home folder. */
  function isWithin(root: Root): boolean {
    return isInside(root.folder, realFolder(folder), sep);
  }

  async function makeRoom() {
    const now = Date.now();
    const kept: Array<{ path: string; bytes: number; usedAt: number }> = [];
    for (const name of await readdir(folder)) {
      const path = join(folder, name);
      const stats = await stat(path).catch(() => undefined);
      if (stats === undefined) continue;
      if (name.endsWith(suffix)) kept.push({ path, bytes: stats.size, usedAt: stats.mtimeMs });
      else if (name.endsWith(temporarySuffix) && stats.mtimeMs < now - maxWriteMs) await rm(path, { force: true });
    }
    let bytes = 0;
    for (const file of kept.sort((a, b) => b.usedAt - a.usedAt)) {
      bytes += file.bytes;
      if (bytes > maxBytes) await rm(file.path, { force: true });
    }
  }
}

function createCachedFile(descriptor: number, size: number): CachedFile {
  return {
    size,
    read(start, length) {
      const bytes = Buffer.allocUnsafe(length);
      return bytes.subarray(0, readSync(descriptor, bytes, 0, length, start));
    },
    async fill(room, start) {
      for (let at = 0; at < room.length; ) {
        const length = Math.min(room.length - at, maxReadBytes);
        const { bytesRead } = await readInBackground(descriptor, room, at, length, start + at);
        if (bytesRead === 0) return false;
        at += bytesRead;
      }
      return true;
    },
    close: () => closeSync(descriptor),
  };
}

/** Where a folder really is, or is going to be. */
function realFolder(folder: string): string {
  try {
    return realpathSync.native(folder);
  } catch {
    const above = dirname(folder);
    return above === folder ? folder : join(realFolder(above), basename(folder));
  }
}
