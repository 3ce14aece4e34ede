import {
  closeFile,
  openListed,
  type Root,
  readExactly,
  readStart,
  type SampleFile,
  withSample,
} from '../../projects/door.ts';
import type { FileReader } from './build-slice.ts';
import type { FileEntry } from './file-table.ts';
import type { Place } from './query-area.ts';
import { toSearchableText } from './searchable-text.ts';
import { maxTextBytes } from './segment-builder.ts';

/** Reads listed files through the door. */
export function createDiskReader(root: Root): FileReader {
  return (path, room) => {
    const file = openListed(root, path);
    if (!file) return undefined;
    try {
      const { size, modifiedAt } = file;
      return { bytes: size > maxTextBytes ? undefined : readStart(file, maxTextBytes, room), size, modifiedAt };
    } finally {
      closeFile(file);
    }
  };
}

/**
 * Reads places of a file that was indexed, one behind the other, and asks `isWanted` about them; what is `held` may be shown.
 *
 * @returns `unread` of another file than the one that was indexed, and of one whose text is not made of the same bytes
 */
export type PlacesReader = (
  entry: FileEntry,
  places: readonly Place[],
  room: Buffer,
  isWanted: () => boolean,
) => 'held' | 'passed' | 'unread';

/** Readers of texts on the disk for searches. */
export interface SearchReaders {
  /** The whole text; what it returns lasts until the next one is read. */
  read(path: string): Uint8Array | undefined;
  readPlaces: PlacesReader;
  /** How many files were opened so far. */
  opened(): number;
}

export function createSearchReaders(root: Root): SearchReaders {
  const readText = createTextReader(root);
  let opened = 0;
  return {
    read(path) {
      opened++;
      return readText(path);
    },
    readPlaces(entry, places, room, isWanted) {
      opened++;
      const outcome = withSample(root, entry.path, (file) => {
        if (!isAsIndexed(entry, file) || !fillPlaces(file, places, room)) return 'unread';
        if (!isWanted()) return 'passed';
        file.check();
        return 'held';
      });
      return outcome ?? 'unread';
    },
    opened: () => opened,
  };
}

function isAsIndexed({ size, modifiedAt, length }: FileEntry, file: SampleFile): boolean {
  return size === length && file.size === size && file.modifiedAt === modifiedAt;
}

function fillPlaces(file: SampleFile, places: readonly Place[], room: Buffer): boolean {
  let at = 0;
  return places.every((place) => {
    const piece = room.subarray(at, at + place.length);
    at += place.length;
    return readExactly(file, piece, place.start);
  });
}

/** Reads the text of a file as it is searched; what it returns lasts until the next one is read. */
export function createTextReader(root: Root): (path: string) => Uint8Array | undefined {
  const read = createDiskReader(root);
  const room = Buffer.allocUnsafe(1024 * 1024);
  return (path) => {
    const bytes = read(path, room)?.bytes;
    return bytes && toSearchableText(bytes);
  };
}
