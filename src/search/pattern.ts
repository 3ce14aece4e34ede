import { setFlagsFromString } from 'node:v8';
import { type AST, RegExpParser, visitRegExpAST } from '@eslint-community/regexpp';
import { messageOf, UserError } from '../errors.ts';
import { otherCases } from '../text/case-folds.ts';

const maxPatternLength = 1000;

export interface PatternQuery {
  query: string;
  mode: 'text' | 'regex';
  /** `smart`: upper-case letters in the query make it case-sensitive, as in ripgrep's --smart-case. */
  letterCase: 'smart' | 'sensitive' | 'insensitive';
  /** Whether a match must begin and end where a word does. */
  word?: boolean | undefined;
  /** Whether a match may go over line ends. */
  multiline?: boolean | undefined;
}

/**
 * Compiles what a caller looks for to a regular expression that cannot hang: V8 is told to leave its backtracking
 * engine for its linear one after 50,000 backtracks, and what that engine does not have (look-around,
 * back-references, the flags `i` and `u`, large counted repeats) is refused or rewritten. A pattern that the
 * backtracking engine could not even compile in time goes to the linear one at once, by the flag `l`. Call it in a
 * worker thread: V8's own flags hold for the whole process.
 *
 * @see https://v8.dev/blog/non-backtracking-regexp
 * @throws UserError `bad_input` when the pattern is not valid or not supported.
 */
