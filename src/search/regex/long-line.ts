/** A regular expression looks at so much of a line, in characters; a text is looked for in all of it. */
export const maxLineForPattern = 100_000;

/** Whether a regular expression that looks at so much may see no more than a part of some line. */
export function hasLongLine(bytes: Buffer, reach = maxLineForPattern): boolean {
  for (let start = 0; bytes.length - start > reach; ) {
    const end = bytes.lastIndexOf(10, start + reach);
    if (end < start) return true;
    start = end + 1;
  }
  return false;
}
