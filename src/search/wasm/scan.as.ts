// Finds the lines of listed blocks that hold a needle, pass a filter, or both.

import { findQuarter, runFilter } from './line-filter.as';
import { countNewlines, findNewline, startOfLine } from './lines.as';
import { findNeedle } from './needle.as';

// A block is four words: start, length, number of its first line, file. After the last line of a file there is always
// a `\n`, within the last block or just behind it.
// A cursor is four words: place in the list, and within that block where to go on (0: at its start), up to where lines
// were counted, and the number of the line there.
// A hit is five words: block, start and end of the line, place of the needle (or start of the line), number of the line.

const hitBytes: usize = 20;

// The filter looks at so much at once, and a text that is one block can have a line that passes it at its very start.
const windowBytes: usize = 16384;

/**
 * @param needle 0 for none
 * @param filter 0 for none; without either, every line is a hit
 * @returns how many hits were written; when that is `most`, the cursor says where to go on
 */
export function scanBlocks(
  needle: usize,
  filter: usize,
  list: usize,
  count: u32,
  cursor: usize,
  hits: usize,
  most: u32,
): u32 {
  let found: u32 = 0;
  let index = load<u32>(cursor);
  for (; index < count; index++) {
    const block = <usize>load<u32>(list + ((<usize>index) << 2));
    const start = <usize>load<u32>(block);
    const end = start + <usize>load<u32>(block + 4);
    let at = <usize>load<u32>(cursor + 4);
    let counted = <usize>load<u32>(cursor + 8);
    let line = load<u32>(cursor + 12);
    if (at === 0) {
      at = start;
      counted = start;
      line = load<u32>(block + 8);
    }
    while (at < end && found < most) {
      const place = needle ? findWithNeedle(needle, filter, at, end) : filter ? findWithFilter(filter, at, end) : at;
      if (!place) {
        at = end;
        break;
      }
      const lineStart = startOfLine(place, at);
      const lineEnd = findNewline(place, end);
      line += countNewlines(counted, lineStart);
      counted = lineStart;
      const hit = hits + <usize>found * hitBytes;
      store<u32>(hit, <u32>block);
      store<u32>(hit + 4, <u32>lineStart);
      store<u32>(hit + 8, <u32>lineEnd);
      store<u32>(hit + 12, <u32>place);
      store<u32>(hit + 16, line);
      found++;
      at = lineEnd + 1;
    }
    if (at < end) {
      store<u32>(cursor + 4, <u32>at);
      store<u32>(cursor + 8, <u32>counted);
      store<u32>(cursor + 12, line);
      break;
    }
    store<u32>(cursor + 4, 0);
  }
  store<u32>(cursor, index);
  return found;
}

/** How many lines of the listed blocks hold the needle. */
export function countLines(needle: usize, list: usize, count: u32): u32 {
  let lines: u32 = 0;
  for (let index: u32 = 0; index < count; index++) {
    const block = <usize>load<u32>(list + ((<usize>index) << 2));
    const start = <usize>load<u32>(block);
    const end = start + <usize>load<u32>(block + 4);
    for (let at = start; at < end; ) {
      const place = findNeedle(needle, at, end);
      if (!place) break;
      lines++;
      at = findNewline(place, end) + 1;
    }
  }
  return lines;
}

/** The needle on a line that passes the filter, if there is one. */
function findWithNeedle(needle: usize, filter: usize, from: usize, end: usize): usize {
  for (let at = from; at < end; ) {
    const place = findNeedle(needle, at, end);
    if (!place || !filter) return place;
    const lineEnd = findNewline(place, end);
    // with the line's own `\n`, which decides about `$` and `\b`
    if (runFilter(filter, startOfLine(place, at), lineEnd + 1)) return place;
    at = lineEnd + 1;
  }
  return 0;
}

/** Any place on the first line that passes the filter. */
function findWithFilter(filter: usize, from: usize, end: usize): usize {
  // a last line without `\n` of its own has one behind the block
  const stop = load<u8>(end - 1) === 10 ? end : end + 1;
  for (let at = from; at < stop; ) {
    const next = at + windowBytes < stop ? min(findNewline(at + windowBytes, stop) + 1, stop) : stop;
    const quarter = findQuarter(filter, at, next);
    if (quarter) return runFilter(filter, quarter, next) - 1;
    at = next;
  }
  return 0;
}
