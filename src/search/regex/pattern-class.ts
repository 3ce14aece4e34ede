import { type CharSet, complementOf, intersectionOf, rangesSet, singleSet, unionOf } from './char-set.ts';
import { readEscape } from './pattern-escapes.ts';
import { invalid, type PatternReader, quoted, unsupported } from './pattern-reader.ts';
import { foldedSet } from './unicode-sets.ts';

export interface ClassOptions {
  isCaseless: boolean;
  /** Told of every character that is written as itself. */
  onLiteral(code: number): void;
}

/** Classes of POSIX, which are of ASCII alone. */
const posix = new Map<string, CharSet>(
  Object.entries({
    alnum: '09AZaz',
    alpha: 'AZaz',
    ascii: '\0\x7f',
    blank: '\t\t  ',
    cntrl: '\0\x1f\x7f\x7f',
    digit: '09',
    graph: '!~',
    lower: 'az',
    print: ' ~',
    punct: '!/:@[`{~',
    space: '\t\r  ',
    upper: 'AZ',
    word: '09AZ__az',
    xdigit: '09AFaf',
  }).map(([name, bounds]) => [name, rangesSet([...bounds].map((bound) => bound.charCodeAt(0)))]),
);

/** Reads a class whose `[` is taken: as ripgrep reads it, and where programs differ not at all. */
export function readClass(reader: PatternReader, options: ClassOptions): CharSet {
  const isNegated = reader.take('^');
  if (reader.peek() === ']') {
    const written = isNegated ? '[^]' : '[]';
    throw unsupported(
      written,
      `write ${isNegated ? '[\\s\\S] for any character, or [^\\]]' : '[\\]]'} for the bracket`,
    );
  }
  let set = readItems(reader, options);
  for (let operator = readOperator(reader); operator; operator = readOperator(reader)) {
    set = operator(set, readItems(reader, options));
  }
  if (!reader.take(']')) throw invalid('a class [ is not closed; write \\[ for the bracket');
  return isNegated ? complementOf(set) : set;
}

type Operator = (a: CharSet, b: CharSet) => CharSet;

const operators: ReadonlyArray<readonly [string, Operator]> = [
  ['&&', intersectionOf],
  ['--', (a, b) => intersectionOf(a, complementOf(b))],
  ['~~', (a, b) => intersectionOf(unionOf([a, b]), complementOf(intersectionOf(a, b)))],
];

function readOperator(reader: PatternReader): Operator | undefined {
  return operators.find(([text]) => reader.take(text))?.[1];
}

function readItems(reader: PatternReader, options: ClassOptions): CharSet {
  const sets: CharSet[] = [];
  for (let isFirst = true; !isAtEnd(reader); isFirst = false) {
    sets.push(readPosix(reader, options) ?? readNested(reader, options, isFirst) ?? readRange(reader, options));
  }
  return unionOf(sets.length === 0 ? [rangesSet([])] : sets);
}

function isAtEnd(reader: PatternReader): boolean {
  const { source } = reader;
  const at = reader.place();
  return reader.isAtEnd() || source[at] === ']' || operators.some(([text]) => source.startsWith(text, at));
}

function readPosix(reader: PatternReader, { isCaseless }: ClassOptions): CharSet | undefined {
  const found = reader.takeMatch(/\[:(\^?)(\w+):\]/y);
  if (!found) return undefined;
  const set = posix.get(found[2] ?? '');
  if (!set) throw invalid(`there is no class ${quoted(found[0])}; they are ${[...posix.keys()].join(', ')}`);
  const folded = isCaseless ? foldedSet(set) : set;
  return found[1] ? complementOf(folded) : folded;
}

/** Only as a whole operand: elsewhere most programs take the bracket for itself, and ripgrep does not. */
function readNested(reader: PatternReader, options: ClassOptions, isFirst: boolean): CharSet | undefined {
  if (reader.peek() !== '[') return undefined;
  const isOperand = isFirst && operators.some(([text]) => reader.source.endsWith(text, reader.place()));
  if (!isOperand) throw unsupported('[ in a class', 'write \\[ for the bracket');
  reader.next();
  return readClass(reader, options);
}

function readRange(reader: PatternReader, options: ClassOptions): CharSet {
  const first = readOne(reader, options);
  if (typeof first !== 'number') return first;
  options.onLiteral(first);
  const last = readRangeEnd(reader, options);
  if (last === undefined) return withCase(singleSet(first), options);
  options.onLiteral(last);
  if (last < first) throw invalid(`the range ${quoted(String.fromCodePoint(first, 45, last))} ends before it begins`);
  return withCase(rangesSet([first, last]), options);
}

/** A `-` before a class or the end of this one stands for itself. */
function readRangeEnd(reader: PatternReader, options: ClassOptions): number | undefined {
  if (!/^-(?!\]|-|\\[dwshpDWSHPN])./su.test(reader.source.slice(reader.place(), reader.place() + 4))) return undefined;
  reader.next();
  const last = readOne(reader, options);
  if (typeof last !== 'number') throw invalid('a range in a class ends with a class');
  return last;
}

function readOne(reader: PatternReader, { isCaseless }: ClassOptions): number | CharSet {
  if (!reader.take('\\')) return reader.next().codePointAt(0) ?? 0;
  if (reader.take('b')) return 8;
  const escaped = readEscape(reader, isCaseless);
  return escaped.kind === 'code' ? escaped.code : escaped.set;
}

function withCase(set: CharSet, { isCaseless }: ClassOptions): CharSet {
  return isCaseless ? foldedSet(set) : set;
}
