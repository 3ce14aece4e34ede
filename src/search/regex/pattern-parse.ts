import { type CharSet, complementOf, intersectionOf, isEmptySet, onlyCode, rangesSet, singleSet } from './char-set.ts';
import { readClass } from './pattern-class.ts';
import { readEscape } from './pattern-escapes.ts';
import { createPatternReader, invalid, type PatternReader, quoted, unsupported } from './pattern-reader.ts';
import { type Assertion, choiceOf, sequenceOf, type WrittenTree } from './pattern-tree.ts';
import { foldedSet } from './unicode-sets.ts';

export interface ParseOptions {
  isCaseless: boolean;
  /** Whether what is searched has line ends. */
  multiline: boolean;
}

export interface ParsedPattern {
  tree: WrittenTree;
  /** Of the characters that are written as themselves, as ripgrep's --smart-case looks at them. */
  hasLiteral: boolean;
  hasUpperCase: boolean;
}

interface Flags {
  isCaseless: boolean;
  matchesAll: boolean;
  isLazy: boolean;
  ignoresSpace: boolean;
  isLineWise: boolean;
}

const maxDepth = 250;
const maxCount = 1000;

/**
 * Reads a regular expression as ripgrep reads it (https://docs.rs/regex/latest/regex/#syntax), with look-around,
 * back-references and atomic groups as in PCRE and JavaScript. What these three read differently, and what none can
 * do here, is refused with what to write instead.
 *
 * @throws UserError `bad_input`
 */
