const excerptLength = 240;

/** A line, or of a long one a part that holds the start of a match, marked where it was cut. */
export function excerpt(line: string, start: number, matchLength: number): string {
  if (line.length <= excerptLength) return line;
  const spare = Math.max(0, excerptLength - matchLength);
  const from = Math.max(0, Math.min(start - (spare >> 1), line.length - excerptLength));
  const to = from + excerptLength;
  const part = line.slice(from, to).toWellFormed();
  return `${from > 0 ? '…' : ''}${part}${to < line.length ? '…' : ''}`;
}

/** The same of a line without its indentation. */
export function trimmedExcerpt(line: string, start: number): string {
  const indent = line.length - line.trimStart().length;
  return excerpt(line.trim(), start - indent, 0);
}
