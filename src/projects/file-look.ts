import { lstatSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Root } from './door.ts';

/* What can be told of a file or folder without opening it, asked of very many. */

/** What tells a changed file from an unchanged one, without opening it. */
export interface FileLook {
  size: number;
  modifiedAt: number;
  /** When anything of it changed last, which nobody can set. */
  changedAt: number;
  inode: number;
}

const unseen: FileLook = { size: 0, modifiedAt: 0, changedAt: 0, inode: 0 };
const dontThrow = { throwIfNoEntry: false } as const;

/** How a regular file that a walk has just listed looks; undefined where it is gone or is something else. */
export function lookAt(root: Root, path: string): FileLook | undefined {
  try {
    const stats = lstatSync(`${root.folder}/${path}`, dontThrow);
    return stats?.isFile() ? lookOf(stats) : undefined;
  } catch {
    return unseen; // in a folder whose names may be read and no more
  }
}

/** The size in bytes of a file that a walk has just listed; 0 where it is gone. */
export function sizeOf(root: Root, path: string): number {
  return lstatSync(join(root.folder, path), dontThrow)?.size ?? 0;
}

/** Whether there is anything of this name, or it cannot be told. */
export function isThere(root: Root, path: string): boolean {
  try {
    return lstatSync(`${root.folder}/${path}`, dontThrow) !== undefined;
  } catch {
    return true;
  }
}

/** Whether a file still looks so; asked of very many. */
export function looksAs(root: Root, path: string, { size, modifiedAt, changedAt, inode }: FileLook): boolean {
  try {
    const now = lstatSync(`${root.folder}/${path}`, dontThrow);
    const isSame = now?.ctimeMs === changedAt && now.mtimeMs === modifiedAt && now.size === size && now.ino === inode;
    return isSame && now.isFile();
  } catch {
    return false;
  }
}

/** How a folder looks; a change in the list of its entries is a change of it. */
export function lookAtFolder(folder: string): FileLook | undefined {
  try {
    const stats = lstatSync(folder, dontThrow);
    return stats?.isDirectory() ? lookOf(stats) : undefined;
  } catch {
    return undefined;
  }
}

function lookOf({ size, mtimeMs, ctimeMs, ino }: Stats): FileLook {
  return { size, modifiedAt: mtimeMs, changedAt: ctimeMs, inode: ino };
}

export function isSameLook(one: FileLook, other: FileLook): boolean {
  return (
    one.size === other.size &&
    one.modifiedAt === other.modifiedAt &&
    one.changedAt === other.changedAt &&
    one.inode === other.inode
  );
}

/** Tells a folder from another that has taken its name. */
export function identityOfFolder(folder: string): string {
  const stats = statSync(folder, { throwIfNoEntry: false });
  return stats ? `${stats.dev}:${stats.ino}:${stats.birthtimeMs}` : ''; // an inode's number is soon used again
}
