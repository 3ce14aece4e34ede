import type { CharSet } from '../regex/char-set.ts';
import type { PatternTree } from '../regex/pattern-tree.ts';
import { bytesOf } from './char-bytes.ts';
import { allOf, anyOf, everyBlock, type TrigramQuery } from './trigram-query.ts';
import { foldByte, trigramOf } from './trigrams.ts';

/**
 * Which trigrams a text must hold for a pattern to match in it: Russ Cox's analysis of exact, prefix and suffix sets
 * (https://swtch.com/~rsc/regexp/regexp4.html), over strings of folded symbols. Since there are only 64 of these, even
 * the classes `\d` and `\w` can be written out, so that `\d{4}-\d{2}` is selective.
 */
export function trigramsOf(tree: PatternTree): TrigramQuery {
  return wholeQuery(analyse(tree));
}

/** Strings of symbols, each a UTF-16 unit below 64. An empty string in an open set means that nothing is known. */
type Strings = ReadonlySet<string>;

type Info =
  | { kind: 'exact'; exact: Strings; query: TrigramQuery }
  | { kind: 'open'; prefixes: Strings; suffixes: Strings; query: TrigramQuery };

const maxStrings = 400;
/** What of a prefix or suffix can still become a part of a trigram. */
const edgeLength = 2;
/** `x{6}` has every trigram that `x{7}` has, unless `x` is very short; and then they are few. */
const maxCopies = 6;
/** Many strings of one length are queried place by place, which asks for a little less but in fewer words. */
const maxSpelledOut = 8;

const empty: Info = { kind: 'exact', exact: new Set(['']), query: everyBlock };
const unknown: Info = { kind: 'open', prefixes: new Set(['']), suffixes: new Set(['']), query: everyBlock };

function analyse(tree: PatternTree): Info {
  switch (tree.kind) {
    case 'set':
      return setInfo(tree.set);
    case 'sequence':
      return tree.parts.map(analyse).reduce(concatenate, empty);
    case 'choice':
      return tree.options.map(analyse).reduce(alternate);
    case 'repeat':
      return repeatInfo(analyse(tree.part), tree.min, tree.max);
    case 'assertion':
      return empty;
  }
}

function setInfo({ ascii, few }: CharSet): Info {
  if (few === undefined) return unknown;
  const exact = new Set<string>();
  for (let byte = ascii.indexOf(1); byte >= 0; byte = ascii.indexOf(1, byte + 1)) {
    exact.add(String.fromCharCode(foldByte(byte)));
  }
  for (const code of few) exact.add(String.fromCharCode(...bytesOf(code).map(foldByte)));
  return exact.size === 0 ? unknown : { kind: 'exact', exact, query: everyBlock };
}

function repeatInfo(part: Info, min: number, max: number): Info {
  if (min === 0) return max === 1 ? alternate(empty, part) : unknown;
  let copies = part;
  let count = 1;
  for (; count < min && count < maxCopies; count++) {
    const wasOpen = copies.kind === 'open';
    copies = concatenate(copies, part);
    if (wasOpen) break; // one more would ask for the same again
  }
  return max === min && count === min ? copies : open(copies);
}

function concatenate(a: Info, b: Info): Info {
  if (a.kind === 'exact' && b.kind === 'exact') {
    const exact = product(a.exact, b.exact);
    if (exact !== undefined) return { kind: 'exact', exact, query: allOf([a.query, b.query]) };
  }
  const before = open(a);
  const after = open(b);
  const { suffixes } = before;
  const { prefixes } = after;
  return {
    kind: 'open',
    prefixes: a.kind === 'exact' ? assertions(startingWith(a.exact, prefixes), firstOf) : a.prefixes,
    suffixes: b.kind === 'exact' ? assertions(endingWith(suffixes, b.exact), lastOf) : b.suffixes,
    query: allOf([before.query, after.query, queryAcross(suffixes, prefixes)]),
  };
}

