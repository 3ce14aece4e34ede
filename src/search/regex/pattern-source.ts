import { allRanges, type CharSet, pairsOf, type Ranges } from './char-set.ts';
import type { Assertion, PatternTree, WrittenTree } from './pattern-tree.ts';

/** Patterns as the source of a JavaScript expression. */

const asciiAssertions: Partial<Record<Assertion, string>> = {
  lineStart: '^',
  lineEnd: '$',
  wordBoundary: '\\b',
  noWordBoundary: '\\B',
};

/**
 * For lines of ASCII alone, without flags: V8's own classes and assertions are right for these.
 *
 * @returns undefined for an assertion that JavaScript can only write as look-around
 */
export function asciiSource(tree: PatternTree): string | undefined {
  switch (tree.kind) {
    case 'set':
      return classSource(asciiRanges(tree.set), hexEscape);
    case 'sequence':
      return joined(tree.parts.map(asciiSource), '');
    case 'choice':
      return grouped(joined(tree.options.map(asciiSource), '|'));
    case 'repeat': {
      const part = grouped(asciiSource(tree.part));
      return part && `${part}${countSource(tree)}`;
    }
    case 'assertion':
      return asciiAssertions[tree.assertion];
  }
}

const wordClass = '[\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\p{Join_Control}]';
const wordBefore = `(?<=${wordClass})`;
const wordAfter = `(?=${wordClass})`;
const noWordBefore = `(?<!${wordClass})`;
const noWordAfter = `(?!${wordClass})`;

const unicodeAssertions: Record<Assertion, string> = {
  lineStart: '(?<![^\\n])',
  lineEnd: '(?=\\n|\\r\\n|$)',
  textStart: '^',
  textEnd: '$',
  wordBoundary: `(?:${wordBefore}${noWordAfter}|${noWordBefore}${wordAfter})`,
  noWordBoundary: `(?:${wordBefore}${wordAfter}|${noWordBefore}${noWordAfter})`,
  wordStart: `${noWordBefore}${wordAfter}`,
  wordEnd: `${wordBefore}${noWordAfter}`,
  noWordBefore,
  noWordAfter,
};

/** For any text, with the flag `u`; exact, but only V8's backtracking engine can run it. */
export function unicodeSource(tree: WrittenTree): string {
  let atomics = 0;
  return write(tree);

  function write(part: WrittenTree): string {
    switch (part.kind) {
      case 'set':
        return classSource(allRanges(part.set), (code) => `\\u{${code.toString(16)}}`);
      case 'sequence':
        return part.parts.map(write).join('');
      case 'choice':
        return `(?:${part.options.map(write).join('|')})`;
      case 'repeat':
        return `(?:${write(part.part)})${countSource(part)}`;
      case 'assertion':
        return unicodeAssertions[part.assertion];
      case 'group':
        return `(?<g${part.number}>${write(part.part)})`;
      case 'look':
        return `(?${part.isAhead ? '' : '<'}${part.isNegated ? '!' : '='}${write(part.part)})`;
      case 'atomic': {
        const name = `a${atomics++}`; // what a look-ahead has matched is not tried in another way
        return `(?=(?<${name}>${write(part.part)}))\\k<${name}>`;
      }
      case 'backreference':
        return `\\k<g${part.number}>`;
    }
  }
}

function countSource({ min, max, isLazy }: { min: number; max: number; isLazy: boolean }): string {
  const lazy = isLazy ? '?' : '';
  if (max === Number.POSITIVE_INFINITY && min < 2) return `${min === 0 ? '*' : '+'}${lazy}`;
  if (min === 0 && max === 1) return `?${lazy}`;
  return `{${min},${max === Number.POSITIVE_INFINITY ? '' : max}}${lazy}`;
}

function classSource(ranges: Ranges, write: (code: number) => string): string {
  const [first, last] = ranges;
  if (ranges.length === 2 && first !== undefined && first === last) return write(first);
  const pairs = [...pairsOf(ranges)].map(([from, to]) => (from === to ? write(from) : `${write(from)}-${write(to)}`));
  return `[${pairs.join('')}]`;
}

/** Letters and digits as they are, so that the source can be read. */
function hexEscape(code: number): string {
  const character = String.fromCharCode(code);
  return /\w/.test(character) ? character : `\\x${code.toString(16).padStart(2, '0')}`;
}

function asciiRanges({ ascii }: CharSet): Ranges {
  const ranges: number[] = [];
  for (let code = ascii.indexOf(1); code >= 0; ) {
    const end = ascii.indexOf(0, code);
    ranges.push(code, (end < 0 ? 128 : end) - 1);
    code = end < 0 ? -1 : ascii.indexOf(1, end);
  }
  return ranges;
}

function grouped(source: string | undefined): string | undefined {
  return source === undefined ? undefined : `(?:${source})`;
}

function joined(sources: ReadonlyArray<string | undefined>, separator: string): string | undefined {
  return sources.every((source) => source !== undefined) ? sources.join(separator) : undefined;
}
