import { setFlagsFromString } from 'node:v8';
import { UserError } from '../../errors.ts';
import { createAutomaton, type Found } from './automaton.ts';
import { isQuickToCompile, isSafeForV8, outerKind, sizeOf } from './complexity.ts';
import { createFence, FenceClosed } from './fence.ts';
import { maxLineForPattern } from './long-line.ts';
import { parsePattern } from './pattern-parse.ts';
import { asciiSource, unicodeSource } from './pattern-source.ts';
import { type Assertion, approximate, needsBacktracking, type PatternTree, type WrittenTree } from './pattern-tree.ts';

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

/** What a caller looks for, ready to be looked for. Nothing that it does can hang. */
export interface Pattern {
  tree: PatternTree;
  /**
   * The pattern itself, but where only backtracking decides, which a thread of its own does under a watch: then one that
   * matches wherever the pattern does, and perhaps elsewhere. `tree` is always of this one.
   */
  linear: Pattern;
  /** So many characters of a line are looked at; a text is found anywhere. */
  reach: number;
  /**
   * The first match of a text from a place on.
   *
   * @throws FenceClosed when a fenced pattern takes too long
   */
  find(text: string, from?: number): Found | undefined;
  /** The first match of each of several texts, which costs a fenced pattern much less than one by one. */
  findEach(texts: readonly string[]): ReadonlyArray<Found | undefined>;
  /** False where no line of a text can match, by a quick look. */
  mayMatch(text: string): boolean;
}

/** Steps of the automaton for one line: some tenths of a second. */
const maxStepsPerLine = 5_000_000;
const maxSize = 10_000;

/**
 * Compiles what a caller looks for. A line of ASCII is given to V8, told to leave its backtracking engine for its linear
 * one after 50,000 backtracks, where that can be trusted with the pattern; an automaton of our own decides on all else,
 * since V8 has neither Unicode's words nor the linear engine for them. Look-around, back-references and atomic groups
 * are decided behind a fence. Call it in a worker thread: V8's flags hold for the whole process.
 *
 * @see https://v8.dev/blog/non-backtracking-regexp
 * @throws UserError `bad_input` when the pattern is not valid or not supported.
 */
export function compilePattern(query: PatternQuery): Pattern {
  checkQuery(query);
  const { multiline = false, letterCase } = query;
  const read = (isCaseless: boolean) => readQuery(query, { isCaseless, multiline });
  const sensitive = read(false);
  const isSmart = sensitive.hasLiteral && !sensitive.hasUpperCase;
  const isCaseless = letterCase === 'insensitive' || (letterCase === 'smart' && isSmart);
  const written = isCaseless ? read(true).tree : sensitive.tree;
  if (sizeOf(written) > maxSize) {
    throw new UserError('bad_input', 'The counts in the regular expression multiply to too much. Use + or * instead.');
  }
  const inner = approximate(written);
  const plain = linearPattern(inner, query);
  if (!needsBacktracking(written)) return plain;
  if (!isQuickToCompile(written)) {
    throw new UserError('bad_input', 'The regular expression has too many optional parts for look-around. Use fewer.');
  }
  const fenced = query.word ? unicodeSource(wholeWords(written)) : unicodeSource(written);
  return fencedPattern(plain, fenced, isCaseless);
}

function checkQuery({ query, mode, multiline }: PatternQuery) {
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
}

function readQuery({ query, mode }: PatternQuery, options: { isCaseless: boolean; multiline: boolean }) {
  const source = mode === 'text' ? query.toWellFormed().replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&') : query.toWellFormed();
  return parsePattern(source, options);
}

/** As ripgrep's --word-regexp: no word before the match and none after it. */
function wholeWords<Tree extends WrittenTree>(tree: Tree): Tree | WrittenTree {
  const assertion = (kind: Assertion): WrittenTree => ({ kind: 'assertion', assertion: kind });
  return { kind: 'sequence', parts: [assertion('noWordBefore'), tree, assertion('noWordAfter')] };
}

