import { trigramCount } from '../analysis/trigrams.ts';
import type { Address } from '../wasm/modules.ts';
import type { Segment } from './segment-builder.ts';

/**
 * Finds a trigram's posting list in a segment. Lists lie in groups of 32 neighbouring trigrams: a group's record says in
 * one word which of these are in any block, and in a second where the group begins, which is with the lengths of its
 * lists, two bytes each. A table of all trigrams would be larger than the lists of a small project.
 */
export const groupBytes = (trigramCount / 32) * 8;

/** The arena as it was when these were taken. */
export interface ArenaViews {
  bytes: Uint8Array;
  words: Uint32Array;
}

/** In bytes; 0 where no block has the trigram. */
export function listLength({ bytes, words }: ArenaViews, { groups, lists }: Segment, trigram: number): number {
  const record = groups / 4 + (trigram >>> 5) * 2;
  const present = words[record] ?? 0;
  const bit = 1 << (trigram & 31);
  if ((present & bit) === 0) return 0;
  return wordAt(bytes, lists + (words[record + 1] ?? 0) + 2 * bitCount(present & (bit - 1)));
}

/** Of a trigram whose list is not empty. */
export function listAddress({ bytes, words }: ArenaViews, { groups, lists }: Segment, trigram: number): Address {
  const record = groups / 4 + (trigram >>> 5) * 2;
  const present = words[record] ?? 0;
  const lengths = lists + (words[record + 1] ?? 0);
  let address = lengths + 2 * bitCount(present);
  const end = lengths + 2 * bitCount(present & ((1 << (trigram & 31)) - 1));
  for (let at = lengths; at < end; at += 2) address += wordAt(bytes, at);
  return address;
}

function wordAt(bytes: Uint8Array, at: Address): number {
  return (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);
}

/** Of a word of 32 bits (Henry S. Warren, Hacker's Delight, 2nd edition, figure 5-2). */
export function bitCount(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
