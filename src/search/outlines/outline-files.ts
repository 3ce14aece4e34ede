import { createHash } from 'node:crypto';
import { type ErrorCode, UserError } from '../../errors.ts';
import { closeFile, openNamed, type Root, readStart } from '../../projects/door.ts';
import type { JobControl } from '../../projects/job-control.ts';
import { language } from '../../projects/languages.ts';
import { parseProjectPath } from '../../projects/paths.ts';
import { decodeText } from '../../projects/text-kind.ts';
import { maxSourceBytes } from '../files/text-files.ts';
import type { Definition } from '../symbols/definitions.ts';
import type { Syntax } from '../symbols/syntax.ts';
import { grammarOf } from '../symbols/syntax-kinds.ts';
import { type FileOutline, outlineFile } from './file-outline.ts';

export interface OutlineFilesInput {
  root: Root;
  paths: readonly string[];
  /** Whether the texts are wanted too. */
  withText?: boolean;
  /** By their lines alone: in a fraction of the time, and sometimes with a declaration that is none. */
  withoutParser?: boolean;
}

export type OutlinedFile = WholeOutline | { path: string; state: 'binary'; bytes: number } | FileError;

interface WholeOutline {
  path: string;
  state: 'outlined';
  bytes: number;
  outline: FileOutline;
  /** Only the beginning was read. */
  isCut: boolean;
  /** Where texts are wanted: this one, and the SHA-256 of the bytes that it stands for, in hexadecimal. */
  source?: { text: string; hash: string };
}

interface FileError {
  path: string;
  state: 'error';
  code: ErrorCode;
  message: string;
}

/** Outlines of files in the order of the call; those that the time does not suffice for are left out at the end. */
export async function outlineFiles(
  input: OutlineFilesInput,
  syntax: Syntax,
  control: JobControl,
): Promise<OutlinedFile[]> {
  const outlined: OutlinedFile[] = [];
  for (const path of input.paths) {
    if (control.shouldStop() && outlined.length > 0) break;
    control.progress(outlined.length, path);
    outlined.push(await outlineOne(input, path, syntax, control));
  }
  return outlined;
}

async function outlineOne(
  { root, withText, withoutParser }: OutlineFilesInput,
  named: string,
  syntax: Syntax,
  control: JobControl,
): Promise<OutlinedFile> {
  try {
    const file = openNamed(root, named);
    const path = named.startsWith('/') ? file.realPath : parseProjectPath(named);
    try {
      const bytes = readStart(file, maxSourceBytes);
      const text = decodeText(bytes);
      if (text === undefined) return { path, state: 'binary', bytes: file.size };
      const rough = outlineFile(path, text);
      const outline = withoutParser ? rough : await confirmed(rough, text, syntax, control);
      const source = withText && { text, hash: createHash('sha256').update(bytes).digest('hex') };
      const isCut = file.size > maxSourceBytes;
      return { path, state: 'outlined', bytes: file.size, outline, isCut, ...(source && { source }) };
    } finally {
      closeFile(file);
    }
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { path: named.slice(0, 120), state: 'error', code: error.code, message: error.message };
  }
}

const confirmedKinds = new Set('function class interface enum struct trait type method'.split(' '));

/** Without what a parser does not see, and with the kinds that it sees, where there is one for the language. */
async function confirmed(
  outline: FileOutline,
  text: string,
  syntax: Syntax,
  control: JobControl,
): Promise<FileOutline> {
  const { path, symbols } = outline;
  if (grammarOf(path, language(path)?.name) === undefined || symbols.length === 0) return outline;
  const definitions = symbols.map(({ line, kind, name, signature }): Definition => {
    return { path, line, endLine: line, kind, name, signature, isDeclared: false };
  });
  const seen = await syntax.check(text, definitions, control.shouldStop);
  if (!seen.some(Boolean)) return outline;
  const kept = symbols.flatMap((symbol, at) => {
    const kind = seen[at]?.kind;
    if (kind === undefined && confirmedKinds.has(symbol.kind)) return [];
    return kind === undefined || !confirmedKinds.has(kind) ? symbol : { ...symbol, kind };
  });
  return { ...outline, symbols: kept };
}
