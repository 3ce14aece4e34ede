import { isAscii, isUtf8 } from 'node:buffer';
import { type Root, readExactly, type SampleFile, withSample } from '../../projects/door.ts';
import { byteEncoding, hasUtf8Mark, isBinary, utf16Encoding } from '../../projects/text-kind.ts';
import { createArena } from '../engine/arena.ts';
import { createLineMatcher } from '../engine/line-matcher.ts';
import { readLines } from '../engine/line-reader.ts';
import { createQueryArea } from '../engine/query-area.ts';
import { planQuery } from '../engine/query-plan.ts';
import { compilePattern, type Pattern, type PatternQuery } from '../regex/compile-pattern.ts';
import { hasLongLine } from '../regex/long-line.ts';
import { loadScanModule } from '../wasm/modules.ts';
import { maxFileBytes } from './match-files.ts';

/** What a search need not look into a file for; `look` where it has to. */
export const verdicts = { passed: 1, binary: 2, look: 3 } as const;
export type Verdict = (typeof verdicts)[keyof typeof verdicts];

export type Sift = (path: string, shouldStop: () => boolean) => Verdict;

/** Memory to sift in, which a thread keeps from search to search. */
export interface Sieve {
  /** @param pattern of the query, where it is compiled already */
  open(root: Root, query: PatternQuery, pattern?: Pattern): Sift;
}

/** Larger files are read in pieces that end with a line, so that a thread keeps no more memory than it mostly needs. */
const pieceBytes = 1024 * 1024;
/** Of a larger piece this much is read first, which settles most binary files. */
const headBytes = 64 * 1024;
const hitsAtOnce = 64;

export function createSieve(): Sieve {
  let kept: Room | undefined;
  return {
    open(root, query, pattern = compilePattern(query)) {
      kept ??= createRoom(); // new memory for each search would stay until the garbage of V8 is collected
      return openSift(root, pattern, query.mode, kept);
    },
  };
}

type Room = ReturnType<typeof createRoom>;

/** Of a file. */
interface Piece {
  isFirst: boolean;
  isOnly: boolean;
  shouldStop: () => boolean;
}

/** Undefined where not even one line ends. */
function wholeLines(bytes: Buffer): Buffer | undefined {
  const end = bytes.lastIndexOf(10) + 1;
  return end > 0 ? bytes.subarray(0, end) : undefined;
}

function createRoom() {
  const arena = createArena(4 * pieceBytes);
  const area = createQueryArea(arena);
  const start = arena.reserve(pieceBytes + 16);
  if (!area || start === undefined) throw new RangeError('There is no memory for a search.');
  const bytes = arena.bytes().subarray(start, start + pieceBytes);
  return { arena, area, bytes, scan: loadScanModule(arena.handle.memory) };
}

/**
 * Says of files whether a search may leave them out, and never of one that has a match. What the engine would read
 * otherwise than `findText` does is left to that.
 */
function openSift(root: Root, { linear, reach }: Pattern, mode: PatternQuery['mode'], room: Room): Sift {
  const plan = planQuery(linear, undefined);
  const { arena, area, bytes: memory, scan } = room;
  const needle = plan.needle ? area.writeNeedle(plan.needle) : 0;
  const filter = plan.filter ? area.writeFilter(plan.filter) : 0;
  const isAsciiNeedle = plan.needle?.bytes.every((byte) => byte < 128) === true;
  const matchIn = createLineMatcher(plan);

  return (path, shouldStop) => withSample(root, path, (file) => siftFile(file, shouldStop)) ?? verdicts.look;

  /** What cannot be read is counted by who looks into it. */
  function siftFile(file: SampleFile, shouldStop: () => boolean): Verdict {
    const { size } = file;
    const head = size > maxFileBytes ? undefined : readPiece(file, 0, Math.min(size, headBytes));
    if (head === undefined || utf16Encoding(head) !== undefined) return verdicts.look;
    if (isBinary(head)) return verdicts.binary;
    for (let start = 0; start < size; ) {
      const length = Math.min(size - start, pieceBytes);
      const read = start > 0 || length > head.length ? readPiece(file, start, length) : head;
      const piece = start + length < size ? read && wholeLines(read) : read;
      const isOnly = piece?.length === size;
      if (!piece || (start > 0 && shouldStop())) return verdicts.look;
      if (mode === 'regex' && hasLongLine(piece, isOnly ? undefined : reach)) return verdicts.look;
      if (mayMatch(piece, { isFirst: start === 0, isOnly, shouldStop })) return verdicts.look;
      start += piece.length;
    }
    return verdicts.passed;
  }

  function readPiece(file: SampleFile, start: number, length: number): Buffer | undefined {
    const piece = memory.subarray(0, length);
    return readExactly(file, piece, start) ? piece : undefined;
  }

  function mayMatch(bytes: Buffer, { isFirst, isOnly, shouldStop }: Piece): boolean {
    const hasNeedle = () => scan.findNeedle(needle, bytes.byteOffset, bytes.byteOffset + bytes.length) !== 0;
    // ASCII is the same in UTF-8 and Latin-1, so that most files need no look at their encoding
    if (isAsciiNeedle && (plan.isLiteral || !hasNeedle())) return plan.isLiteral && hasNeedle();
    // another piece may tell that the file is Latin-1, of which this one is something else than in UTF-8
    if (isAsciiNeedle && !isOnly && !isAscii(bytes)) return true;
    const hasMark = isFirst && hasUtf8Mark(bytes);
    if (!isUtf8(bytes)) return !isOnly || hasMark || plan.pattern.mayMatch(bytes.toString(byteEncoding(bytes)));
    if (plan.isLiteral) return hasNeedle();
    const text = hasMark ? bytes.subarray(3) : bytes;
    return needle || filter ? hasLine(text, shouldStop) : plan.pattern.mayMatch(text.toString('utf8'));
  }

  function hasLine(text: Buffer, shouldStop: () => boolean): boolean {
    if (text.length === 0) return false;
    arena.bytes()[text.byteOffset + text.length] = 10;
    const list = area.listText(text.byteOffset, text.length, 0);
    arena.words().fill(0, area.cursor / 4, area.cursor / 4 + 4);
    for (let count = hitsAtOnce; count === hitsAtOnce; ) {
      count = scan.scanBlocks(needle, filter, list, 1, area.cursor, area.hits, hitsAtOnce);
      for (const line of readLines(arena, () => false, area.hits, count)) {
        if (matchIn(line, '') || shouldStop()) return true;
      }
    }
    return false;
  }
}
