import { foldByte, trigramOf } from './folds.ts';
import type { PatternTree } from './pattern-tree.ts';
import { exactBytesOf } from './unit-bytes.ts';
import type { UnitSet } from './unit-set.ts';

/** A literal to scan for. A byte with the mask 0x20 is a small letter that stands for both of its cases. */
export interface Needle {
  bytes: readonly number[];
  masks: readonly number[];
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
  const isWhole = required.length === 1 && parts.every((part) => part.kind === 'unit' && literalOf(part.set));
  return { required, isWhole: isWhole && !required.some(holdsLineEnd) };

  function collect(parts: readonly PatternTree[]) {
    for (const part of parts) {
      const literal = part.kind === 'unit' ? literalOf(part.set) : undefined;
      if (literal !== undefined) {
        bytes.push(...literal.bytes);
        masks.push(...literal.masks);
      } else if (part.kind !== 'edge') {
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

/** The trigrams of a needle, folded as the index has them. */
export function trigramsOfNeedle({ bytes }: Needle): number[] {
  const symbols = bytes.map(foldByte);
  return symbols.slice(2).map((third, at) => trigramOf(symbols[at] ?? 0, symbols[at + 1] ?? 0, third));
}

/** A set that is one character, or one letter in both cases. */
function literalOf({ ascii, others }: UnitSet): Needle | undefined {
  if (others === 'any') return undefined;
  const first = ascii.indexOf(1);
  const last = ascii.lastIndexOf(1);
  if (first < 0) {
    const [unit] = others;
    const bytes = others.length === 1 && unit !== undefined ? exactBytesOf(unit) : undefined;
    return bytes && { bytes, masks: bytes.map(() => 0) };
  }
  if (others.length > 0) return undefined;
  if (first === last) return { bytes: [first], masks: [0] };
  const isPair =
    last === (first | 0x20) && /[A-Z]/.test(String.fromCharCode(first)) && !ascii.subarray(first + 1, last).includes(1);
  return isPair ? { bytes: [last], masks: [0x20] } : undefined;
}

/** A `\r` at the end of a line is no part of it, and a `\n` is part of none. */
function holdsLineEnd({ bytes }: Needle): boolean {
  return bytes.includes(10) || bytes.includes(13);
}
