import { type CharSet, complementOf, rangesSet } from './char-set.ts';
import { invalid, type PatternReader, quoted, unsupported } from './pattern-reader.ts';
import { blankSet, digitSet, foldedSet, namedSet, spaceSet, wordSet } from './unicode-sets.ts';

/** A character, or a class of them that has a letter and is complete as to case. */
export type Escaped = { kind: 'code'; code: number } | { kind: 'class'; set: CharSet };

const controls = new Map([
  ['n', 10],
  ['r', 13],
  ['t', 9],
  ['f', 12],
  ['v', 11],
  ['a', 7],
  ['e', 27],
  ['0', 0],
]);

const classes = new Map([
  ['d', digitSet],
  ['w', wordSet],
  ['s', spaceSet],
  ['h', blankSet],
]);

const advice = new Map([
  ['R', 'with multiline write \\r?\\n'],
  ['X', 'write \\P{M}\\p{M}*'],
  ['K', 'the whole match is shown; write a look-behind (?<=...) for what stands before it'],
  ['G', 'there is no match before this one'],
  ['Z', 'write \\z, or $ for the end of a line'],
  ['y', 'write \\b{start} or \\<'],
  ['Y', 'write \\b'],
  ['`', 'write \\A'],
  ["'", 'write \\z'],
]);

/** Reads what follows a backslash, inside a class and outside, but for edges and references. */
export function readEscape(reader: PatternReader, isCaseless: boolean): Escaped {
  if (reader.isAtEnd()) throw invalid('it ends with a backslash; write \\\\ for the character');
  const letter = reader.next();
  const control = controls.get(letter);
  if (control !== undefined) return { kind: 'code', code: control };
  const set = classes.get(letter.toLowerCase());
  if (set) return { kind: 'class', set: letter === letter.toLowerCase() ? set : complementOf(set) };
  if (letter === 'N') return { kind: 'class', set: complementOf(rangesSet([10, 10])) };
  if (letter === 'p' || letter === 'P') return readProperty(reader, letter === 'P', isCaseless);
  if (letter === 'x' || letter === 'u' || letter === 'U') return { kind: 'code', code: readCode(reader, letter) };
  const controlLetter = letter === 'c' ? reader.takeMatch(/[A-Za-z]/y)?.[0] : undefined;
  if (controlLetter) return { kind: 'code', code: controlLetter.charCodeAt(0) % 32 };
  const instead = advice.get(letter);
  if (instead !== undefined) throw unsupported(`\\${letter}`, instead);
  if (/^[A-Za-z0-9]$/.test(letter)) throw invalid(`${quoted(`\\${letter}`)} has no meaning`);
  return { kind: 'code', code: letter.codePointAt(0) ?? 0 };
}

function readProperty(reader: PatternReader, isUpper: boolean, isCaseless: boolean): Escaped {
  const found = reader.takeMatch(/\{(\^?)([^{}]*)\}|([A-Za-z])/y);
  const name = found?.[2] ?? found?.[3] ?? '';
  const set = namedSet(name);
  if (!set) throw invalid(`there is no Unicode property ${quoted(name)}; examples are \\p{L}, \\p{Lu}, \\p{Greek}`);
  const isNegated = isUpper !== (found?.[1] === '^');
  const folded = isCaseless ? foldedSet(set) : set; // and only then negated, as Rust does it
  return { kind: 'class', set: isNegated ? complementOf(folded) : folded };
}

const codeForms = {
  x: /\{([0-9a-f]{1,8})\}|([0-9a-f]{2})/iy,
  u: /\{([0-9a-f]{1,8})\}|(d[89ab][0-9a-f]{2})\\u(d[c-f][0-9a-f]{2})|([0-9a-f]{4})/iy,
  U: /\{([0-9a-f]{1,8})\}|([0-9a-f]{8})/iy,
};

function readCode(reader: PatternReader, letter: 'x' | 'u' | 'U'): number {
  const found = reader.takeMatch(codeForms[letter]);
  if (!found) throw invalid(`${quoted(`\\${letter}`)} wants hexadecimal digits, as in \\x41 or \\u{1F600}`);
  const digits = found.slice(1).filter((part) => part !== undefined);
  const [first = 0, second] = digits.map((part) => Number.parseInt(part, 16));
  if (second !== undefined) return String.fromCharCode(first, second).codePointAt(0) ?? 0;
  if (first > 0x10ffff || (first >= 0xd800 && first < 0xe000)) throw invalid(`${quoted(found[0])} is no character`);
  return first;
}
