import { type ErrorCode, UserError } from '../errors.ts';
import { outline } from '../text/outline.ts';
import { closeFile, openNamed, type Root, readStart } from './door.ts';
import type { JobControl } from './job-control.ts';
import { language } from './languages.ts';
import { splitLineRange } from './paths.ts';
import { isText, withoutByteOrderMark } from './text-kind.ts';

export interface ReadFilesInput {
  root: Root;
  /** As the caller wrote them, perhaps with lines: `src/a.ts:10-40`. */
  paths: readonly string[];
  view: 'full' | 'outline';
  /** Most characters that all texts together may take as JSON; shared fairly, what one leaves goes to the others. */
  maxCharacters: number;
}

export type FileView =
  | {
      path: string;
      state: 'whole' | 'part';
      bytes: number;
      totalLines: number;
      from: number;
      to: number;
      text: string;
      next?: string;
      note?: string;
    }
  | { path: string; state: 'binary'; bytes: number }
  | { path: string; state: 'error'; code: ErrorCode; message: string };

/** Of a larger file only this much is read, in bytes. */
export const maxReadBytes = 8 * 1024 * 1024;
const maxLineLength = 2000;

/** Numbered lines (`12<tab>text`) or outlines of several files, in the order of the call, within one budget. */
export function readFiles(input: ReadFilesInput, control: JobControl): FileView[] {
  const drafts = input.paths.map((path, index) => {
    control.progress(index, path);
    return draftFile(input, path);
  });
  shareBudget(drafts, input.maxCharacters);
  return drafts.map(({ view }) => view);
}

interface Draft {
  view: FileView;
  /** Rendered lines with their numbers; none for what cannot be shown. */
  lines: Array<{ number: number; text: string; cost: number }>;
  /** The first line that was left out since it cannot fit. */
  rest?: number;
}

function draftFile({ root, view, maxCharacters }: ReadFilesInput, named: string): Draft {
  try {
    const { path, from, to } = splitLineRange(named);
    const { bytes, size } = readNamed(root, path);
    if (!isText(bytes, bytes.length === size)) return { view: { path, state: 'binary', bytes: size }, lines: [] };
    const isCut = bytes.length < size;
    const text = decode(bytes, isCut);
    const total = countLines(text);
    if (from !== undefined && from > total) throw beyondEnd(path, from, total, size);
    const rendered = view === 'outline' ? renderOutline(text, path) : renderLines(text);
    const lines: Draft['lines'] = [];
    let rest: number | undefined;
    let cost = 0;
    for (const line of rendered) {
      if (line.number < (from ?? 1) || line.number > (to ?? total)) continue;
      const lineCost = JSON.stringify(line.text).length;
      cost += lineCost;
      if (cost > maxCharacters && lines.length > 0) {
        rest = line.number;
        break;
      }
      lines.push({ ...line, cost: lineCost });
    }
    const end = Math.min(to ?? total, total);
    const fileView: FileView = {
      path,
      state: isCut || from !== undefined ? 'part' : 'whole',
      bytes: size,
      totalLines: total,
      from: from ?? 1,
      to: end,
      text: '',
      ...(isCut && {
        note: `Only the first ${maxReadBytes / 1024 / 1024} MiB can be read; lines are counted in these.`,
      }),
    };
    return { view: fileView, lines, ...(rest !== undefined && { rest }) };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { view: { path: named.slice(0, 120), state: 'error', code: error.code, message: error.message }, lines: [] };
  }
}

function readNamed(root: Root, path: string): { bytes: Buffer; size: number } {
  const file = openNamed(root, path);
  try {
    return { bytes: readStart(file, maxReadBytes), size: file.size };
  } finally {
    closeFile(file);
  }
}

/** Of a file that is cut, the last line that may not be whole is left out, unless it is all there is. */
function decode(bytes: Buffer, isCut: boolean): string {
  const text = withoutByteOrderMark(bytes.toString('utf8'));
  return isCut && text.includes('\n') ? text.slice(0, text.lastIndexOf('\n') + 1) : text;
}

function beyondEnd(path: string, from: number, total: number, size: number): UserError {
  return size > maxReadBytes
    ? new UserError('limit', `Only the first ${maxReadBytes / 1024 / 1024} MiB of ${path} can be read: ${total} lines.`)
    : new UserError('bad_input', `${path} has ${total} lines; line ${from} is past its end.`);
}

/** A line break at the end closes the last line and opens none. */
function countLines(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count++;
  return text === '' || text.endsWith('\n') ? count : count + 1;
}

function* renderLines(text: string): Generator<{ number: number; text: string }> {
  let start = 0;
  for (let number = 1; start < text.length; number++) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    const line = text.slice(start, text[end - 1] === '\r' && end > start ? end - 1 : end);
    yield { number, text: `${number}\t${shorten(line)}` };
    start = end + 1;
  }
}

function* renderOutline(text: string, path: string): Generator<{ number: number; text: string }> {
  for (const { line, depth, signature } of outline(text, language(path)?.name)) {
    yield { number: line, text: `${line}\t${'  '.repeat(depth)}${signature}` };
  }
}

function shorten(line: string): string {
  if (line.length <= maxLineLength) return line;
  return `${line.slice(0, maxLineLength)}… (${line.length - maxLineLength} more characters on this line)`;
}

/** Smallest first, so that each file's unused share goes to those that need more. */
function shareBudget(drafts: readonly Draft[], maxCharacters: number): void {
  const bySize = [...drafts].sort((a, b) => costOf(a) - costOf(b));
  let left = maxCharacters - drafts.length * 200; // names, states and numbers around each text
  bySize.forEach((draft, index) => {
    left -= fill(draft, Math.max(0, Math.floor(left / (bySize.length - index))));
  });
}

function costOf({ lines }: Draft): number {
  return lines.reduce((sum, { cost }) => sum + cost, 0);
}

/** Puts as many lines into the view as the share allows and says where to go on; returns what they cost. */
function fill({ view, lines, rest }: Draft, share: number): number {
  if (view.state !== 'whole' && view.state !== 'part') return 0;
  let used = 0;
  let count = 0;
  while (count < lines.length && used + (lines[count]?.cost ?? 0) <= share) used += lines[count++]?.cost ?? 0;
  const [first] = lines;
  if (count === 0 && first) {
    count = 1; // a cut line is of use, and reading on must always get further
    used = share;
    view.text = `${first.text.slice(0, Math.max(80, share - 40))}… (cut to fit)`;
    view.state = 'part';
  } else {
    view.text = lines
      .slice(0, count)
      .map(({ text }) => text)
      .join('\n');
  }
  const cutAt = lines[count]?.number ?? rest;
  if (cutAt !== undefined) {
    view.state = 'part';
    view.next = `${view.path}:${cutAt}-${view.to === view.totalLines ? '' : view.to}`;
    view.to = cutAt - 1;
  }
  return used;
}