export function compilePattern({ query, mode, letterCase, word = false, multiline = false }: PatternQuery): RegExp {
  if (query === '') throw new UserError('bad_input', 'The query is empty.');
  if (query.length > maxPatternLength) {
    throw new UserError('bad_input', `A query may have ${maxPatternLength} characters; this one has ${query.length}.`);
  }
  if (mode === 'text' && !multiline && /[\n\r]/.test(query)) {
    throw new UserError(
      'bad_input',
      'Matches are found line by line: a query cannot hold a line break without multiline.',
    );
  }
  setFlagsFromString('--enable-experimental-regexp-engine-on-excessive-backtracks');
  setFlagsFromString('--enable-experimental-regexp-engine'); // knows the flag `l`
  const source = wordsOnly(mode === 'text' ? query.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&') : query, word && mode);
  const pattern = parse(source);
  refuseUnsupported(pattern, multiline);
  const insensitive = letterCase === 'insensitive' || (letterCase === 'smart' && !hasUpperCase(pattern));
  return toRegExp(parse(insensitive ? withoutCase(pattern) : source), multiline);
}

/** As ripgrep's --word-regexp; a text that begins with what is in no word must not follow a word. */
function wordsOnly(source: string, mode: PatternQuery['mode'] | false): string {
  if (mode === false) return source;
  if (mode === 'regex') parse(source); // as it was written, so that an error is about that
  const begins = mode === 'regex' || /^\w/.test(source) ? '\\b' : '\\B';
  const ends = mode === 'regex' || /\w$/.test(source) ? '\\b' : '\\B';
  return `${begins}(?:${source})${ends}`;
}

function parse(source: string): AST.Pattern {
  try {
    return new RegExpParser({ ecmaVersion: 2024 }).parsePattern(source, 0, source.length, { unicode: false });
  } catch (error) {
    const reason = messageOf(error)
      .replace(/^Invalid regular expression: /, '')
      .slice(0, 200);
    throw new UserError('bad_input', `The regular expression is not valid: ${reason}. For plain text use mode "text".`);
  }
}

function refuseUnsupported(pattern: AST.Pattern, multiline: boolean) {
  visitRegExpAST(pattern, {
    onAssertionEnter(node) {
      if (node.kind === 'lookahead' || node.kind === 'lookbehind') throw unsupported(node, 'Look-around');
    },
    onBackreferenceEnter(node) {
      throw unsupported(node, 'A back-reference');
    },
    onCharacterEnter(node) {
      if (/^\\[pP]$/.test(node.raw)) throw unsupported(node, 'A Unicode property class');
      if (/^(\\[nr]|[\n\r])$/.test(node.raw) && !multiline) {
        throw notHere(node, 'matches are found line by line; with multiline they may go on');
      }
      if (/^\\[a-zA-Z]$/.test(node.raw) && !/^\\[tfvnr]$/.test(node.raw))
        throw notHere(node, 'it is not of JavaScript');
    },
    onCharacterClassEnter(node) {
      if (/^\[\^?\[:/.test(node.raw)) throw notHere(node, 'write [a-zA-Z] for [[:alpha:]]');
      if (node.raw === '[]') throw notHere(node, 'it matches nothing; write \\] for the bracket');
    },
  });
}

function unsupported(node: AST.Node, what: string): UserError {
  return new UserError('bad_input', `${what} (${node.raw.slice(0, 60)}) is not supported, since it can take forever.`);
}

function notHere({ raw }: AST.Node, why: string): UserError {
  return new UserError('bad_input', `${JSON.stringify(raw.slice(0, 40))} has no meaning here: ${why}.`);
}

function hasUpperCase(pattern: AST.Pattern): boolean {
  let found = false;
  visitRegExpAST(pattern, {
    onCharacterEnter(node) {
      const letter = String.fromCodePoint(node.value);
      found ||= letter !== letter.toLowerCase();
    },
  });
  return found;
}

/** Rewrites each letter to a class of its two cases, since the linear engine does not have the flag `i`. */
function withoutCase(pattern: AST.Pattern): string {
  const edits: Array<{ start: number; end: number; text: string }> = [];
  visitRegExpAST(pattern, {
    onCharacterEnter(node) {
      if (node.parent.type === 'CharacterClassRange') return;
      const cases = otherCases(String.fromCodePoint(node.value));
      if (cases.length === 0) return;
      const all = node.raw + cases.join('');
      edits.push({ start: node.start, end: node.end, text: node.parent.type === 'CharacterClass' ? all : `[${all}]` });
    },
    onCharacterClassRangeEnter(node) {
      const mirrored = mirroredRange(node.min.value, node.max.value);
      if (mirrored) edits.push({ start: node.end, end: node.end, text: mirrored });
    },
  });
  let source = pattern.raw;
  for (const { start, end, text } of edits.reverse()) source = source.slice(0, start) + text + source.slice(end);
  return source;
}

const widestRange = 2000;

/** The letters of a range in their other cases, as far as they lie outside: `W-b` also means `w-z` and `A-B`. */
function mirroredRange(min: number, max: number): string {
  if (max - min > widestRange || max > 0xffff) return mirroredAscii(min, max);
  const others = new Set<string>();
  for (let unit = min; unit <= max; unit++)
    for (const other of otherCases(String.fromCharCode(unit))) others.add(other);
  return [...others].filter((other) => other.charCodeAt(0) < min || other.charCodeAt(0) > max).join('');
}

function mirroredAscii(min: number, max: number): string {
  const parts: string[] = [];
  for (const [first, last, shift] of [
    [65, 90, 32],
    [97, 122, -32],
  ] as const) {
    const from = Math.max(min, first);
    const to = Math.min(max, last);
    if (from <= to) parts.push(`${String.fromCharCode(from + shift)}-${String.fromCharCode(to + shift)}`);
  }
  return parts.join('');
}

/** The linear engine takes counted repeats up to this many copies of what they repeat, nested counts multiplied. */
const maxCopies = 16;
/** Above it the backtracking engine's compiler can take exponential time, which not even a thread's end interrupts. */
const maxEmptySteps = 14;
const maxWrittenOut = 10_000;

/**
 * A text of many lines is left to the linear engine alone: between two of the backtracks that are counted, the other one
 * may look at all that is left of it.
 */
function toRegExp(pattern: AST.Pattern, multiline: boolean): RegExp {
  const isSmall = copiesIn(pattern) <= maxCopies || hasOneChoice(pattern);
  const isNative = !multiline && isSmall && emptyStepsIn(pattern) <= maxEmptySteps;
  return isNative ? new RegExp(pattern.raw, 'gm') : new RegExp(writeOut(pattern), 'gml');
}

type Part = AST.Pattern | AST.Alternative | AST.Element;

/** Weighs what may pass without input: `a*` and `a?` once, `^ $ \b \B` twice, each as often as it is compiled. */
function emptyStepsIn(part: Part): number {
  if (part.type === 'Assertion') return 2;
  if (part.type === 'Quantifier') return copiesOf(part) * emptyStepsIn(part.element) + (part.min === 0 ? 1 : 0);
  return partsOf(part).reduce((sum, each) => sum + emptyStepsIn(each), 0);
}

/** Whether backtracking has one count to try and no more, as in `[0-9a-f]{40}` or `foo.{0,200}bar`: that is linear. */
function hasOneChoice(pattern: AST.Pattern): boolean {
  let choices = 0;
  visitRegExpAST(pattern, {
    onGroupEnter({ alternatives }) {
      choices += alternatives.length - 1;
    },
    onCapturingGroupEnter({ alternatives }) {
      choices += alternatives.length - 1;
    },
    onQuantifierEnter({ element, min, max }) {
      if (min !== max) choices += 1;
      if (partsOf(element).length > 0) choices += 2;
    },
  });
  return choices <= 1;
}

function copiesIn(part: Part): number {
  if (part.type === 'Quantifier') return copiesOf(part) * copiesIn(part.element);
  return Math.max(1, ...partsOf(part).map(copiesIn));
}

/** `a{2,}` is compiled as `aaa*`. */
function copiesOf({ min, max }: AST.Quantifier): number {
  return Math.max(1, max === Number.POSITIVE_INFINITY ? min && min + 1 : max);
}

function partsOf(part: Part): readonly Part[] {
  if ('alternatives' in part) return part.alternatives;
  return part.type === 'Alternative' ? part.elements : [];
}

function writeOut(part: Part): string {
  switch (part.type) {
    case 'Pattern':
      return joinLimited(part.alternatives.map(writeOut), '|');
    case 'Group':
    case 'CapturingGroup':
      return `(?:${joinLimited(part.alternatives.map(writeOut), '|')})`;
    case 'Alternative':
      return joinLimited(part.elements.map(writeOut), '');
    case 'Quantifier':
      return repeat(`(?:${writeOut(part.element)})`, part);
    default:
      return part.raw;
  }
}

/** Writes counts out (`a{2,3}` as `aaa?`); a group per copy, so that an escape never runs into what follows it. */
function repeat(text: string, quantifier: AST.Quantifier): string {
  const { min, max, greedy } = quantifier;
  if (text.length * copiesOf(quantifier) > maxWrittenOut) throw tooManyCopies();
  const lazy = greedy ? '' : '?';
  if (max === Number.POSITIVE_INFINITY) return `${text.repeat(min)}${text}*${lazy}`;
  const spare = max - min;
  return `${text.repeat(min)}${`(?:${text}`.repeat(spare)}${`)?${lazy}`.repeat(spare)}(?:)`;
}

function joinLimited(parts: readonly string[], separator: string): string {
  const joined = parts.join(separator);
  if (joined.length > maxWrittenOut) throw tooManyCopies();
  return joined;
}

function tooManyCopies(): UserError {
  return new UserError('bad_input', 'The counts in the regular expression multiply to too much. Use + or * instead.');
}
