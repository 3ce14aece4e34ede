import { counted } from '../text/count.ts';
import type { CountTokens } from '../text/tokens.ts';

export interface FittedText {
  text: string;
  tokens: number;
  /** Of the text that was to be fitted. */
  lines: number;
  isCut: boolean;
}

/** No token of a text that is worth reading is longer, so that a far too long one need not be counted whole. */
const longestToken = 24;

/** The beginning of a text, in whole lines, with a last one that says how many are left out; or nothing where none fits. */
export function fitText(text: string, maxTokens: number, count: CountTokens): FittedText {
  if (text.length <= maxTokens * longestToken) {
    const tokens = count(text);
    if (tokens <= maxTokens) return { text, tokens, lines: text.replace(/\n$/, '').split('\n').length, isCut: false };
  }
  const lines = text.split('\n');
  let [fits, tooMany] = [0, linesWithin(lines, maxTokens * longestToken) + 1];
  let best = { text: '', tokens: 0 };
  while (tooMany - fits > 1) {
    const middle = (fits + tooMany) >> 1;
    const part = withRest(lines, middle);
    const tokens = count(part);
    if (tokens <= maxTokens) [fits, best] = [middle, { text: part, tokens }];
    else tooMany = middle;
  }
  return { ...best, lines: fits, isCut: true };
}

function linesWithin(lines: readonly string[], maxCharacters: number): number {
  let left = maxCharacters;
  const end = lines.findIndex((line) => {
    left -= line.length + 1;
    return left < 0;
  });
  return end < 0 ? lines.length : end;
}

function withRest(lines: readonly string[], shown: number): string {
  const left = lines.length - shown;
  const shownLines = lines.slice(0, shown).join('\n');
  return left === 0 ? shownLines : `${shownLines}\n… (${counted(left, 'more line')})`;
}
