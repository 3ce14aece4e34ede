import type { CharSet } from '../regex/char-set.ts';

/** A set of bytes: 256 flags. */
export type ByteSet = Uint8Array;

/** Many characters are taken for all, which keeps automata small. */
const maxSpelledOut = 4;

/** The UTF-8 bytes that a character of a set can have, and perhaps others: alternatives, each a sequence of byte sets. */
export function byteSequencesOf({ ascii, few }: CharSet): ByteSet[][] {
  const sequences: ByteSet[][] = ascii.includes(1) ? [[asciiBytes(ascii)]] : [];
  if (few === undefined || few.length > maxSpelledOut) return [...sequences, ...anyOther];
  return [...sequences, ...few.map((code) => bytesOf(code).map((byte) => range(byte, byte)))];
}

export function bytesOf(code: number): readonly number[] {
  return [...Buffer.from(String.fromCodePoint(code))];
}

const continuation = range(0x80, 0xbf);

const anyOther: readonly ByteSet[][] = [
  [range(0xc2, 0xdf), continuation],
  [range(0xe0, 0xef), continuation, continuation],
  [range(0xf0, 0xf4), continuation, continuation, continuation],
];

function asciiBytes(ascii: Uint8Array): ByteSet {
  const set = new Uint8Array(256);
  set.set(ascii);
  return set;
}

function range(first: number, last: number): ByteSet {
  return new Uint8Array(256).fill(1, first, last + 1);
}
