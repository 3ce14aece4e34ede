import { beginning } from './cut.ts';

/** A part of a text, and where the next one begins. */
export interface TextPage {
  text: string;
  end: number;
}

/** As much of a text from `offset` on as takes at most so many characters, as it is and as JSON; some of it in any case. */
export function textPage(text: string, offset: number, maxCharacters: number): TextPage {
  const left = text.slice(offset, offset + Math.max(1, Math.floor(maxCharacters)));
  const part = beginning(left, maxCharacters) || left.slice(0, 1);
  return { text: part.toWellFormed(), end: offset + part.length };
}
