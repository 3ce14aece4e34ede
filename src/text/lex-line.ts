import type { Grammar } from './outline-languages.ts';

/** A part of a line that is not code, from one column to another. */
export type OnSpan = (from: number, to: number, kind: 'comment' | 'string') => void;

/**
 * What the comment or string waits for that is still open at the end of a line, given what was open at its start.
 * Tells of each comment and string on the way.
 */
export function lexLine(
  line: string,
  openAtStart: string | undefined,
  grammar: Grammar,
  onSpan?: OnSpan,
): string | undefined {
  let at = 0;
  let start = 0;
  let closer = openAtStart;
  for (;;) {
    if (closer !== undefined) {
      const end = findCloser(line, closer, at, grammar);
      const kind = closer === '*/' || closer === '=end' ? 'comment' : 'string';
      onSpan?.(start, end < 0 ? line.length : end + closer.length, kind);
      if (end < 0) return isBlock(closer, grammar) ? closer : undefined;
      at = end + closer.length;
    }
    const opener = nextToken(line, at, grammar);
    if (opener === undefined) return undefined;
    start = opener.end - opener.text.length;
    if (isLineComment(opener.text)) {
      onSpan?.(start, line.length, 'comment');
      return undefined;
    }
    at = opener.end;
    closer = undefined;
    if (opener.text.startsWith('\\')) continue;
    if (opener.text === '/') at = isRegexPlace(line, opener.end - 1) ? endOfRegex(line, at) : at;
    else closer = grammar.blocks[opener.text] ?? opener.text;
  }
}

function isBlock(closer: string, grammar: Grammar): boolean {
  return Object.values(grammar.blocks).includes(closer);
}

function findCloser(line: string, closer: string, from: number, grammar: Grammar): number {
  const hasEscapes = /["'`]/.test(closer) && closer !== grammar.raw;
  let at = line.indexOf(closer, from);
  while (hasEscapes && at >= 0 && isEscaped(line, at, from)) at = line.indexOf(closer, at + 1);
  return at;
}

function isEscaped(line: string, at: number, from: number): boolean {
  let start = at;
  while (start > from && line[start - 1] === '\\') start--;
  return (at - start) % 2 === 1;
}

function nextToken(line: string, at: number, { token }: Grammar): { text: string; end: number } | undefined {
  token.lastIndex = at;
  const text = token.exec(line)?.[0];
  return text === undefined ? undefined : { text, end: token.lastIndex };
}

function isLineComment(opener: string): boolean {
  return opener === '//' || opener === '#' || opener === '--';
}

/** A slash after an operator starts a regular expression, and its quotes open nothing; else it divides. */
function isRegexPlace(line: string, slash: number): boolean {
  return /(?:^|[(,=:[!&|?{;+>]|\breturn)\s*$/.test(line.slice(Math.max(0, slash - 20), slash));
}

/** The end of the line where it has none: looking on from each slash of such a line would take quadratic time. */
function endOfRegex(line: string, from: number): number {
  let isInClass = false;
  for (let at = from; at < line.length; at++) {
    const character = line[at];
    if (character === '\\') at++;
    else if (character === '[') isInClass = true;
    else if (character === ']') isInClass = false;
    else if (character === '/' && !isInClass) return at + 1;
  }
  return line.length;
}
