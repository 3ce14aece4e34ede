const length = 240;

/** A line without its indentation, or of a long one the part around a column, marked where it was cut. */
export function excerptAt(line: string, column: number): string {
  const indent = line.length - line.trimStart().length;
  const trimmed = line.trim();
  if (trimmed.length <= length) return trimmed;
  const from = Math.max(0, Math.min(column - indent - (length >> 1), trimmed.length - length));
  const to = from + length;
  const part = trimmed.slice(from, to).toWellFormed();
  return `${from > 0 ? '…' : ''}${part}${to < trimmed.length ? '…' : ''}`;
}
