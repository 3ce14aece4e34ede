/** A part of a text, and where the next one begins. */
export interface TextPage {
  text: string;
  end: number;
}

/** As much of a text from `offset` on as takes at most so many characters, as it is and as JSON. */
export function textPage(text: string, offset: number, maxCharacters: number): TextPage {
  let length = Math.max(1, Math.floor(maxCharacters));
  for (;;) {
    const end = wholeCharacters(text, offset, Math.min(text.length, offset + length));
    const part = text.slice(offset, end);
    const taken = JSON.stringify(part).length - 2;
    if (taken <= maxCharacters || length === 1) return { text: part.toWellFormed(), end };
    length = Math.max(1, Math.min(part.length - 1, Math.floor((part.length * maxCharacters) / taken)));
  }
}

/** Never between the two halves of a character. */
function wholeCharacters(text: string, offset: number, end: number): number {
  const isSplit =
    end < text.length && text.slice(end - 1, end + 1).isWellFormed() && !text.slice(offset, end).isWellFormed();
  return isSplit && end - 1 > offset ? end - 1 : end;
}
