import { isUtf8 } from 'node:buffer';
import { type Root, sampleListed } from '../../projects/door.ts';
import { byteEncoding, hasUtf8Mark, isBinary, utf16Encoding } from '../../projects/text-kind.ts';
import { createArena } from '../engine/arena.ts';
import { createLineMatcher } from '../engine/line-matcher.ts';
import { readLines } from '../engine/line-reader.ts';
import { createQueryArea } from '../engine/query-area.ts';
import { planQuery, type QueryPlan } from '../engine/query-plan.ts';
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

/** Beyond, a text is looked at line by line. */
const wholeTextBytes = 1024 * 1024;
const hitsAtOnce = 64;

export function createSieve(): Sieve {
  let kept: Room | undefined;
  return {
    open(root, query, pattern = compilePattern(query)) {
      kept ??= createRoom(); // new memory for each search would stay until the garbage of V8 is collected
      return openSift(root, query.mode, planQuery(pattern.linear, undefined), kept);
    },
  };
}

/** Whether the first bytes tell that a file is not searched here. */
function isSettled(head: Buffer): boolean {
  return utf16Encoding(head) !== undefined || isBinary(head);
}

type Room = ReturnType<typeof createRoom>;

function createRoom() {
  const arena = createArena(2 * maxFileBytes);
  const area = createQueryArea(arena);
  const start = arena.reserve(maxFileBytes + 16);
  if (!area || start === undefined) throw new RangeError('There is no memory for a search.');
  const bytes = arena.bytes().subarray(start, start + maxFileBytes);
  return { arena, area, bytes, scan: loadScanModule(arena.handle.memory) };
}

/**
 * Says of files whether a search may leave them out, and never of one that has a match. What the engine would read
 * otherwise than `findText` does is left to that.
 */
function openSift(root: Root, mode: PatternQuery['mode'], plan: QueryPlan, room: Room): Sift {
  const { arena, area, bytes: memory, scan } = room;
  const needle = plan.needle ? area.writeNeedle(plan.needle) : 0;
  const filter = plan.filter ? area.writeFilter(plan.filter) : 0;
  const isAsciiNeedle = plan.needle?.bytes.every((byte) => byte < 128) === true;
  const matchIn = createLineMatcher(plan);

  return (path, shouldStop) => {
    const sample = sampleListed(root, path, memory, isSettled);
    const bytes = sample?.bytes; // what cannot be read is counted by who looks into it
    if (sample === undefined || bytes === undefined || utf16Encoding(bytes) !== undefined) return verdicts.look;
    if (isBinary(bytes)) return verdicts.binary;
    if (bytes.length < sample.size) return verdicts.look;
    if (mode === 'regex' && hasLongLine(bytes)) return verdicts.look;
    return mayMatch(bytes, shouldStop) ? verdicts.look : verdicts.passed;
  };

  function mayMatch(bytes: Buffer, shouldStop: () => boolean): boolean {
    const hasNeedle = () => scan.findNeedle(needle, bytes.byteOffset, bytes.byteOffset + bytes.length) !== 0;
    // ASCII is the same in UTF-8 and Latin-1, so that most files need no look at their encoding
    if (isAsciiNeedle && (plan.isLiteral || !hasNeedle())) return plan.isLiteral && hasNeedle();
    const hasMark = hasUtf8Mark(bytes);
    if (!isUtf8(bytes)) return hasMark || matchesWhole(bytes, byteEncoding(bytes));
    if (plan.isLiteral) return hasNeedle();
    const text = hasMark ? bytes.subarray(3) : bytes;
    return needle || filter ? hasLine(text, shouldStop) : matchesWhole(text, 'utf8');
  }

  function matchesWhole(bytes: Buffer, encoding: BufferEncoding): boolean {
    return bytes.length > wholeTextBytes || plan.pattern.mayMatch(bytes.toString(encoding));
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
