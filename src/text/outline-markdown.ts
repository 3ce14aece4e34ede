export interface Heading {
  /** 1-based. */
  line: number;
  /** 1 to 6. */
  level: number;
  name: string;
}

/** Where a reader of lines is: what ends the part that holds no headings, and the line before, which a row may underline. */
interface Place {
  isEnd: ((line: string) => boolean) | undefined;
  before: string;
}

/**
 * The headings of Markdown lines as CommonMark 0.31 has them, `#` and underlined, outside front matter, fenced code and
 * HTML comments. Lines over `lineCap` characters hold none.
 */
export function findHeadings(lines: string[], lineCap: number): Heading[] {
  const headings: Heading[] = [];
  const place: Place = { isEnd: lines[0] === '---' ? isFrontMatterEnd : undefined, before: '' };
  for (const [index, raw] of lines.entries()) {
    const line = raw.length > lineCap ? '' : raw.trimEnd();
    if (index === 0 && place.isEnd) continue;
    const heading = readLine(line, raw, place);
    if (heading === undefined) continue;
    headings.push({ line: index + (heading.isUnderlined ? 0 : 1), level: heading.level, name: heading.name });
  }
  return headings;
}

interface Found {
  level: number;
  name: string;
  isUnderlined: boolean;
}

function readLine(line: string, raw: string, place: Place): Found | undefined {
  const before = place.before;
  place.before = '';
  if (place.isEnd) {
    if (place.isEnd(raw)) place.isEnd = undefined;
    return undefined;
  }
  place.isEnd = endOfSkipped(line, raw);
  if (place.isEnd) return undefined;
  const found = hashHeading(line) ?? underlinedHeading(line, before);
  if (found === undefined && isParagraph(line)) place.before = line;
  return found;
}

function isFrontMatterEnd(line: string): boolean {
  return /^(?:---|\.\.\.)\s{0,9}$/.test(line);
}

/** A fence is closed by one of its own kind that is as long; a comment by its arrow. */
function endOfSkipped(line: string, raw: string): Place['isEnd'] {
  const fence = /^\s*(?:[-*+] |> |\d+\. )?(`{3,}|~{3,})([^`]*)$/.exec(line)?.[1];
  if (fence !== undefined) {
    return (other) => {
      const closing = other.length > 400 ? '' : other.replace(/^[\s>]*/, '').trimEnd();
      return closing.startsWith(fence) && closing === fence.charAt(0).repeat(closing.length);
    };
  }
  const comment = raw.lastIndexOf('<!--');
  const isOpen = comment >= 0 && raw.indexOf('-->', comment) < 0 && /^\s*<!--/.test(line);
  return isOpen ? (other) => other.includes('-->') : undefined;
}

function hashHeading(line: string): Found | undefined {
  const [, hashes, text] = /^ {0,3}(#{1,6})[ \t]+(.+)$/.exec(line) ?? [];
  if (hashes === undefined || text === undefined) return undefined;
  const name = text.replace(/[ \t]#+$/, '').trim();
  return { level: hashes.length, name, isUnderlined: false };
}

function underlinedHeading(line: string, before: string): Found | undefined {
  if (before === '' || !/^ {0,3}(?:=+|-{2,})$/.test(line)) return undefined;
  return { level: line.includes('=') ? 1 : 2, name: before.trim(), isUnderlined: true };
}

/** Plain text, which a row of `=` or `-` turns into a heading; under a list, table or quote the row means something else. */
function isParagraph(line: string): boolean {
  return /^ {0,3}[^\s>|#*+-]/.test(line) && !/^ {0,3}\d+[.)] /.test(line);
}
