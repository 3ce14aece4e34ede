import { crc32 } from 'node:zlib';
import type { Root } from '../../projects/door.ts';
import { identityOfFolder } from '../../projects/file-look.ts';
import type { KnownTree } from '../../projects/known-tree.ts';
import { createLookSweep, type LookSweep } from '../../projects/look-sweep.ts';
import { type Arena, createArena } from '../engine/arena.ts';
import { placeSegments, segmentBytes, sizeOfSegments } from '../engine/index-file.ts';
import { createTextIndex, type TextIndex } from '../engine/text-index.ts';
import type { BuiltText } from './build-text.ts';
import type { CachedFile, IndexCache, NewFile } from './index-cache.ts';
import { decodeFacts, encodeFacts, type IndexFacts, type StoredFacts } from './stored-facts.ts';

/**
 * The index of a project in a file: a header, facts, segments; not the text. All three have a checksum, and the header is
 * written last.
 */
const magic = 'octantix';
const version = 4;
const headerBytes = 64;
/** The checksum of what is before it. */
const headerSumAt = 60;

export interface StoredIndex {
  tree: KnownTree;
  /** Of the files of the tree, and of others. */
  sweep: LookSweep;
  ignored: string;
  /** Its text is on the disk. Undefined where it is damaged. */
  load(): Promise<BuiltText | undefined>;
}

/**
 * Takes down at once what goes together, and returns a function that writes it in the background.
 *
 * @returns a function that throws what the system throws
 */
export function storeIndex(cache: IndexCache, root: Root, facts: IndexFacts): () => Promise<void> {
  const bytes = encodeFacts(facts);
  return () => cache.write(root, (file) => writeIndex(file, bytes, facts.index));
}

async function writeIndex(file: NewFile, facts: Buffer, index: TextIndex) {
  await file.append(Buffer.alloc(headerBytes));
  await file.append(facts);
  let segmentSum = 0;
  for (const piece of segmentBytes(index)) {
    segmentSum = crc32(piece, segmentSum);
    await file.append(piece);
  }
  const header = Buffer.alloc(headerBytes);
  header.write(magic, 'latin1');
  header.writeUInt32LE(version, 8);
  header.writeDoubleLE(facts.length, 16);
  header.writeDoubleLE(sizeOfSegments(index.segments), 24);
  header.writeUInt32LE(crc32(facts), 32);
  header.writeUInt32LE(segmentSum, 36);
  header.writeUInt32LE(crc32(header.subarray(0, headerSumAt)), headerSumAt);
  await file.replaceStart(header);
}

/**
 * Opens the stored index of a project, and begins to read it. One that is damaged, of another version or of another folder
 * is dropped.
 *
 * @returns undefined where there is none, or no room for it
 */
export async function openStoredIndex(
  cache: IndexCache,
  root: Root,
  arenaBytes: number,
): Promise<StoredIndex | undefined> {
  const file = cache.open(root);
  if (!file) return undefined;
  const facts = readFacts(file, root);
  const arena = facts && createArena(arenaBytes);
  const base = arena?.reserve(facts?.segmentBytes ?? 0);
  if (!facts || !arena || base === undefined) {
    file.close();
    if (!facts) await cache.drop(root);
    return undefined;
  }
  const reading = readSegments(file, facts, arena, base).catch(() => undefined);
  return {
    tree: facts.tree,
    sweep: createLookSweep(root, facts.known, facts.paths),
    ignored: facts.ignored,
    async load() {
      const built = await reading;
      if (built) void cache.touch(root);
      else await cache.drop(root);
      return built;
    },
  };
}

interface CheckedFacts extends StoredFacts {
  segmentBytes: number;
  segmentSum: number;
}

/** Undefined where they are not to be believed. */
function readFacts(file: CachedFile, root: Root): CheckedFacts | undefined {
  try {
    const header = file.read(0, headerBytes);
    if (header.toString('latin1', 0, magic.length) !== magic || header.readUInt32LE(8) !== version) return undefined;
    if (header.readUInt32LE(headerSumAt) !== crc32(header.subarray(0, headerSumAt))) return undefined;
    const [factBytes, segmentBytes] = [header.readDoubleLE(16), header.readDoubleLE(24)];
    if (file.size !== headerBytes + factBytes + segmentBytes) return undefined;
    const bytes = file.read(headerBytes, factBytes);
    if (crc32(bytes) !== header.readUInt32LE(32)) return undefined;
    const facts = decodeFacts(bytes);
    const isOfRoot = facts.tree.identity === identityOfFolder(root.folder);
    if (!isOfRoot || sizeOfSegments(facts.segments) !== segmentBytes) return undefined;
    return { ...facts, segmentBytes, segmentSum: header.readUInt32LE(36) };
  } catch {
    return undefined;
  }
}

/** The system reads them while this thread looks at the files of the project. */
async function readSegments(file: CachedFile, facts: CheckedFacts, arena: Arena, base: number) {
  const { columns, entries, outdated, segments } = facts;
  const room = arena.bytes().subarray(base, base + facts.segmentBytes);
  try {
    if (!(await file.fill(room, file.size - room.length))) return undefined;
  } finally {
    file.close();
  }
  if (crc32(room) !== facts.segmentSum) return undefined;
  const placed = placeSegments(arena, base, segments, columns.lengths);
  if (!placed) return undefined;
  const index = createTextIndex(arena, [{ first: 0, files: columns, segments: placed }]);
  for (const path of outdated) index.remove(path);
  return { index, entries };
}