export function parsePattern(source: string, { isCaseless, multiline }: ParseOptions): ParsedPattern {
  const reader = createPatternReader(source);
  const names = new Map<string, number>();
  let flags: Flags = { isCaseless, matchesAll: false, isLazy: false, ignoresSpace: false, isLineWise: true };
  let groups = 0;
  let depth = 0;
  let hasLiteral = false;
  let hasUpperCase = false;
  let hasReference = false;
  let setsCase = false;

  const tree = readChoice();
  if (reader.take(')')) throw invalid('a group is closed that was not opened; write \\) for the bracket');
  if (setsCase && hasReference) {
    throw unsupported('(?i) with a back-reference', 'set case for the whole pattern, by the argument "case"');
  }
  return { tree, hasLiteral, hasUpperCase };

  function readChoice(): WrittenTree {
    const outer = flags; // flags set within a group end with it
    const options = [readSequence()];
    while (reader.take('|')) options.push(readSequence());
    flags = outer;
    return choiceOf(options);
  }

  function readSequence(): WrittenTree {
    const parts: WrittenTree[] = [];
    while (!reader.isAtEnd() && reader.peek() !== '|' && reader.peek() !== ')') {
      if (flags.ignoresSpace && reader.takeMatch(/\s+|#[^\n]*/y)) continue;
      if (reader.take('\\Q')) parts.push(...readQuoted());
      else parts.push(...readQuantified());
    }
    return sequenceOf(parts);
  }

  function readQuoted(): WrittenTree[] {
    const text = reader.takeMatch(/([\s\S]*?)(?:\\E|$)/y)?.[1] ?? '';
    return [...text].map((character) => literal(character.codePointAt(0) ?? 0));
  }

  /** None for a comment or flags, which stand for nothing. */
  function readQuantified(): WrittenTree[] {
    let part = readAtom();
    if (part === undefined) return [];
    for (let count = readCount(reader); count; count = readCount(reader)) {
      const isLazy = reader.take('?') !== flags.isLazy;
      if (!isLazy && reader.peek() === '+' && !flags.isLazy) {
        throw unsupported(`${count.written}+`, `write an atomic group (?>...${count.written})`);
      }
      part = { kind: 'repeat', part, min: count.min, max: count.max, isLazy };
    }
    return [part];
  }

  function readAtom(): WrittenTree | undefined {
    if (/^[*+?]/.test(reader.peek())) {
      throw invalid(`nothing stands before ${quoted(reader.peek())}; write \\${reader.peek()} for the character`);
    }
    if (reader.take('(')) return readGroup();
    if (reader.take('[')) {
      const set = readClass(reader, { isCaseless: flags.isCaseless, onLiteral: noteLiteral });
      return setNode(set, '[\\n]');
    }
    if (reader.take('.')) return setNode(flags.matchesAll ? rangesSet([0, 0x10ffff]) : notLineEnd, '.');
    if (reader.take('^')) return assertion(flags.isLineWise || !multiline ? 'lineStart' : 'textStart');
    if (reader.take('$')) return assertion(flags.isLineWise || !multiline ? 'lineEnd' : 'textEnd');
    if (reader.take('\\')) return readBackslash();
    return literal(reader.next().codePointAt(0) ?? 0);
  }

  function readBackslash(): WrittenTree {
    const found = readAssertion(reader, multiline);
    if (found) return assertion(found);
    const reference = reader.takeMatch(/([1-9]\d?)|g\{?([1-9]\d?)\}?|k(?:<(\w+)>|\{(\w+)\}|'(\w+)')/y);
    if (reference) return backReference(`\\${reference[0]}`, reference.slice(1).find(Boolean) ?? '');
    const escaped = readEscape(reader, flags.isCaseless);
    if (escaped.kind === 'code') return literal(escaped.code);
    return setNode(escaped.set, '\\s');
  }

  function backReference(written: string, to: string): WrittenTree {
    const number = /^\d+$/.test(to) ? Number(to) : (names.get(to) ?? 0);
    if (number > groups || number === 0) throw invalid(`${quoted(written)} refers to no group before it`);
    hasReference = true;
    return { kind: 'backreference', number };
  }

  function readGroup(): WrittenTree | undefined {
    if (++depth > maxDepth) throw invalid(`it has more than ${maxDepth} groups within each other`);
    try {
      return readGroupBody();
    } finally {
      depth--;
    }
  }

  function readGroupBody(): WrittenTree | undefined {
    if (reader.peek() === '*') throw unsupported('(*', 'leave verbs such as (*SKIP) out, or write \\(\\*');
    if (!reader.take('?')) return capture();
    if (reader.takeMatch(/#[^)]*/y)) return closed(undefined);
    if (reader.take(':')) return closed(readChoice());
    if (reader.take('>')) return closed({ kind: 'atomic', part: readChoice() });
    const look = reader.takeMatch(/(<)?([=!])/y);
    if (look) return closed({ kind: 'look', part: readChoice(), isAhead: !look[1], isNegated: look[2] === '!' });
    const reference = reader.takeMatch(/P=(\w+)/y);
    if (reference) return closed(backReference(`(?${reference[0]})`, reference[1] ?? ''));
    const name = reader.takeMatch(/P?<([A-Za-z_][\w.]*)>|'([A-Za-z_]\w*)'/y);
    if (name) return capture(name[1] ?? name[2]);
    return readFlags();
  }

  function capture(name?: string): WrittenTree {
    const number = ++groups;
    const part = readChoice();
    if (name !== undefined && names.has(name)) throw invalid(`two groups are named ${quoted(name)}`);
    if (name !== undefined) names.set(name, number);
    return closed({ kind: 'group', part, number });
  }

  function closed<Node>(node: Node): Node {
    if (!reader.take(')')) throw invalid('a group ( is not closed; write \\( for the bracket');
    return node;
  }

  /** `(?i)` holds to the end of the group that it stands in, `(?i:...)` within its own. */
  function readFlags(): WrittenTree | undefined {
    const found = reader.takeMatch(/([a-zA-Z]*)(?:-([a-zA-Z]+))?(?=[:)])/y);
    if (!found || found[0] === '') throw unsupported(`(?${reader.peek()}`, groupAdvice);
    setsCase ||= found[0].includes('i');
    const outer = flags;
    flags = withFlags(withFlags(flags, found[1] ?? '', true), found[2] ?? '', false);
    if (reader.take(')')) return undefined;
    reader.next();
    const part = readChoice();
    flags = outer;
    return closed(part);
  }

  function literal(code: number): WrittenTree {
    noteLiteral(code);
    const set = singleSet(code);
    return setNode(flags.isCaseless ? foldedSet(set) : set, '\\n');
  }

  function noteLiteral(code: number) {
    hasLiteral = true;
    hasUpperCase ||= /\p{Uppercase}/u.test(String.fromCodePoint(code));
  }

  /** No line holds its own end. */
  function setNode(set: CharSet, written: string): WrittenTree {
    if (multiline || set.ascii[10] === 0) return { kind: 'set', set };
    if (onlyCode(set) === 10) {
      throw unsupported(written, 'matches are found line by line; with multiline they may go on');
    }
    const within = intersectionOf(set, notLineEnd);
    return { kind: 'set', set: isEmptySet(within) ? rangesSet([]) : within };
  }
}

const notLineEnd = complementOf(singleSet(10));

const groupAdvice =
  'groups are (...), (?:...), (?<name>...), (?=...), (?!...), (?<=...), (?<!...), (?>...) and flags such as (?i)';

function assertion(kind: Assertion): WrittenTree {
  return { kind: 'assertion', assertion: kind };
}

/** In a line that is searched by itself the text begins and ends with it. */
function readAssertion(reader: PatternReader, multiline: boolean): Assertion | undefined {
  if (reader.take('b{start}') || reader.take('<')) return 'wordStart';
  if (reader.take('b{end}') || reader.take('>')) return 'wordEnd';
  if (reader.take('b{start-half}')) return 'noWordBefore';
  if (reader.take('b{end-half}')) return 'noWordAfter';
  if (reader.take('b')) return 'wordBoundary';
  if (reader.take('B')) return 'noWordBoundary';
  if (reader.take('A')) return multiline ? 'textStart' : 'lineStart';
  if (reader.take('z')) return multiline ? 'textEnd' : 'lineEnd';
  return undefined;
}

function readCount(reader: PatternReader): { min: number; max: number; written: string } | undefined {
  const found = reader.takeMatch(/[*+?]|\{ *(\d+) *(?:(,) *(\d*) *)?\}/y);
  if (!found) {
    const open = reader.takeMatch(/\{,(\d+)\}/y);
    if (open) throw unsupported(open[0], `write {0,${open[1]}}`);
    return undefined;
  }
  const [written, from, comma, to] = found;
  if (from === undefined) {
    return { min: written === '+' ? 1 : 0, max: written === '?' ? 1 : Number.POSITIVE_INFINITY, written };
  }
  const min = Number(from);
  const max = comma === undefined ? min : to ? Number(to) : Number.POSITIVE_INFINITY;
  if (max < min) throw invalid(`${quoted(written)} counts down`);
  if (Math.max(min, Number.isFinite(max) ? max : 0) > maxCount) {
    throw invalid(`${quoted(written)} counts above ${maxCount}; write * or + instead`);
  }
  return { min, max, written };
}

function withFlags(flags: Flags, letters: string, isOn: boolean): Flags {
  const changed = { ...flags };
  for (const letter of letters) {
    if (letter === 'i') changed.isCaseless = isOn;
    else if (letter === 's') changed.matchesAll = isOn;
    else if (letter === 'm') changed.isLineWise = isOn;
    else if (letter === 'U') changed.isLazy = isOn;
    else if (letter === 'x') changed.ignoresSpace = isOn;
    else if (letter !== 'u' || !isOn)
      throw unsupported(`(?${isOn ? '' : '-'}${letter})`, 'the flags are i, m, s, x, U');
  }
  return changed;
}
