import type { Address } from '../wasm/modules.ts';
import type { Arena } from './arena.ts';
import { hitWords } from './query-area.ts';

/** A line that the scan found. */
export interface FoundLine {
  file: number;
  /** 1-based. */
  line: number;
  /** Without its end. */
  text: string;
  isAscii: boolean;
  /** The characters before the place that was found. */
  offset: number;
  /** The bytes before it. */
  byteOffset: number;
  /** The record of the block that it is in, and where it begins and ends there, its `\r` included. */
  block: Address;
  start: Address;
  end: Address;
}

const carriageReturn = 13;
/** From so many lines of one block on, the block is decoded once and cut, which is cheaper than line by line. */
const minLinesAtOnce = 4;

/** Decodes hits of scan.as.ts. */
export function* readLines(
  arena: Arena,
  isAscii: (file: number) => boolean,
  hits: number,
  count: number,
): Generator<FoundLine> {
  const words = arena.words();
  const bytes = arena.bytes();
  let decoded: { block: number; start: number; text: string } | undefined;
  for (let index = 0; index < count; index++) {
    const hit = hits / 4 + index * hitWords;
    const block = words[hit] ?? 0;
    const start = words[hit + 1] ?? 0;
    const lineEnd = words[hit + 2] ?? 0;
    const place = words[hit + 3] ?? 0;
    const end = lineEnd > start && bytes[lineEnd - 1] === carriageReturn ? lineEnd - 1 : lineEnd;
    const file = words[block / 4 + 3] ?? 0;
    const line = words[hit + 4] ?? 0;
    const byteOffset = place - start;
    const found = { file, line, byteOffset, block, start, end: lineEnd };
    if (!isAscii(file)) {
      const offset = byteOffset === 0 ? 0 : bytes.toString('utf8', start, place).length;
      yield { ...found, text: bytes.toString('utf8', start, end), isAscii: false, offset };
      continue;
    }
    if (decoded?.block !== block) decoded = decodeBlock(block, start, index);
    const text = decoded
      ? decoded.text.slice(start - decoded.start, end - decoded.start)
      : bytes.toString('latin1', start, end);
    yield { ...found, text, isAscii: true, offset: byteOffset };
  }

  /** All lines from this hit to the last of its block, if there are enough of them. */
  function decodeBlock(block: number, start: number, index: number) {
    const blockOf = (other: number) => words[hits / 4 + other * hitWords];
    const isDense = index + minLinesAtOnce <= count && blockOf(index + minLinesAtOnce - 1) === block;
    if (!isDense) return undefined;
    let last = index;
    while (last + 1 < count && blockOf(last + 1) === block) last++;
    const end = words[hits / 4 + last * hitWords + 2] ?? start;
    return { block, start, text: bytes.toString('latin1', start, end) };
  }
}
