import { closeFile, openToSearch, type Root, readStart } from '../../projects/door.ts';
import type { JobControl } from '../../projects/job-control.ts';
import { decodeText, isBinary, sniffedBytes, utf16Encoding } from '../../projects/text-kind.ts';
import { walk } from '../../projects/walk.ts';
import type { WalkEnd } from '../../projects/walk-meter.ts';
import { fnv1a } from '../../text/hash.ts';

export interface TextFile {
  path: string;
  text: string;
}

/** The largest file that is looked into: larger ones are data or were generated. */
export const maxSourceBytes = 8 * 1024 * 1024;

/** Files that are known to be all that can be of use, or a share of a walk over the project. */
export type FileSource = { paths: readonly string[] } | { part: number; parts: number };

export interface TextFilesOptions {
  root: Root;
  source: FileSource;
  passes(path: string): boolean;
  /** Whether the file may be of use, by a look at its bytes. */
  isWanted(bytes: Buffer): boolean;
}

export interface TextFilesEnd {
  /** Files that were looked into. */
  searched: number;
  /** Files that were not, since they are larger than `maxSourceBytes`. */
  tooLarge: number;
  /** Files and folders that the system refuses to open. */
  unreadable: number;
  cut?: 'time' | 'cancelled' | 'entries' | 'depth';
}

/** The text files that may be of use, in path order. Ends early, and says so, when the job is to stop. */
export function* textFiles(options: TextFilesOptions, control: JobControl): Generator<TextFile, TextFilesEnd> {
  const { root, source, passes, isWanted } = options;
  const scratch = Buffer.allocUnsafe(maxSourceBytes);
  const paths = 'paths' in source ? known(source.paths) : walkShare(root, source, control);
  let searched = 0;
  let tooLarge = 0;
  let unreadable = 0;
  for (let step = paths.next(); ; step = paths.next()) {
    if (step.done) {
      const { cut, unreadable: folders = 0 } = step.value;
      return { searched, tooLarge, unreadable: unreadable + folders, ...(cut && { cut }) };
    }
    const path = step.value;
    if (!passes(path)) continue;
    if (control.shouldStop()) return { searched, tooLarge, unreadable, cut: 'time' };
    const found = readIfWanted(root, path, scratch, isWanted);
    if (found === 'too large') tooLarge++;
    else if (found === 'unreadable') unreadable++;
    else if (found) searched++;
    control.progress(searched, path);
    if (typeof found === 'object' && found.text !== undefined) yield { path, text: found.text };
  }
}

function* known(paths: readonly string[]): Generator<string, Partial<WalkEnd>> {
  yield* paths;
  return {};
}

/** Each part walks by itself; which files are its own depends on their paths alone, whatever changes meanwhile. */
function* walkShare(
  root: Root,
  { part, parts }: { part: number; parts: number },
  { walkBudget }: JobControl,
): Generator<string, Partial<WalkEnd>> {
  const entries = walk(root.folder, walkBudget);
  for (let step = entries.next(); ; step = entries.next()) {
    if (step.done) return part === 0 ? step.value : { ...step.value, unreadable: 0 }; // each part has met them
    const { path, kind } = step.value;
    if (kind === 'file' && (parts === 1 || fnv1a(path) % parts === part)) yield path;
  }
}

/** The text of one file that was found before, or nothing where it is gone or has grown too large. */
export function readText(root: Root, path: string): string | undefined {
  const found = readIfWanted(root, path, undefined, () => true);
  return typeof found === 'object' ? found.text : undefined;
}

/** Undefined where there is nothing to look into. */
function readIfWanted(
  root: Root,
  path: string,
  scratch: Buffer | undefined,
  isWanted: (bytes: Buffer) => boolean,
): { text?: string | undefined } | 'too large' | 'unreadable' | undefined {
  const file = openToSearch(root, path);
  if (file === undefined || file === 'unreadable') return file;
  try {
    if (file.size > maxSourceBytes) return isBinary(readStart(file, sniffedBytes)) ? undefined : 'too large';
    const bytes = readStart(file, maxSourceBytes, scratch);
    // its bytes are not those of a name that is looked for
    const isOther = utf16Encoding(bytes) !== undefined;
    return isOther || isWanted(bytes) ? { text: decodeText(bytes) } : {};
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
