import type { ByteSet } from './char-bytes.ts';
import { hasCode } from './char-set.ts';
import type { LineNfa } from './line-nfa.ts';
import { wordSet } from './unicode-sets.ts';

/** What edges ask of the byte on either side of them. Of a byte of a character beyond ASCII only that it may be a word's. */
export type Neighbour = 'word' | 'lineEdge' | 'other' | 'wide' | 'return';

export function previousKindOf(byte: number): Neighbour {
  return byte === 13 ? 'other' : nextKindOf(byte);
}

/** A `\r` ends a line if it is followed by the end. */
export function nextKindOf(byte: number): Neighbour {
  if (byte === 10) return 'lineEdge';
  if (byte === 13) return 'return';
  if (byte >= 128) return 'wide';
  return hasCode(wordSet, byte) ? 'word' : 'other';
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
