import { isHighSurrogate, isLowSurrogate } from './pattern-tree.ts';
import type { UnitSet } from './unit-set.ts';

/** A set of bytes: 256 flags. */
export type ByteSet = Uint8Array;

/**
 * The UTF-8 bytes that a code unit of a set can stand for: alternatives, each a sequence of byte sets. The halves of a
 * surrogate pair have no bytes of their own; the first stands for the first two bytes of the four, the second for the
 * last two, of which two bits belong to the first. Many characters are taken for all, which keeps automata small. https://www.rfc-editor.org/rfc/rfc3629#section-3
 */
const maxSpelledOut = 4;

export function byteSequencesOf({ ascii, others }: UnitSet): ByteSet[][] {
  const sequences: ByteSet[][] = ascii.includes(1) ? [[asciiBytes(ascii)]] : [];
  if (others === 'any' || others.length > maxSpelledOut) return [...sequences, ...anyOther];
  return [...sequences, ...others.map(bytesOfUnit)];
}

/** The exact bytes of a character; undefined for half of one. */
export function exactBytesOf(unit: number): readonly number[] | undefined {
  if (isHighSurrogate(unit) || isLowSurrogate(unit)) return undefined;
  return [...Buffer.from(String.fromCodePoint(unit))];
}

const continuation = range(0x80, 0xbf);

const anyOther: readonly ByteSet[][] = [
  [range(0xc2, 0xdf), continuation],
  [range(0xe0, 0xef), continuation, continuation],
  [range(0xf0, 0xf4), continuation],
  [continuation, continuation],
];

function bytesOfUnit(unit: number): ByteSet[] {
  const bytes = exactBytesOf(unit);
  if (bytes !== undefined) return bytes.map((byte) => range(byte, byte));
  if (isLowSurrogate(unit)) return [continuation, continuation];
  const [first = 0, second = 0] = Buffer.from(String.fromCharCode(unit, 0xdc00));
  return [range(first, first), range(second, second)];
}

function asciiBytes(ascii: Uint8Array): ByteSet {
  const set = new Uint8Array(256);
  set.set(ascii);
  return set;
}

function range(first: number, last: number): ByteSet {
  return new Uint8Array(256).fill(1, first, last + 1);
}
