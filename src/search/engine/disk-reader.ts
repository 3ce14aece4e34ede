import { closeFile, openListed, type Root, readStart } from '../../projects/door.ts';
import type { FileReader } from './build-slice.ts';
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

/** Reads the text of a file for a search; what it returns lasts until the next one is read. */
export function createTextReader(root: Root): (path: string) => Uint8Array | undefined {
  const read = createDiskReader(root);
  const room = Buffer.allocUnsafe(1024 * 1024);
  return (path) => {
    const bytes = read(path, room)?.bytes;
    return bytes && toSearchableText(bytes);
  };
}
