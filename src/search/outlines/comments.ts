import type { CommentStyle } from './comment-styles.ts';

export interface Comment {
  /** Without the marks around it. */
  lines: string[];
  /** The place of the first line after it. */
  end: number;
}

const maxHeadLines = 200;
const maxCommentLines = 200;
/** What may stand before the first declaration: imports, the package's name, directives. */
const prologue =
  /^(?:import\b|from\b.*\bimport\b|export\s.*\bfrom\s|package\b|module\s+[\w.]+\s*(?:where|;)?$|use\b|using\b|#\s*include|#\s*pragma|#\s*(?:if|ifn?def|define\s+\w+_H_*)\b|require\b|const\s.*\brequire\(|extern crate|#!\[|<\?php|declare\(|["']use \w+["']|\/\/\/\s*<ref|%?set\b|namespace\b|@file:|defmodule|<!DOCTYPE|---$)/i;

/** The comments before the first declaration, and whether code follows each at once, of which it then may speak alone. */
export function* headComments(
  lines: readonly string[],
  style: CommentStyle,
): Generator<Comment & { isAttached: boolean }> {
  let at = 0;
  while (at < Math.min(lines.length, maxHeadLines)) {
    const line = (lines[at] ?? '').trim();
    const comment = line === '' || /^#!(?!\[)/.test(line) ? undefined : commentAt(lines, at, style);
    if (comment) {
      const next = (lines[comment.end] ?? '').trim();
      yield { ...comment, isAttached: next !== '' && !prologue.test(next) && !commentAt(lines, comment.end, style) };
      at = comment.end;
    } else if (line === '' || /^#!(?!\[)/.test(line)) at++;
    else if (prologue.test(line)) at = endOfStatement(lines, at);
    else return;
  }
}

/** The comment that begins on a line. */
export function commentAt(lines: readonly string[], at: number, style: CommentStyle): Comment | undefined {
  const first = (lines[at] ?? '').trim();
  for (const [open, close] of style.blocks) {
    const opened = open.exec(first)?.[0];
    if (opened !== undefined) return blockAt(lines, at, first.slice(opened.length), close);
  }
  const { line } = style;
  if (!line?.test(first)) return undefined;
  let end = at;
  const found: string[] = [];
  for (; end < lines.length && end - at < maxCommentLines; end++) {
    const text = (lines[end] ?? '').trim();
    if (!line.test(text)) break;
    found.push(text.replace(line, '').trim());
  }
  return { lines: found, end };
}

/** The comment that ends right above a declaration, with attributes perhaps in between. */
export function commentAbove(lines: readonly string[], declaration: number, style: CommentStyle): Comment | undefined {
  let last = declaration - 1;
  while (attribute.test(lines[last] ?? '')) last--;
  const text = (lines[last] ?? '').trim();
  const isLine = (place: number) => style.line?.test((lines[place] ?? '').trim()) === true;
  const block = style.blocks.find(([, close]) => text.endsWith(close));
  const isStart = block
    ? (place: number) => block[0].test((lines[place] ?? '').trim())
    : (place: number) => !isLine(place - 1);
  if (!block && !isLine(last)) return undefined;
  for (let first = last; first >= Math.max(0, last - maxCommentLines); first--) {
    const comment = isStart(first) ? commentAt(lines, first, style) : undefined;
    if (comment) return comment.end === last + 1 ? comment : undefined;
  }
  return undefined;
}

const attribute = /^\s*(?:@\w[\w.]*(?:\(.*\))?$|#\[.*\]$|\[[A-Z].*\]$|template\s*<)/;
const maxHeaderLines = 12;

/** The text right below the first lines of a declaration, where Python has it. */
export function commentBelow(lines: readonly string[], declaration: number, style: CommentStyle): Comment | undefined {
  for (let at = declaration; at < Math.min(lines.length, declaration + maxHeaderLines); at++) {
    if (!/:\s*(?:#.*)?$/.test(lines[at] ?? '')) continue;
    const next = (lines[at + 1] ?? '').trim();
    return style.blocks.some(([open]) => open.test(next)) ? commentAt(lines, at + 1, style) : undefined;
  }
  return undefined;
}

function blockAt(lines: readonly string[], at: number, first: string, close: string): Comment {
  const found: string[] = [];
  for (let place = at; place < Math.min(lines.length, at + maxCommentLines); place++) {
    const line = place === at ? first : (lines[place] ?? '');
    const end = line.indexOf(close);
    const text = end < 0 ? line : line.slice(0, end);
    found.push(withoutStar(text));
    if (end >= 0) return { lines: found, end: place + 1 };
  }
  return { lines: found, end: Math.min(lines.length, at + maxCommentLines) };
}

function withoutStar(line: string): string {
  return line
    .trim()
    .replace(/^\*+(?=\s|$)/, '')
    .trim();
}

/** After the line on which the brackets of a statement are closed. */
function endOfStatement(lines: readonly string[], at: number): number {
  let depth = 0;
  for (let place = at; place < Math.min(lines.length, at + maxHeadLines); place++) {
    for (const [bracket] of (lines[place] ?? '').matchAll(/[({[\])}]/g)) depth += '({['.includes(bracket) ? 1 : -1;
    if (depth <= 0) return place + 1;
  }
  return at + 1;
}
