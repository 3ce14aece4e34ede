import { closeFile, openToSearch, type Root, readStart } from '../../projects/door.ts';
import type { JobControl } from '../../projects/job-control.ts';
import { decodeText } from '../../projects/text-kind.ts';
import type { WalkCut } from '../../projects/walk-meter.ts';
import { excerpt } from '../../text/excerpt.ts';
import type { Found } from '../regex/automaton.ts';
import { isInWhole, type Pattern } from '../regex/compile-pattern.ts';
import { FenceClosed } from '../regex/fence.ts';
import { requiredLiteral } from '../regex/required-literal.ts';
import type { FindTextInput, FindTextOutput } from './find-text.ts';
import { isTooLongFor, matchMultiline } from './match-multiline.ts';
import { contextLine, type FileMatches, type Match, type Place, trimReturn } from './match-page.ts';

/** A file to look into, and how many others before it are sure to have no match. */
export interface FileToSearch {
  path: string;
  passed?: PassedFiles;
  /** Where its matches or at least its text are known, the file is not read; and `passed` has it. */
  hits?: Iterable<Hit>;
  text?: string;
}

export interface PassedFiles {
  searched: number;
  binary: number;
  longLines?: number;
  /** Folders that the system refused to open. */
  unreadable?: number;
}

export interface FilesEnd {
  passed?: PassedFiles;
  cut?: WalkCut;
}

export type FilesToSearch = Generator<FileToSearch, FilesEnd>;

/** A matching line. */
export interface Hit extends Place {
  /** As it is shown. */
  text: string;
  match(): Match;
}

/**
 * Why there are no more hits; `stoppedAt` is the file that was not searched to its end, for want of time, and `closedAt`
 * the line on which a pattern took too long.
 */
export interface HitsEnd {
  cut?: WalkCut;
  stoppedAt?: string;
  closedAt?: Place;
}

export const maxFileBytes = 32 * 1024 * 1024;
/** Whole-text filtering is for files of ordinary size; above it each line is tested alone, between checks of the clock. */
const wholeTextLimit = 1024 * 1024;
/** Most files are smaller, and need no memory of their own. */
const scratchBytes = 1024 * 1024;
const charactersPerCheck = 10_000;

/** The matching lines of listed files, in the order of the list; `output` is told what was searched and what skipped. */
export function* hitsIn(
  files: FilesToSearch,
  pattern: Pattern,
  {
    input,
    control,
    output,
    after,
  }: Omit<LineSearch, 'pattern' | 'literal' | 'firstLine'> & { after: Place | undefined },
): Generator<Hit, HitsEnd> {
  const literal = input.multiline ? requiredLiteral(pattern.tree) : '';
  let scratch: Buffer | undefined;
  try {
    for (let step = files.next(); ; step = files.next()) {
      pass(step.value.passed);
      if (step.done) return step.value.cut ? { cut: step.value.cut } : {};
      const { path, hits, text = hits ? '' : read(path) } = step.value;
      if (control.shouldStop()) return { stoppedAt: path };
      if (text === undefined) continue;
      control.progress(output.filesSearched, path);
      const firstLine = after?.path === path ? after.line + 1 : 1;
      if (hits) yield* hits;
      else {
        for (const match of matchLines(text, { pattern, literal, firstLine, input, control, output })) {
          if ('closedAt' in match) return { closedAt: { path, line: match.closedAt } };
          yield { path, line: match.line, text: match.text, match: () => match };
        }
      }
      if (control.shouldStop()) return { stoppedAt: path };
    }
  } finally {
    files.return({});
  }

  function pass({ searched, binary, longLines = 0, unreadable = 0 }: PassedFiles = { searched: 0, binary: 0 }) {
    output.filesSearched += searched;
    output.skipped.binary += binary;
    output.skipped.longLines += longLines;
    output.skipped.unreadable += unreadable;
  }

  function read(path: string): string | undefined {
    scratch ??= Buffer.allocUnsafe(scratchBytes);
    const text = readText(input.root, path, output.skipped, scratch);
    if (text !== undefined) output.filesSearched++;
    return text;
  }
}

function readText(root: Root, path: string, skipped: FindTextOutput['skipped'], scratch: Buffer): string | undefined {
  const file = openToSearch(root, path);
  if (file === 'unreadable') skipped.unreadable++;
  if (file === undefined || file === 'unreadable') return undefined;
  try {
    if (file.size > maxFileBytes) {
      skipped.tooLarge++;
      return undefined;
    }
    const bytes = readStart(file, maxFileBytes, scratch);
    const text = decodeText(bytes);
    if (text === undefined) skipped.binary++;
    return text;
  } finally {
    closeFile(file);
  }
}