function linearPattern(inner: PatternTree, { mode, word: isWord = false, multiline }: PatternQuery): Pattern {
  const assertion = (kind: Assertion): PatternTree => ({ kind: 'assertion', assertion: kind });
  const between = (before: Assertion, after: Assertion): PatternTree => ({
    kind: 'sequence',
    parts: [assertion(before), ...(inner.kind === 'sequence' ? inner.parts : [inner]), assertion(after)],
  });
  const tree = isWord ? between('noWordBefore', 'noWordAfter') : inner;
  const first = isWord ? wordBoundaryOf(inner, 'first') : undefined;
  const last = isWord ? wordBoundaryOf(inner, 'last') : undefined;
  const forAscii = !isWord ? inner : first && last ? between(first, last) : undefined;
  const v8 = multiline || !forAscii ? undefined : createV8(forAscii);
  const quick = multiline ? undefined : (v8 ?? createV8(inner)); // without the words' assertions it finds at least as much
  let lazy: ReturnType<typeof createAutomaton> | undefined;
  const pattern: Pattern = {
    tree,
    get linear() {
      return pattern;
    },
    reach: mode === 'text' ? Number.POSITIVE_INFINITY : reachOf(tree, v8 !== undefined),
    find,
    findEach: (texts) => texts.map((text) => find(text)),
    mayMatch: (text) => quick === undefined || !isAscii(text) || quick.mayMatch(text),
  };
  return pattern;

  function find(text: string, from = 0): Found | undefined {
    if (quick && from === 0 && isAscii(text)) {
      const found = quick.find(text);
      if (v8 || !found) return found;
    }
    lazy ??= createAutomaton(tree);
    return lazy.find(text, from);
  }
}

function reachOf(tree: PatternTree, isForV8: boolean): number {
  return isForV8 ? maxLineForPattern : Math.min(maxLineForPattern, Math.floor(maxStepsPerLine / sizeOf(tree)));
}

/** What "no word before" comes to where the first character of every match is known to be of a word or of none. */
function wordBoundaryOf(tree: PatternTree, side: 'first' | 'last'): Assertion | undefined {
  const kind = outerKind(tree, side);
  return kind && (kind === 'word' ? 'wordBoundary' : 'noWordBoundary');
}

function createV8(tree: PatternTree) {
  const source = isSafeForV8(tree) ? asciiSource(tree) : undefined;
  if (source === undefined) return undefined;
  setFlagsFromString('--enable-experimental-regexp-engine-on-excessive-backtracks');
  const forLine = new RegExp(source);
  const forText = new RegExp(source, 'm');
  return {
    find(line: string): Found | undefined {
      const found = forLine.exec(line);
      return found ? { index: found.index, length: found[0].length } : undefined;
    },
    /** Its assertions hold at more places in a whole text than in its lines, so that it may find too much. */
    mayMatch: (text: string) => forText.test(text),
  };
}

/**
 * Whether what was found in the part of a line that a pattern looks at is there in the whole line, too: the end of the part
 * is no end of the line.
 */
export function isInWhole({ linear, reach }: Pattern, line: string, { index, length }: Found): boolean {
  if (line.length <= reach || index + length < reach) return true;
  return linear.find(line.slice(0, reach + assertionReach), index)?.index === index;
}

/** So many characters behind its place an assertion looks at: `$` stands before `\r\n`. */
const assertionReach = 2;

const beyondAscii = /[^\0-\x7f]/;

function isAscii(text: string): boolean {
  return !beyondAscii.test(text);
}

/** A long line takes backtracking the square of its length, even where the pattern is harmless. */
const fencedReach = 10_000;

function fencedPattern(linear: Pattern, source: string, isCaseless: boolean): Pattern {
  const fence = createFence({ source, flags: isCaseless ? 'giu' : 'gu' });
  return {
    ...linear,
    linear,
    reach: Math.min(linear.reach, fencedReach),
    find: (text, from = 0) => (linear.find(text, from) ? fence.findEach([text], from)[0] : undefined),
    findEach(texts) {
      const candidates = [...texts.keys()].filter((at) => linear.find(texts[at] ?? ''));
      const all: Array<Found | undefined> = texts.map(() => undefined);
      const place = (found: ReadonlyArray<Found | undefined>) => {
        for (const [at, each] of found.entries()) all[candidates[at] ?? 0] = each;
      };
      try {
        place(
          fence.findEach(
            candidates.map((at) => texts[at] ?? ''),
            0,
          ),
        );
        return all;
      } catch (error) {
        if (!(error instanceof FenceClosed)) throw error;
        place(error.decided);
        throw new FenceClosed(all.slice(0, candidates[error.decided.length]));
      }
    },
  };
}