/** What is asked for where two parts meet; where there are too many strings for that, a little less of either side. */
function queryAcross(suffixes: Strings, prefixes: Strings): TrigramQuery {
  const whole = product(suffixes, prefixes);
  const parts = whole ? [whole] : [product(ends(suffixes), prefixes), product(suffixes, starts(prefixes))];
  return allOf(parts.map((part) => (part ? queryOf(part) : everyBlock)));
}

function startingWith(exact: Strings, prefixes: Strings): Strings {
  return product(exact, prefixes) ?? product(exact, starts(prefixes)) ?? exact;
}

function endingWith(suffixes: Strings, exact: Strings): Strings {
  return product(suffixes, exact) ?? product(ends(suffixes), exact) ?? exact;
}

const starts = (strings: Strings): Strings => new Set([...strings].map((text) => firstOf(text, 1)));
const ends = (strings: Strings): Strings => new Set([...strings].map((text) => lastOf(text, 1)));

function alternate(a: Info, b: Info): Info {
  if (a.kind === 'exact' && b.kind === 'exact' && a.exact.size + b.exact.size <= maxStrings) {
    return { kind: 'exact', exact: union(a.exact, b.exact), query: anyOf([a.query, b.query]) };
  }
  const one = open(a);
  const other = open(b);
  return {
    kind: 'open',
    prefixes: assertions(union(one.prefixes, other.prefixes), firstOf),
    suffixes: assertions(union(one.suffixes, other.suffixes), lastOf),
    query: anyOf([one.query, other.query]),
  };
}

/** The same with something unknown in the middle: the exact strings are asked for now, and only their ends are kept. */
function open(info: Info): Info & { kind: 'open' } {
  if (info.kind === 'open') return info;
  const { exact } = info;
  return {
    kind: 'open',
    prefixes: assertions(exact, firstOf),
    suffixes: assertions(exact, lastOf),
    query: wholeQuery(info),
  };
}

function wholeQuery(info: Info): TrigramQuery {
  return info.kind === 'exact' ? allOf([info.query, queryOf(info.exact)]) : info.query;
}

const firstOf = (text: string, length: number) => text.slice(0, length);
const lastOf = (text: string, length: number) => (length === 0 ? '' : text.slice(-length));

/** The ends of strings, shorter ones where there would be too many. */
function assertions(strings: Strings, cut: (text: string, length: number) => string): Strings {
  for (let length = edgeLength; length > 0; length--) {
    const ends = new Set([...strings].map((text) => cut(text, length)));
    if (ends.size <= maxStrings / 2) return ends;
  }
  return new Set(['']);
}

/** Every string of one set before every one of the other; undefined where they would be too many. */
function product(before: Strings, after: Strings): Strings | undefined {
  if (before.size * after.size > maxStrings) return undefined;
  return new Set([...before].flatMap((start) => [...after].map((end) => start + end)));
}

function union(a: Strings, b: Strings): Strings {
  return new Set([...a, ...b]);
}

/** What a text asks for that holds one of the strings. */
function queryOf(strings: Strings): TrigramQuery {
  const texts = [...strings];
  const shortest = texts.reduce((least, { length }) => Math.min(least, length), Number.POSITIVE_INFINITY);
  if (shortest < 3) return everyBlock;
  const isEven = texts.every(({ length }) => length === shortest);
  if (!isEven || texts.length <= maxSpelledOut) {
    return anyOf(texts.map((text) => allOf(trigramsIn(text).map((trigram) => ({ kind: 'any', trigrams: [trigram] })))));
  }
  const places = texts.map(trigramsIn);
  return allOf(
    Array.from({ length: shortest - 2 }, (_, at) => ({
      kind: 'any',
      trigrams: [...new Set(places.map((trigrams) => trigrams[at] ?? 0))],
    })),
  );
}

function trigramsIn(text: string): number[] {
  const trigrams: number[] = [];
  for (let at = 0; at + 3 <= text.length; at++) {
    trigrams.push(trigramOf(text.charCodeAt(at), text.charCodeAt(at + 1), text.charCodeAt(at + 2)));
  }
  return trigrams;
}
