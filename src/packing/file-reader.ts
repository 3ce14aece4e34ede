import { createHash } from 'node:crypto';
import { extname } from 'node:path';
import { UserError } from '../errors.ts';
import { closeFile, openNamed, type Root, readStart } from '../projects/door.ts';
import { splitLineRange } from '../projects/paths.ts';
import { decodeText } from '../projects/text-kind.ts';
import { maxSourceBytes } from '../search/files/text-files.ts';
import { type Described, describeFile } from './describe-file.ts';
import { redactText } from './redact.ts';

/** What is known of a content, by whatever path. */
export interface FileText {
  /** Without secrets, and with LF at the ends of lines. */
  text: string;
  /** SHA-256 of the bytes that were read, in hexadecimal. */
  hash: string;
  redactions: number;
  /** What it declares, found when it is first asked for. */
  describe(): Described;
}

export interface Excerpt extends FileText {
  /** As it is written everywhere: relative to the project. */
  path: string;
  /** The first of the lines that were named; none of a whole file. */
  from?: number;
}

export interface FileReader {
  /** A file, or the lines of it that were named: `src/a.ts:10-40`. @throws UserError for what cannot be read as text */
  read(root: Root, named: string): Promise<Excerpt>;
}

/** Of the texts that are kept, in characters. */
const maxKept = 16_000_000;

/** Reads files each time, and remembers by their content what takes longer: to look for secrets, and to outline. */
export function createFileReader(): FileReader {
  const known = new Map<string, FileText>();
  let kept = 0;

  return {
    async read(root, named) {
      const { path, from = 1, to = Number.POSITIVE_INFINITY } = splitLineRange(named);
      const file = await readWhole(root, path);
      return from === 1 && to === Number.POSITIVE_INFINITY ? file : { ...file, from, text: linesOf(file, from, to) };
    },
  };

  async function readWhole(root: Root, path: string): Promise<Excerpt> {
    const file = openNamed(root, path);
    try {
      const bytes = readStart(file, maxSourceBytes);
      const hash = createHash('sha256').update(bytes).digest('hex');
      const key = `${extname(file.realPath)} ${hash}`; // its kind says how it is outlined
      const content = known.get(key) ?? (await toText(file.realPath, bytes, hash, path));
      keep(key, content);
      return { ...content, path: file.realPath };
    } finally {
      closeFile(file);
    }
  }

  /** The oldest go first. */
  function keep(key: string, content: FileText) {
    if (!known.delete(key)) kept += content.text.length;
    known.set(key, content);
    for (const [oldest, { text }] of known) {
      if (kept <= maxKept) return;
      known.delete(oldest);
      kept -= text.length;
    }
  }
}

async function toText(path: string, bytes: Buffer, hash: string, named: string): Promise<FileText> {
  const decoded = decodeText(bytes);
  if (decoded === undefined) throw new UserError('bad_input', `${JSON.stringify(named.slice(0, 120))} is no text.`);
  const redacted = await redactText(decoded.replaceAll('\r\n', '\n'));
  let described: Described | undefined;
  return { ...redacted, hash, describe: () => (described ??= describeFile(path, redacted.text)) };
}

function linesOf({ path, text }: Excerpt, from: number, to: number): string {
  const lines = text.replace(/\n$/, '').split('\n');
  if (from > 1 && from > lines.length) {
    throw new UserError('bad_input', `${path} has ${lines.length} lines; line ${from} is past its end.`);
  }
  return `${lines.slice(from - 1, to).join('\n')}\n`;
}
