import type { AST } from '@eslint-community/regexpp';

/**
 * What one step of a regular expression can match: without the flag `u` that is a UTF-16 code unit. Characters beyond
 * ASCII are listed where they are few and are `any` otherwise, which is more than they are: whoever asks must
 * over-approximate.
 */
export interface UnitSet {
  /** 128 flags. */
  ascii: Uint8Array;
  /** Code units; a code point above 0xFFFF stands for a surrogate pair. */
  others: 'any' | readonly number[];
}

/** White space beyond ASCII. https://tc39.es/ecma262/#prod-WhiteSpace and #prod-LineTerminator */
const unicodeSpaces = [
  ...[0xa0, 0x1680, 0x2000, 0x2001, 0x2002, 0x2003, 0x2004, 0x2005, 0x2006, 0x2007, 0x2008, 0x2009, 0x200a],
  ...[0x2028, 0x2029, 0x202f, 0x205f, 0x3000, 0xfeff],
];
const maxListed = 32;

export const isWordByte = (byte: number): boolean => byte < 128 && /\w/.test(String.fromCharCode(byte));

export function unitSetOf(node: AST.Character | AST.CharacterSet | AST.CharacterClass): UnitSet | undefined {
  if (node.type === 'Character') return singleUnit(node.value);
  if (node.type === 'CharacterSet') return setOf(node);
  const union: UnitSet = { ascii: new Uint8Array(128), others: [] };
  for (const element of node.elements) {
    const part = elementSet(element);
    if (part === undefined) return undefined;
    addTo(union, part);
  }
  return node.negate ? complement(union) : union;
}

export function singleUnit(value: number): UnitSet {
  const ascii = new Uint8Array(128);
  if (value >= 128) return { ascii, others: [value] };
  ascii[value] = 1;
  return { ascii, others: [] };
}

export function anyUnit(): UnitSet {
  return { ascii: new Uint8Array(128).fill(1), others: 'any' };
}

function elementSet(element: AST.CharacterClassElement): UnitSet | undefined {
  switch (element.type) {
    case 'Character':
      return singleUnit(element.value);
    case 'CharacterSet':
      return setOf(element);
    case 'CharacterClassRange':
      return rangeSet(element.min.value, element.max.value);
    default:
      return undefined; // of the flag `v` alone
  }
}

function setOf(set: AST.CharacterSet): UnitSet | undefined {
  if (set.kind === 'any') return anyUnit(); // also \r, U+2028 and U+2029, which it does not match
  if (set.kind === 'property') return undefined; // of the flags `u` and `v` alone
  return set.negate ? complement(escapeSets[set.kind]) : escapeSets[set.kind];
}

const escapeSets = { digit: escapeSet(/\d/, []), word: escapeSet(/\w/, []), space: escapeSet(/\s/, unicodeSpaces) };

function escapeSet(pattern: RegExp, others: readonly number[]): UnitSet {
  return {
    ascii: Uint8Array.from({ length: 128 }, (_, value) => (pattern.test(String.fromCharCode(value)) ? 1 : 0)),
    others,
  };
}

function rangeSet(min: number, max: number): UnitSet {
  const ascii = new Uint8Array(128).fill(1, min, max + 1);
  const first = Math.max(min, 128);
  if (max - first >= maxListed) return { ascii, others: 'any' };
  return { ascii, others: Array.from({ length: Math.max(0, max - first + 1) }, (_, index) => first + index) };
}

function complement({ ascii }: UnitSet): UnitSet {
  return { ascii: ascii.map((flag) => 1 - flag), others: 'any' };
}

function addTo(union: UnitSet, { ascii, others }: UnitSet) {
  for (let value = ascii.indexOf(1); value >= 0; value = ascii.indexOf(1, value + 1)) union.ascii[value] = 1;
  const isAny = union.others === 'any' || others === 'any' || union.others.length + others.length > maxListed;
  union.others = isAny || union.others === 'any' ? 'any' : [...union.others, ...others];
}
