import type { LineNfa } from './line-nfa.ts';
import type { ByteSet } from './unit-bytes.ts';
import { isWordByte } from './unit-set.ts';

/** What the edges `^ $ \b \B` ask of the byte on either side of them. */
export type Neighbour = 'word' | 'lineEdge' | 'other';

/**
 * Whether `^` may hold behind a byte. With the flag `m` it also holds behind `\r`, U+2028 and U+2029, of which the last
 * byte is E2 80 A8 or A9: any such byte is taken for one. https://tc39.es/ecma262/#prod-LineTerminator
 */
export function previousKindOf(byte: number): Neighbour {
  if (byte === 10 || byte === 13 || byte === 0xa8 || byte === 0xa9) return 'lineEdge';
  return isWordByte(byte) ? 'word' : 'other';
}

/** Whether `$` may hold before a byte; U+2028 and U+2029 begin with E2. */
export function nextKindOf(byte: number): Neighbour {
  if (byte === 10 || byte === 13 || byte === 0xe2) return 'lineEdge';
  return isWordByte(byte) ? 'word' : 'other';
}

export interface ByteClasses {
  /** The class of each byte. */
  classOf: Uint8Array;
  /** A byte of each class. */
  samples: readonly number[];
  hasEdges: boolean;
}

/** Bytes that no state and no edge tells apart are one class, which keeps the table of the automaton small. */
export function byteClassesOf({ states }: LineNfa): ByteClasses {
  const hasEdges = states.some(({ jumps }) => jumps.some(({ edge }) => edge !== undefined));
  const sets = new Set(states.flatMap(({ steps }) => steps.map(({ bytes }) => bytes)));
  const classes = new Map<string, number>();
  const samples: number[] = [];
  const classOf = Uint8Array.from({ length: 256 }, (_, byte) => {
    const signature = signatureOf(byte, sets, hasEdges);
    const known = classes.get(signature);
    if (known !== undefined) return known;
    classes.set(signature, samples.length);
    return samples.push(byte) - 1;
  });
  return { classOf, samples, hasEdges };
}

function signatureOf(byte: number, sets: Iterable<ByteSet>, hasEdges: boolean): string {
  const parts: unknown[] = [byte === 10];
  if (hasEdges) parts.push(previousKindOf(byte), nextKindOf(byte));
  for (const set of sets) parts.push(set[byte]);
  return parts.join('');
}
