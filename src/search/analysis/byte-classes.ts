import { hasCode } from '../regex/char-set.ts';
import { wordSet } from '../regex/unicode-sets.ts';
import type { ByteSet } from './char-bytes.ts';
import type { LineNfa } from './line-nfa.ts';

/** What assertions ask of the byte on either side of them. Of a byte of a character beyond ASCII only that it may be a word's. */
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
  hasAssertions: boolean;
}

/** Bytes that no state and no assertion tells apart are one class, which keeps the table of the automaton small. */
export function byteClassesOf({ states }: LineNfa): ByteClasses {
  const hasAssertions = states.some(({ jumps }) => jumps.some(({ assertion }) => assertion !== undefined));
  const sets = new Set(states.flatMap(({ steps }) => steps.map(({ bytes }) => bytes)));
  const classes = new Map<string, number>();
  const samples: number[] = [];
  const classOf = Uint8Array.from({ length: 256 }, (_, byte) => {
    const signature = signatureOf(byte, sets, hasAssertions);
    const known = classes.get(signature);
    if (known !== undefined) return known;
    classes.set(signature, samples.length);
    return samples.push(byte) - 1;
  });
  return { classOf, samples, hasAssertions };
}

function signatureOf(byte: number, sets: Iterable<ByteSet>, hasAssertions: boolean): string {
  const parts: unknown[] = [byte === 10];
  if (hasAssertions) parts.push(previousKindOf(byte), nextKindOf(byte));
  for (const set of sets) parts.push(set[byte]);
  return parts.join('');
}
