import type { FoundLine } from './line-reader.ts';
import type { TextIndex } from './text-index.ts';

export interface LinesAround {
  before: string[];
  after: string[];
}

const newline = 10;

/** The lines before and after a line that was found, without their `\n`; behind a last `\n` there is one more, empty line. */
export function linesAround({ arena, files }: TextIndex, found: FoundLine, count: number): LinesAround {
  const bytes = arena.bytes();
  const [textStart, textEnd] = textRange();
  const before: string[] = [];
  const after: string[] = [];
  for (let end = found.start - 1; before.length < count && end >= textStart; ) {
    const start = end === textStart ? textStart : Math.max(textStart, bytes.lastIndexOf(newline, end - 1) + 1);
    before.unshift(bytes.toString('utf8', start, end));
    end = start - 1;
  }
  for (let start = found.end + 1; after.length < count && start <= textEnd; ) {
    const next = bytes.indexOf(newline, start);
    const end = next < 0 ? textEnd : Math.min(next, textEnd);
    after.push(bytes.toString('utf8', start, end));
    start = end + 1;
  }
  return { before, after };

  /** A text that was read for this search is one block. */
  function textRange(): [number, number] {
    const { state, start, length } = files.entry(found.file);
    if (state === 'memory') return [start, start + length];
    const words = arena.words();
    const from = words[found.block / 4] ?? 0;
    return [from, from + (words[found.block / 4 + 1] ?? 0)];
  }
}
