import { estimateTokens } from '../text/estimate-tokens.ts';

export interface TextPart {
  text: string;
  /** Lines from 1, both included. */
  from: number;
  to: number;
}

/**
 * A text as parts of at most so many tokens, cut before declarations where that is possible, else before lines. Together
 * they are the whole text; only a single line that is too long is cut within.
 *
 * @param starts lines, from 1, on which a declaration begins, in ascending order
 */
export function splitText(text: string, starts: readonly number[], maxTokens: number): TextPart[] {
  if (estimateTokens(text) <= maxTokens) return [{ text, from: 1, to: countLines(text) }];
  const lines = text
    .split('\n')
    .flatMap((line, index) => piecesOf(line, maxTokens).map((piece) => ({ piece, line: index + 1 })));
  const isStart = new Set(starts);
  const parts: TextPart[] = [];
  let begin = 0;
  while (begin < lines.length) {
    const end = endOfPart(lines, begin, maxTokens, isStart);
    const some = lines.slice(begin, end);
    parts.push({
      text: some.map(({ piece, line }, at) => (line === lines[begin + at + 1]?.line ? piece : `${piece}\n`)).join(''),
      from: some[0]?.line ?? 1,
      to: some.at(-1)?.line ?? 1,
    });
    begin = end;
  }
  return parts;
}

interface Piece {
  piece: string;
  line: number;
}

/** As far as there is room, then back to the last declaration, unless the part would be very short. */
function endOfPart(lines: readonly Piece[], begin: number, maxTokens: number, isStart: ReadonlySet<number>): number {
  let tokens = 0;
  let end = begin;
  for (; end < lines.length; end++) {
    tokens += estimateTokens(`${lines[end]?.piece}\n`);
    if (tokens > maxTokens && end > begin) break;
  }
  if (end === lines.length) return end;
  const least = begin + Math.ceil((end - begin) / 4);
  for (let at = end; at > least; at--) if (isStart.has(lines[at]?.line ?? 0)) return at;
  return end;
}

/** Of a line of many megabytes, as in what a program wrote. */
function piecesOf(line: string, maxTokens: number): string[] {
  const most = maxTokens; // a token is a character at least
  if (line.length <= most) return [line];
  return Array.from({ length: Math.ceil(line.length / most) }, (_, at) => line.slice(at * most, (at + 1) * most));
}

function countLines(text: string): number {
  return text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
}
