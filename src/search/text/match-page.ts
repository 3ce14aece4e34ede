import { excerpt } from '../../text/excerpt.ts';

/** A line of a file. */
export interface Place {
  path: string;
  line: number;
}

/** Where a page ended. */
export interface Position extends Place {
  /** Missing in path order. */
  window?: RankedWindow | undefined;
}

/**
 * In order of relevance, matches are ranked window by window, and a page goes on within the window of the one before. A
 * window is told by its ends, so that changes to other files move no match out of it. Without `until` the position is the
 * end of a window, and another begins there.
 */
export interface RankedWindow {
  /** It begins behind this, or with the first match. */
  after?: Place | undefined;
  /** The last of its matches, by the order of the windows. */
  until?: Place | undefined;
  /** Of the file at the position. */
  score?: number | undefined;
}

export interface Match {
  /** 1-based. */
  line: number;
  /** 1-based, in UTF-16 units, of the first match on the line. */
  column: number;
  /** 1-based, in bytes of UTF-8, where that is not the same. */
  byte_column?: number;
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

export interface PageLimits {
  /** Most matching lines to return. */
  limit: number;
  /** Most characters that the matches may take as JSON. */
  maxCharacters: number;
}

/** Collects matches until the answer is full. */
export function createPage({ limit, maxCharacters }: PageLimits) {
  const files: FileMatches[] = [];
  let count = 0;
  let characters = 0;
  let last: Place | undefined;
  return {
    files,
    last: () => last,
    count: () => count,
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

export function contextLine(line: string): string {
  return excerpt(trimReturn(line), 0, 0);
}

export function trimReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}
