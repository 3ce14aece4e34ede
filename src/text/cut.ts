/** A text of at most so many characters, which ends with an ellipsis where it was longer. */
export function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, Math.max(0, length - 1)).toWellFormed()}…`;
}

/**
 * The same by the characters that a text takes in JSON, where a quote or the end of a line takes two. It is for what has a
 * share of an answer.
 */
export function cutJson(text: string, length: number): string {
  return beginning(text, length) === text ? text : `${beginning(text, length - 1)}…`;
}

/** As much of a text from its start as takes at most so many characters in JSON. */
export function beginning(text: string, length: number): string {
  let end = Math.min(text.length, Math.max(0, length));
  for (;;) {
    const shown = text.slice(0, end).replace(/[\uD800-\uDBFF]$/, '');
    const size = JSON.stringify(shown).length - '""'.length;
    if (size <= length || shown === '') return shown;
    end = Math.min(end - 1, Math.floor((end * length) / size));
  }
}
