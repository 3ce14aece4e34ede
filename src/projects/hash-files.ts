import * as z from 'zod';
import { type ErrorCode, UserError } from '../errors.ts';
import { closeFile, hashContent, type OpenFile, openNamed, type Root } from './door.ts';
import type { JobControl } from './job-control.ts';
import { parseProjectPath } from './paths.ts';

/** What a file was when it was read, to tell whether it has to be read again. */
export const digestSchema = z.object({
  size: z.number(),
  modifiedAt: z.number(),
  /** SHA-256 in hexadecimal. */
  hash: z.string(),
});
export type Digest = z.infer<typeof digestSchema>;

export interface HashFilesInput {
  root: Root;
  paths: readonly string[];
  /** What is known of each from before. */
  known: ReadonlyArray<Digest | undefined>;
}

/** A file by its path as it is written everywhere: relative, with "/", without ".". */
export type HashedFile =
  | { path: string; state: 'hashed'; digest: Digest /** Whether the digest may be kept. */; isSettled: boolean }
  | { path: string; state: 'absent' }
  | { path: string; state: 'refused'; code: ErrorCode; message: string };

const maxBytes = 64 * 1024 * 1024;
/** A file that changed so lately may change again without a new time: clocks of file systems tick in up to 2 s. */
const settledMs = 2500;

/** What is in files now, by hash, to tell later whether they have changed. A file that is not there yet is no error. */
export function hashFiles({ root, paths, known }: HashFilesInput, control: JobControl): HashedFile[] {
  return paths.map((named, index) => {
    if (control.shouldStop()) throw new UserError('limit', 'The files took too long to read. Name fewer.');
    return hashOne(root, named, known[index]);
  });
}

function hashOne(root: Root, named: string, known: Digest | undefined): HashedFile {
  try {
    const file = openNamed(root, named);
    try {
      const path = named.startsWith('/') ? file.realPath : parseProjectPath(named);
      const isSettled = Date.now() - file.modifiedAt > settledMs;
      return { path, state: 'hashed', digest: digestOf(file, known), isSettled };
    } finally {
      closeFile(file);
    }
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    if (error.code === 'not_found') return { path: parseProjectPath(named), state: 'absent' };
    return { path: named, state: 'refused', code: error.code, message: error.message };
  }
}

function digestOf(file: OpenFile, known: Digest | undefined): Digest {
  const { size, modifiedAt } = file;
  if (known?.size === size && known.modifiedAt === modifiedAt) return known;
  return { size, modifiedAt, hash: size > maxBytes ? `size:${size}` : hashContent(file) };
}
