import { closeFile, openListed, type Root, readStart } from '../projects/door.ts';
import type { JobControl } from '../projects/job-control.ts';
import { decodeText, utf16Encoding } from '../projects/text-kind.ts';
import { walk } from '../projects/walk.ts';

export interface TextFile {
  path: string;
  text: string;
}

/** Larger ones are data or were generated. */
const maxSourceBytes = 4 * 1024 * 1024;

export interface TextFilesOptions {
  root: Root;
  passes(path: string): boolean;
  /** Whether the file may be of use, by a look at its bytes. */
  isWanted(bytes: Buffer): boolean;
  /** For each file that was looked into. */
  onFile(): void;
}

export type TextFilesEnd = { cut?: 'time' | 'cancelled' | 'entries' | 'depth' };

/** The text files of a project that may be of use, in path order. Ends early, and says so, when the job is to stop. */
export function* textFiles(options: TextFilesOptions, control: JobControl): Generator<TextFile, TextFilesEnd> {
  const { root, passes, isWanted, onFile } = options;
  const scratch = Buffer.allocUnsafe(maxSourceBytes);
  const entries = walk(root.folder, control.walkBudget);
  let searched = 0;
  for (let step = entries.next(); ; step = entries.next()) {
    if (step.done) return step.value;
    const { path, kind } = step.value;
    if (kind !== 'file' || !passes(path)) continue;
    if (control.shouldStop()) return { cut: 'time' };
    const text = readIfWanted(root, path, scratch, (bytes) => {
      searched++;
      onFile();
      return isWanted(bytes);
    });
    control.progress(searched, path);
    if (text !== undefined) yield { path, text };
  }
}

/** The text of one file that was found before, or nothing where it is gone or has grown too large. */
export function readText(root: Root, path: string): string | undefined {
  return readIfWanted(root, path, undefined, () => true);
}

function readIfWanted(
  root: Root,
  path: string,
  scratch: Buffer | undefined,
  isWanted: (bytes: Buffer) => boolean,
): string | undefined {
  const file = openListed(root, path);
  if (!file) return undefined;
  try {
    if (file.size > maxSourceBytes) return undefined;
    const bytes = readStart(file, maxSourceBytes, scratch);
    // its bytes are not those of a name that is looked for
    const isOther = utf16Encoding(bytes) !== undefined;
    return isOther || isWanted(bytes) ? decodeText(bytes) : undefined;
  } finally {
    closeFile(file);
  }
}

/** Finds a name among bytes, with or without regard to case; a name with other than ASCII letters in its own case only. */
export function createNameTest(name: string, isSensitive: boolean): (bytes: Buffer) => boolean {
  const isAscii = /^[\x20-\x7e]*$/.test(name);
  if (isSensitive || !isAscii || name.toLowerCase() === name.toUpperCase()) return (bytes) => bytes.includes(name);
  const pattern = new RegExp(name.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'), 'i');
  return (bytes) => pattern.test(bytes.toString('latin1'));
}
