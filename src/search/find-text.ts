import { closeFile, openListed, type Root, readStart } from '../projects/door.ts';
import type { JobControl } from '../projects/job-control.ts';
import { decodeText } from '../projects/text-kind.ts';
import { walk } from '../projects/walk.ts';
import type { WalkCut } from '../projects/walk-meter.ts';
import { createPathFilter, type PathFilter } from './globs.ts';
import { isTooLongFor, matchWhole } from './match-whole.ts';
import { compilePattern, type PatternQuery } from './pattern.ts';
import { requiredLiteral } from './required-literal.ts';

export interface FindTextInput extends PatternQuery {
  root: Root;
  include: readonly string[];
  exclude: readonly string[];
  /** Lines to show before and after each match. */
  context: number;
  /** Most matching lines to return. */
  limit: number;
  /** Most characters that the matches may take as JSON. */
  maxCharacters: number;
  /** Where the last page ended. */
  after?: Position | undefined;
}

export interface Position {
  path: string;
  line: number;
}

export interface Match {
  /** 1-based. */
  line: number;
  /** 1-based, in UTF-16 units, of the first match on the line. */
  column: number;
  /** The line, or the part of a long line around the match. */
  text: string;
  /** Where it goes over several lines, which `text` then has. */
  end_line?: number;
  before?: string[];
  after?: string[];
}

export interface FileMatches {
  path: string;
  matches: Match[];
}

export interface FindTextOutput {
  files: FileMatches[];
  /** More matches follow: ask again from here. */
  next?: Position;
  filesSearched: number;
  skipped: { binary: number; tooLarge: number; longLines: number };
  /** Why not every file was searched, where that is so. */
  cut?: string;
}

export const maxFileBytes = 32 * 1024 * 1024;
/** Whole-text filtering is for files of ordinary size; above it each line is tested alone, between checks of the clock. */
const wholeTextLimit = 1024 * 1024;
/** Most files are smaller, and need no memory of their own. */
const scratchBytes = 1024 * 1024;
const charactersPerCheck = 10_000;
/** A regular expression looks at so much of a line; a text is looked for in all of it. */
export const maxLineForPattern = 100_000;
const excerptLength = 240;

/** A file to look into, and how many others before it are sure to have no match. */
export interface FileToSearch {
  path: string;
  passed?: PassedFiles;
}

export interface PassedFiles {
  searched: number;
  binary: number;
}

export interface FilesEnd {
  passed?: PassedFiles;
  cut?: WalkCut;
}

/** Lists the files that may have a match, in path order. */
export type FileLister = (pattern: RegExp, passes: PathFilter) => Generator<FileToSearch, FilesEnd>;

/** Looks for lines that match, file by file in path order, until the page is full or the time is up. */
export function findText(input: FindTextInput, control: JobControl): FindTextOutput {
  return findTextIn(input, control, (_, passes) => walkFiles(input, control, passes));
}

function* walkFiles(
  { root, after }: FindTextInput,
  { walkBudget }: JobControl,
  passes: PathFilter,
): Generator<FileToSearch, FilesEnd> {
  const entries = walk(root.folder, walkBudget);
  for (let step = entries.next(); ; step = entries.next()) {
    if (step.done) return step.value;
    const { path, kind } = step.value;
    if (kind === 'file' && !(after && path < after.path) && passes(path)) yield { path };
  }
}

/** The same among files that something else has listed; each is read as it is now. */
export function findTextIn(input: FindTextInput, control: JobControl, lister: FileLister): FindTextOutput {
  const pattern = compilePattern(input);
  const literal = input.multiline ? requiredLiteral(pattern.source) : '';
  const passes = createPathFilter(input.include, input.exclude);
  const { after } = input;
  const page = createPage(input);
  const output: FindTextOutput = {
    files: page.files,
    filesSearched: 0,
    skipped: { binary: 0, tooLarge: 0, longLines: 0 },
  };

  const scratch = Buffer.allocUnsafe(scratchBytes);
  const files = lister(pattern, passes);
  try {
    for (let step = files.next(); ; step = files.next()) {
      pass(step.value.passed);
      if (step.done) return withCut(output, step.value.cut);
      const { path } = step.value;
      if (control.shouldStop()) return cutAt(path);
      const text = readText(input.root, path, output.skipped, scratch);
      if (text === undefined) continue;
      output.filesSearched++;
      control.progress(output.filesSearched, path);
      const firstLine = after?.path === path ? after.line + 1 : 1;
      for (const match of matchLines(text, { pattern, literal, firstLine, input, control, skipped: output.skipped })) {
        if (!page.add(path, match)) return withNext(output, page.last());
      }
      if (control.shouldStop()) return cutAt(path);
    }
  } finally {
    files.return({});
  }

  function pass({ searched, binary }: PassedFiles = { searched: 0, binary: 0 }) {
    output.filesSearched += searched;
    output.skipped.binary += binary;
  }

  /** Out of time: the next page goes on from here, unless this one has not got any further. */
  function cutAt(path: string): FindTextOutput {
    const last = page.last();
    const next = last?.path === path ? last : { path, line: 0 };
    const isFurther = after === undefined || next.path !== after.path || next.line > after.line;
    return withNext(withCut(output, 'time'), isFurther && output.filesSearched > 0 ? next : undefined);
  }
}

