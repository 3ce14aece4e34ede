import { UserError } from '../errors.ts';
import { closeFile, openNamed, type Root, readStart } from './door.ts';
import { isText } from './text-kind.ts';

export interface ReadWholeInput {
  root: Root;
  path: string;
  maxBytes: number;
}

export type WholeFile = { kind: 'text'; text: string } | { kind: 'binary'; base64: string };

/** A file as it is, for `resources/read`: all of it or, above the limit, an error that says how to read a part. */
export function readWhole({ root, path, maxBytes }: ReadWholeInput): WholeFile {
  const file = openNamed(root, path);
  try {
    if (file.size > maxBytes) {
      throw new UserError(
        'limit',
        `${path} has ${file.size} bytes and a resource may have ${maxBytes}. Read a part of it with read_files.`,
      );
    }
    const bytes = readStart(file, maxBytes);
    return isText(bytes, true)
      ? { kind: 'text', text: bytes.toString('utf8') }
      : { kind: 'binary', base64: bytes.toString('base64') };
  } finally {
    closeFile(file);
  }
}
