import type { Root } from '../../projects/door.ts';
import type { JobControl } from '../../projects/job-control.ts';
import { walk } from '../../projects/walk.ts';
import type { WalkEnd } from '../../projects/walk-meter.ts';
import { createPathFilter } from '../../text/globs.ts';
import { compilePattern, type PatternQuery } from '../regex/compile-pattern.ts';
import type { FilesEnd, FilesToSearch } from './match-files.ts';
import type { FileMatches, PageLimits, Place, Position } from './match-page.ts';
import { pageByPath } from './page-by-path.ts';
import { pageByRelevance } from './page-by-relevance.ts';
import { createTierOf } from './relevance.ts';

export interface FindTextInput extends PatternQuery, PageLimits {
  root: Root;
  include: readonly string[];
  exclude: readonly string[];
  /** Lines to show before and after each match. */
  context: number;
  order: 'relevance' | 'path';
  /** Where the last page ended. */
  after?: Position | undefined;
}

export interface FindTextOutput {
  files: FileMatches[];
  /** More matches follow: ask again from here. */
  next?: Position;
  total?: FoundTotal;
  filesSearched: number;
  /** `unreadable`: files and folders that the system refuses to open. */
  skipped: { binary: number; tooLarge: number; unreadable: number; longLines: number };
  /** Why not every file was searched, where that is so. */
  cut?: string;
  /** That was a line on which the pattern took too long, which no other way to search helps. */
  isClosed?: true;
}

/** The matches of all pages, or how many there are at least. */
interface FoundTotal {
  matches: number;
  isExact: boolean;
}

/**
 * Looks for lines that match, file by file, until the page is full or the time is up. It goes through the files in path
 * order, and sorts what it found by relevance if that is all; a page of an order of relevance goes on in that.
 */
export function findText(input: FindTextInput, control: JobControl): FindTextOutput {
  const pattern = compilePattern(input);
  if (input.after?.window) {
    return pageByRelevance(input, control, {
      pattern,
      list: (from) => walkInTiers(input, control, from),
      windowHits: input.limit,
    });
  }
  return pageByPath(input, control, { pattern, files: walkFiles(input, control, input.after) });
}

/** All files that the query does not leave out, in path order. */
export function* walkFiles(
  { root, include, exclude }: FindTextInput,
  { walkBudget }: JobControl,
  from?: Place,
): FilesToSearch {
  const passes = createPathFilter(include, exclude);
  const entries = walk(root.folder, walkBudget);
  for (let step = entries.next(); ; step = entries.next()) {
    if (step.done) return endOfWalk(step.value);
    const { path, kind } = step.value;
    if (kind === 'file' && !(from && path < from.path) && passes(path)) yield { path };
  }
}

function endOfWalk({ unreadable, cut }: WalkEnd): FilesEnd {
  return { passed: { searched: 0, binary: 0, unreadable }, ...(cut && { cut }) };
}

/** The same in the order of `pageByRelevance`, which only a page after a ranked one needs here, when its index is gone. */
function* walkInTiers(input: FindTextInput, control: JobControl, from: Place | undefined): FilesToSearch {
  const tierOf = createTierOf(input.query);
  const first = from ? tierOf(from.path) : 0;
  let end: FilesEnd = {};
  for (const tier of [0, 1, 2]) {
    if (tier < first) continue;
    const files = walkFiles(input, control, tier === first ? from : undefined);
    let step = files.next();
    for (; !step.done; step = files.next()) if (tierOf(step.value.path) === tier) yield step.value;
    end = step.value;
  }
  return end;
}