interface LineSearch {
  pattern: Pattern;
  /** Held by every match that may go over several lines. */
  literal: string;
  firstLine: number;
  input: FindTextInput;
  control: JobControl;
  output: FindTextOutput;
}

/** The line on which a pattern took too long, or the last of a text in which it did. */
interface Closed {
  closedAt: number;
}

/** Ends early, without a word, once the job is to stop. */
function* matchLines(text: string, search: LineSearch): Generator<Match | Closed> {
  const { pattern, literal, firstLine, input, control, output } = search;
  if (!input.multiline) {
    if (text.length > wholeTextLimit || pattern.mayMatch(text)) yield* matchEachLine(text, search);
    return;
  }
  if (text === '' || !text.includes(literal)) return;
  if (isTooLongFor(pattern, text)) {
    output.skipped.tooLarge++;
    return;
  }
  try {
    yield* matchMultiline(text, pattern, { firstLine, context: input.context, shouldStop: control.shouldStop });
  } catch (error) {
    if (!(error instanceof FenceClosed)) throw error;
    yield { closedAt: text.split('\n').length };
  }
}

function* matchEachLine(
  text: string,
  { pattern, firstLine, input: { context }, control, output: { skipped } }: LineSearch,
): Generator<Match | Closed> {
  const lines = text.split('\n');
  const count = lines.at(-1) === '' ? lines.length - 1 : lines.length; // a line end begins no line
  for (let first = firstLine - 1; first < count && !control.shouldStop(); ) {
    const { batch, longLines } = nextBatch(lines, first, count, pattern.reach);
    skipped.longLines += longLines;
    const { found, closedAt } = findEach(pattern, batch);
    for (let at = 0; at < found.length; at++) {
      const place = found[at];
      const line = trimReturn(lines[first + at] ?? '');
      if (place && isInWhole(pattern, line, place)) yield matchOf(lines, first + at, place, context);
    }
    if (closedAt !== undefined) {
      yield { closedAt: first + closedAt + 1 };
      return;
    }
    first += batch.length;
  }
}

/** Lines that are decided between two looks at the clock, without their ends, as far as the pattern looks at them. */
function nextBatch(lines: readonly string[], first: number, count: number, reach: number) {
  const batch: string[] = [];
  let longLines = 0;
  let characters = 0;
  for (let at = first; at < count && characters < charactersPerCheck; at++) {
    const line = trimReturn(lines[at] ?? '');
    const isLong = line.length > reach;
    if (isLong) longLines++;
    characters += line.length + 1;
    batch.push(isLong ? line.slice(0, reach) : line);
  }
  return { batch, longLines };
}

function findEach(pattern: Pattern, lines: readonly string[]) {
  try {
    return { found: pattern.findEach(lines) };
  } catch (error) {
    if (!(error instanceof FenceClosed)) throw error;
    return { found: error.decided, closedAt: error.decided.length };
  }
}

function matchOf(lines: readonly string[], index: number, { index: at, length }: Found, context: number): Match {
  const line = trimReturn(lines[index] ?? '');
  const byteColumn = Buffer.byteLength(line.slice(0, at)) + 1;
  return {
    line: index + 1,
    column: at + 1,
    ...(byteColumn !== at + 1 && { byte_column: byteColumn }),
    text: excerpt(line, at, length),
    ...(context > 0 && {
      before: lines.slice(Math.max(0, index - context), index).map(contextLine),
      after: lines.slice(index + 1, index + 1 + context).map(contextLine),
    }),
  };
}

export function createOutput(files: FileMatches[]): FindTextOutput {
  return { files, filesSearched: 0, skipped: { binary: 0, tooLarge: 0, unreadable: 0, longLines: 0 } };
}

const cuts = {
  time: 'the time limit was reached before every file was searched; narrow it with include, or go on with the cursor',
  entries: 'the project has more entries than one search may visit',
  depth: 'some folders are nested too deep',
  cancelled: 'the search was cancelled',
  pattern:
    'the look-around, back-references or atomic groups of the pattern took too long on one line; ' +
    'the cursor goes on behind it, or write the pattern without them',
};

export function withCut(output: FindTextOutput, cut: keyof typeof cuts | undefined): FindTextOutput {
  return cut ? { ...output, cut: cuts[cut] } : output;
}
