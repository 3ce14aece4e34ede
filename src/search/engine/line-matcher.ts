import { isInWhole } from '../regex/compile-pattern.ts';
import type { FoundLine } from './line-reader.ts';
import type { QueryPlan } from './query-plan.ts';

/** A line that matches, with its first match. */
export interface LineMatch {
  path: string;
  /** 1-based. */
  line: number;
  /** 1-based, in UTF-16 units. */
  column: number;
  /** 1-based, in bytes of UTF-8. */
  byteColumn: number;
  /** Of the match, in UTF-16 units. */
  length: number;
  /** The whole line, without its end. */
  text: string;
}

/** Decides about the lines that the scan found: all match where the pattern is a literal. */
export function createLineMatcher(
  { pattern, isLiteral, needle }: QueryPlan,
  onLongLine?: () => void,
): (found: FoundLine, path: string) => LineMatch | undefined {
  if (isLiteral && needle) {
    const { length } = Buffer.from(needle.bytes).toString();
    return ({ line, text, offset, byteOffset }, path) => {
      return { path, line, column: offset + 1, byteColumn: byteOffset + 1, length, text };
    };
  }
  return ({ line, text, isAscii }, path) => {
    const isTooLong = text.length > pattern.reach;
    if (isTooLong) onLongLine?.();
    const found = pattern.find(isTooLong ? text.slice(0, pattern.reach) : text);
    if (!found || !isInWhole(pattern, text, found)) return undefined;
    const byteColumn = 1 + (isAscii ? found.index : Buffer.byteLength(text.slice(0, found.index)));
    return { path, line, column: found.index + 1, byteColumn, length: found.length, text };
  };
}
