import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { objectCap } from './git-delta.ts';
import { readRegularFile } from './git-file.ts';
import { deflatedCap, inflate, type ObjectKind, openPack, type Pack, type Spend } from './git-pack.ts';

/** Commits, trees and blobs by full lower-case hex id, without their object header. */
export interface GitObjects {
  /** Undefined is an object that is missing, corrupt, over 1 MB, or of another kind. */
  read(id: string, kind: ObjectKind): Buffer | undefined;
  /** Frees the descriptors that `read` opened. */
  close(): void;
}

type ReadObject = (id: string, kind: ObjectKind) => Buffer | undefined;

const objectHeaderCap = 32;
const folderCap = 32;
/** Each takes a descriptor while the store is open; git itself repacks at fifty. */
const packCap = 256;
/** Bytes that one store may read and inflate: more than ten thousand commits need, and under two seconds of work. */
const usualWork = 256 * 1024 * 1024;
/** What a call to the system costs, in bytes. */
const callFee = 512;

/** Reads a SHA-1 object folder and its alternates, loose and packed, as gitrepository-layout(5) describes it. Never throws. */
export function openObjects(objectsFolder: string, options: { isForMany?: boolean; work?: number } = {}): GitObjects {
  const { isForMany = false, work = usualWork } = options;
  const spend = createBudget(work);
  const folders = withAlternates(objectsFolder);
  const opened: Pack[] = [];
  const loose = folders.map(
    (folder): ReadObject =>
      (id) =>
        readLoose(folder, id, spend),
  );
  const packed = folders
    .flatMap(packPaths)
    .slice(0, packCap)
    .map((path) => readPacked(opened, () => openPack(path, spend, isForMany)));
  return {
    read: (id, kind) => readFirst(packed, id, kind) ?? readFirst(loose, id, kind),
    close() {
      for (const pack of opened) pack.close();
    },
  };
}

function createBudget(work: number): Spend {
  let left = work;
  return (bytes) => {
    left -= bytes + callFee;
    if (left < 0) throw new Error('the history takes too much work to read');
  };
}

function withAlternates(objectsFolder: string): string[] {
  const folders = [objectsFolder];
  // The list grows while it is walked: an alternate may have alternates of its own.
  for (const folder of folders) {
    for (const other of alternates(folder)) {
      if (folders.length < folderCap && !folders.includes(other)) folders.push(other);
    }
  }
  return folders;
}

function alternates(folder: string): string[] {
  const text = readRegularFile(join(folder, 'info', 'alternates'), 64 * 1024)?.toString() ?? '';
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return lines.map((line) => resolve(folder, line));
}

function packPaths(folder: string): string[] {
  try {
    const indexes = readdirSync(join(folder, 'pack')).filter((name) => name.endsWith('.idx'));
    return indexes.map((name) => join(folder, 'pack', name.slice(0, -'.idx'.length)));
  } catch {
    return [];
  }
}

function readLoose(folder: string, id: string, spend: Spend): Buffer | undefined {
  spend(0);
  const file = readRegularFile(join(folder, id.slice(0, 2), id.slice(2)), deflatedCap(objectCap));
  if (file === undefined) return undefined;
  const object = inflate(file, objectCap + objectHeaderCap, spend);
  return object.subarray(object.indexOf(0) + 1);
}

/** A pack is opened when first asked, and one that cannot be opened is asked no more. */
function readPacked(opened: Pack[], open: () => Pack): ReadObject {
  let pack: Pack | undefined;
  let isTried = false;
  return (id, kind) => {
    if (!isTried) {
      isTried = true;
      pack = open();
      opened.push(pack);
    }
    return pack?.read(id, kind);
  };
}

/** Asks each source in turn, and moves the one that knew to the front, where its neighbours are likely to be as well. */
function readFirst(sources: ReadObject[], id: string, kind: ObjectKind): Buffer | undefined {
  for (const [index, read] of sources.entries()) {
    const content = readSound(read, id, kind);
    if (content === undefined) continue;
    sources.splice(index, 1);
    sources.unshift(read);
    return content;
  }
  return undefined;
}

/** The hash proves that this is the object: it covers the kind and the length of it too. */
function readSound(read: ReadObject, id: string, kind: ObjectKind): Buffer | undefined {
  try {
    const content = read(id, kind);
    return content !== undefined && objectId(content, kind) === id ? content : undefined;
  } catch {
    return undefined;
  }
}

export function objectId(content: Buffer, kind: ObjectKind): string {
  return createHash('sha1').update(`${kind} ${content.length}\0`).update(content).digest('hex');
}
