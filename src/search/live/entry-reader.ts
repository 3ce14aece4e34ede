import { isUtf8 } from 'node:buffer';
import type { Root } from '../../projects/door.ts';
import { isSecretPath } from '../../projects/secrets.ts';
import { decodeText, hasUtf8Mark, isBinary, utf16Encoding } from '../../projects/text-kind.ts';
import type { ReadFile } from '../engine/build-slice.ts';
import { createDiskReader } from '../engine/disk-reader.ts';
import { isAside } from '../files/file-role.ts';
import { hasLongLine } from '../regex/long-line.ts';

/** What is known of a file: `read` is looked into by every search, `none` by no one. */
export interface TextEntry {
  path: string;
  kind: 'text' | 'binary' | 'read' | 'none';
  /** A regular expression looks at a part of some line, which has to be told. */
  isLong: boolean;
  /** It comes last among what is found. */
  isAside: boolean;
}

/** Reads a listed file, into `room` where it can; `file` is missing where the index has nothing of it. */
type EntryReader = (path: string, room: Buffer) => { entry: TextEntry; file?: ReadFile };

export function createEntryReader(root: Root): EntryReader {
  const readFromDisk = createDiskReader(root);
  return (path, room) => {
    if (isSecretPath(path)) return { entry: { path, kind: 'none', isLong: false, isAside: false } };
    const file = readFromDisk(path, room);
    const kind = kindOf(file);
    const isLong = file?.bytes !== undefined && hasLongLine(file.bytes);
    const entry: TextEntry = { path, kind, isLong, isAside: isAside(path) };
    return file && kind === 'text' ? { entry, file } : { entry };
  };
}

/** What the index would read otherwise than a search of the file itself is left to that. */
function kindOf(file: ReadFile | undefined): TextEntry['kind'] {
  const bytes = file?.bytes;
  if (bytes === undefined || bytes.length !== file?.size) return 'read';
  if (utf16Encoding(bytes) !== undefined) return isPlainUtf16(bytes) ? 'text' : 'read';
  if (isBinary(bytes)) return 'binary';
  return hasUtf8Mark(bytes) && !isUtf8(bytes) ? 'read' : 'text';
}

/** Whether it is the same when it is kept as UTF-8, and by its length is no file that was UTF-8 before. */
function isPlainUtf16(bytes: Buffer): boolean {
  const text = decodeText(bytes);
  const kept = Buffer.from(text ?? '');
  return text?.isWellFormed() === true && !isBinary(kept) && kept.length !== bytes.length;
}