const cuts = {
  time: 'the time limit was reached before every file was searched; narrow it with include, or go on with the cursor',
  entries: 'the project has more entries than one search may visit',
  depth: 'some folders are nested too deep',
  cancelled: 'the search was cancelled',
};

function withCut(output: FindTextOutput, cut: keyof typeof cuts | undefined): FindTextOutput {
  return cut ? { ...output, cut: cuts[cut] } : output;
}

function withNext(output: FindTextOutput, next: Position | undefined): FindTextOutput {
  return next ? { ...output, next } : output;
}

function createPage({ limit, maxCharacters }: FindTextInput) {
  const files: FileMatches[] = [];
  let count = 0;
  let characters = 0;
  let last: Position | undefined;
  return {
    files,
    last: () => last,
    /** Whether the match still fitted; the first one always does, if need be without the lines around it. */
    add(path: string, found: Match): boolean {
      const file = files.at(-1);
      const isNew = file?.path !== path;
      const pathCost = isNew ? JSON.stringify(path).length + 30 : 0;
      const isWide = count === 0 && pathCost + costOf(found) > maxCharacters;
      const match = isWide ? withoutContext(found) : found;
      characters += pathCost + costOf(match);
      if (count >= limit || (count > 0 && characters > maxCharacters)) return false;
      if (isNew) files.push({ path, matches: [match] });
      else file?.matches.push(match);
      count++;
      last = { path, line: match.line };
      return true;
    },
  };
}

/** Of the larger of its two forms: as JSON, or as lines that begin with their numbers. */
function costOf(match: Match): number {
  const around = [...(match.before ?? []), ...(match.after ?? [])];
  const asText = around.reduce((sum, line) => sum + line.length + 12, match.text.length + 20 + 12 * linesIn(match));
  return Math.max(asText, JSON.stringify(match).length + 1);
}

function linesIn({ line, end_line: end = line }: Match): number {
  return end - line;
}

function withoutContext({ before: _, after: __, ...match }: Match): Match {
  return match;
}

function readText(root: Root, path: string, skipped: FindTextOutput['skipped'], scratch: Buffer): string | undefined {
  const file = openListed(root, path);
  if (!file) return undefined;
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

/** Ends early, without a word, once the job is to stop. */
interface LineSearch {
  pattern: RegExp;
  /** Held by every match that may go over several lines. */
  literal: string;
  firstLine: number;
  input: FindTextInput;
  control: JobControl;
  skipped: FindTextOutput['skipped'];
}

function* matchLines(
  text: string,
  { pattern, literal, firstLine, input, control, skipped }: LineSearch,
): Generator<Match> {
  if (input.multiline) {
    if (!text.includes(literal)) return;
    if (isTooLongFor(pattern, text)) skipped.tooLarge++;
    else yield* matchWhole(text, pattern, { firstLine, context: input.context, shouldStop: control.shouldStop });
    return;
  }
  if (text.length <= wholeTextLimit && !testAt(pattern, text)) return;
  const lines = text.split('\n');
  let unchecked = 0;
  for (let index = firstLine - 1; index < lines.length; index++) {
    const line = trimReturn(lines[index] ?? '');
    unchecked += line.length + 1;
    if (unchecked > charactersPerCheck) {
      if (control.shouldStop()) return;
      unchecked = 0;
    }
    pattern.lastIndex = 0;
    const isTooLong = input.mode === 'regex' && line.length > maxLineForPattern;
    if (isTooLong) skipped.longLines++;
    const found = pattern.exec(isTooLong ? line.slice(0, maxLineForPattern) : line);
    if (!found || (index === lines.length - 1 && line === '' && index > 0)) continue;
    const match: Match = {
      line: index + 1,
      column: found.index + 1,
      text: excerpt(line, found.index, found[0].length),
    };
    const { context } = input;
    if (context > 0) {
      match.before = lines.slice(Math.max(0, index - context), index).map(contextLine);
      match.after = lines.slice(index + 1, index + 1 + context).map(contextLine);
    }
    yield match;
  }
}

/** The pattern has no look-around, so a line that matches by itself also matches within the whole text. */
function testAt(pattern: RegExp, text: string): boolean {
  pattern.lastIndex = 0;
  return pattern.test(text);
}

/** A part of a long line that holds the start of the match, marked where it was cut. */
function excerpt(line: string, start: number, length: number): string {
  if (line.length <= excerptLength) return line;
  const spare = Math.max(0, excerptLength - Math.min(length, excerptLength));
  const from = Math.max(0, Math.min(start - (spare >> 1), line.length - excerptLength));
  const to = from + excerptLength;
  return `${from > 0 ? '…' : ''}${line.slice(from, to)}${to < line.length ? '…' : ''}`;
}

function contextLine(line: string): string {
  return excerpt(trimReturn(line), 0, 0);
}

function trimReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}
