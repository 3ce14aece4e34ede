import { closeFile, openListed, type Root, readStart } from './door.ts';
import { isText, withoutByteOrderMark } from './text-kind.ts';

/** The first bytes of a file as text; empty where it cannot be read or is none. */
export function readHead(root: Root, path: string, maxBytes: number): string {
  const file = openListed(root, path);
  if (!file) return '';
  try {
    const bytes = readStart(file, maxBytes);
    return isText(bytes, bytes.length === file.size) ? withoutByteOrderMark(bytes.toString('utf8')) : '';
  } finally {
    closeFile(file);
  }
}
