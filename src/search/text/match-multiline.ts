import { excerpt } from '../../text/excerpt.ts';
import type { Pattern } from '../regex/compile-pattern.ts';
import { sizeOf } from '../regex/complexity.ts';
import { type Match, trimReturn } from './match-page.ts';

const maxCharacters = 1024 * 1024;
/** A text is looked at in one go, and the automaton takes time for each character with each step of the pattern. */
const maxSteps = 100_000_000;

export function isTooLongFor({ tree }: Pattern, text: string): boolean {
  return text.length > Math.min(maxCharacters, maxSteps / sizeOf(tree));
}

const maxLinesShown = 20;

/**
 * Matches of a pattern in a whole text, which may go over line ends; of those that begin on one line the first. Each is
 * shown by its lines, up to twenty of them.
 */
export function* matchMultiline(
  text: string,
  pattern: Pattern,
  { firstLine, context, shouldStop }: { firstLine: number; context: number; shouldStop(): boolean },
): Generator<Match> {
  const lines = text.split('\n');
  let line = 1;
  let lineStart = 0;
  let from = 0;
  for (let found = findFrom(0); found && !shouldStop(); found = findFrom(from)) {
    const end = found.index + found.length;
    const lineEnd = text.indexOf('\n', found.index);
    from = lineEnd < 0 ? text.length + 1 : Math.max(end, lineEnd + 1);
    if (found.index >= text.length && text.endsWith('\n')) return;
    for (
      let next = text.indexOf('\n', lineStart);
      next >= 0 && next < found.index;
      next = text.indexOf('\n', lineStart)
    ) {
      lineStart = next + 1;
      line++;
    }
    if (line < firstLine) continue;
    const matched = text.slice(found.index, end).replace(/\n$/, '');
    const endLine = line + matched.split('\n').length - 1;
    const shown = lines.slice(line - 1, Math.min(endLine, line - 1 + maxLinesShown));
    const column = found.index - lineStart;
    yield {
      line,
      column: column + 1,
      text: shown.map((each, at) => excerpt(trimReturn(each), at === 0 ? column : 0, 0)).join('\n'),
      ...(endLine > line && { end_line: endLine }),
      ...(context > 0 && {
        before: lines.slice(Math.max(0, line - 1 - context), line - 1).map((each) => excerpt(trimReturn(each), 0, 0)),
        after: lines.slice(endLine, endLine + context).map((each) => excerpt(trimReturn(each), 0, 0)),
      }),
    };
  }

  function findFrom(place: number) {
    return place > text.length ? undefined : pattern.find(text, place);
  }
}
