import { type CharSet, onlyCode } from '../regex/char-set.ts';
import type { PatternTree } from '../regex/pattern-tree.ts';
import { bytesOf } from './char-bytes.ts';
import { foldByte, trigramOf } from './trigrams.ts';

/** A literal to scan for. A byte with the mask 0x20 is a small letter that stands for both of its cases. */
export interface Needle {
  bytes: readonly number[];
  masks: readonly number[];
}

/** With the offsets of the two bytes that are met least often, in ascending order, which the scan looks for. */
export interface ScanNeedle extends Needle {
  rarest: readonly [number, number];
}

export interface Literals {
  /** Each occurs in every match. */
  required: readonly Needle[];
  /** The one required literal is all of the pattern: a line that holds it matches. */
  isWhole: boolean;
}

export function literalsOf(tree: PatternTree): Literals {
  const required: Needle[] = [];
  let bytes: number[] = [];
  let masks: number[] = [];
  const parts = tree.kind === 'sequence' ? tree.parts : [tree];
  collect(parts);
  cut();
  const isWhole = required.length === 1 && parts.every((part) => part.kind === 'set' && literalOf(part.set));
  return { required, isWhole: isWhole && !required.some(holdsLineEnd) };

  function collect(parts: readonly PatternTree[]) {
    for (const part of parts) {
      const literal = part.kind === 'set' ? literalOf(part.set) : undefined;
      if (literal !== undefined) {
        bytes.push(...literal.bytes);
        masks.push(...literal.masks);
      } else if (part.kind !== 'assertion') {
        cut();
        collectWithin(part);
      }
    }
  }

  /** What must occur within a part, which need not be next to what stands around it. */
  function collectWithin(part: PatternTree) {
    if (part.kind === 'sequence') collect(part.parts);
    else if (part.kind === 'repeat' && part.min > 0) collect([part.part]);
    cut();
  }

  function cut() {
    if (bytes.length > 0) required.push({ bytes, masks });
    bytes = [];
    masks = [];
  }
}

export function toScanNeedle(needle: Needle): ScanNeedle {
  return { ...needle, rarest: rarestPair(needle) };
}

/** The parts of a needle between line ends. */
export function onOneLine({ bytes, masks }: Needle): Needle[] {
  const ends = [...bytes.keys()].filter((at) => bytes[at] === 10 || bytes[at] === 13);
  const parts = [...ends, bytes.length].map((end, part) => {
    const start = part === 0 ? 0 : (ends[part - 1] ?? 0) + 1;
    return { bytes: bytes.slice(start, end), masks: masks.slice(start, end) };
  });
  return parts.filter((part) => part.bytes.length > 0);
}

/** The trigrams of a needle, folded as the index has them. */
export function trigramsOfNeedle({ bytes }: Needle): number[] {
  const symbols = bytes.map(foldByte);
  return symbols.slice(2).map((third, at) => trigramOf(symbols[at] ?? 0, symbols[at + 1] ?? 0, third));
}

/** A set that is one character, or one letter in both cases. */
function literalOf(set: CharSet): Needle | undefined {
  const code = onlyCode(set);
  if (code !== undefined) {
    const bytes = bytesOf(code);
    return { bytes, masks: bytes.map(() => 0) };
  }
  const { ascii, few } = set;
  const first = ascii.indexOf(1);
  const last = ascii.lastIndexOf(1);
  if (few === undefined || few.length > 0 || first < 0) return undefined;
  const isPair =
    last === (first | 0x20) && /[A-Z]/.test(String.fromCharCode(first)) && !ascii.subarray(first + 1, last).includes(1);
  return isPair ? { bytes: [last], masks: [0x20] } : undefined;
}

/** A `\r` at the end of a line is no part of it, and a `\n` is part of none. */
function holdsLineEnd({ bytes }: Needle): boolean {
  return bytes.includes(10) || bytes.includes(13);
}

/** Bytes of source code from common to rare; what is missing is rarer still. */
const commonBytes =
  ' etsrnioacldpu_fmg\n,;.)(hb"x/=0*vky->1:w\'{}\t2#E[]TSRCAINI3LDO4P&M5U68<7F9BGq+zjXHV|WK!Y@?\\$%^~`JQZ';

function rarestPair({ bytes, masks }: Needle): readonly [number, number] {
  const rarity = (at: number) => {
    const rank = commonBytes.indexOf(String.fromCharCode(bytes[at] ?? 0));
    // a letter in both cases is a little more common than in one
    return (rank < 0 ? commonBytes.length : rank) - ((masks[at] ?? 0) > 0 ? 4 : 0);
  };
  const offsets = [...bytes.keys()].sort((a, b) => rarity(b) - rarity(a));
  const first = offsets[0] ?? 0;
  // twice the same byte says less than two bytes
  const second = offsets.find((at) => at !== first && bytes[at] !== bytes[first]) ?? offsets[1] ?? first;
  return first < second ? [first, second] : [second, first];
}
