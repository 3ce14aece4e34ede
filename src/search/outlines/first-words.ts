import { cleanLine } from '../../text/clean.ts';
import { cut } from '../../text/cut.ts';

const maxPurpose = 280;
const legal =
  /copyright|\(c\) ?\d{4}|©|licen[cs]ed? |spdx-|all rights reserved|permission is hereby|redistribution|as.?is["”']? |warrant(?:y|ies)\b|free software|public license|you may (?:not|obtain)|law or agreed|liabilit|merchantab/i;
const pragma =
  /^(?:eslint|biome|prettier|tslint|jshint|jslint|istanbul|c8|v8|@ts-|@flow|@jsx|@vitest|@jest|deno-|dprint|noqa|type:|pylint|pragma|vim?:|-\*-|coding[:=]|clang-format|nolint|go:|\+build|rubocop|frozen_string_literal|global |globals |sourceMappingURL|<reference|region|endregion|noinspection|shellcheck|swiftlint|cspell|copied from|taken from|author|todo\b|fixme\b|xxx\b|\$id\b|\$(?:header|revision|date)\b|generated\b|note:|warning:)/i;
const fileName = /^[\w./\\-]+\.\w{1,5}[:.]?$/;
const rule = /^[\s=*#~\-_/+.]*$/;

/** What a comment says first that is about the code: no licence, no orders to tools, no tags; two sentences at most. */
export function firstWords(lines: readonly string[]): string {
  for (const paragraph of paragraphsOf(lines)) {
    const text = plain(paragraph);
    if (
      text === '' ||
      /^(?:https?:\S+\s*)+$/.test(text) ||
      legal.test(text) ||
      pragma.test(text) ||
      fileName.test(text) ||
      rule.test(text)
    )
      continue;
    if (!/\p{L}{2}/u.test(text) || looksLikeCode(text) || /^.{0,40}:$/.test(text)) continue;
    return sentences(text);
  }
  return '';
}

/** Of one line or more, without marks of Markdown and JSDoc, at most two sentences. */
export function sentences(text: string): string {
  const line = cleanLine(text);
  const [, two] = /^(.{20,}?[.!?…](?=\s+[\p{Lu}`"'(]).{0,}?(?:[.!?](?=\s+[\p{Lu}`"'(])|$))/u.exec(line) ?? [];
  return cut(two === undefined || two.length > maxPurpose ? firstSentence(line) : two, maxPurpose);
}

function firstSentence(line: string): string {
  return /^.{20,}?[.!?](?=\s+[\p{Lu}`"'(])/u.exec(line)?.[0] ?? line;
}

function* paragraphsOf(lines: readonly string[]): Generator<string> {
  let paragraph: string[] = [];
  let isFenced = false;
  for (const raw of lines) {
    const line = raw.trim();
    if (/^(?:```|~~~)/.test(line)) isFenced = !isFenced;
    const isEnd = line === '' || isFenced || rule.test(line) || /^(?:```|~~~|@\w)/.test(line) || pragma.test(line);
    if (isEnd && paragraph.length > 0) {
      yield paragraph.join(' ');
      paragraph = [];
    }
    const tagged = /^@(?:file(?:overview)?|overview|module|summary|description|brief)\s+(.+)$/.exec(line)?.[1];
    if (tagged !== undefined) paragraph.push(tagged);
    else if (!isEnd && !fileName.test(line)) paragraph.push(line);
    else if (/^@(?:param|returns?|throws|example|see|type|template)\b/.test(line)) return;
  }
  if (paragraph.length > 0) yield paragraph.join(' ');
}

/** A comment that was code. */
function looksLikeCode(text: string): boolean {
  return (
    /^(?:import|export|const|let|var|return|if|for|function|def|class)\b.*[;{(=]/.test(text) || /[;{}]$/.test(text)
  );
}

function plain(text: string): string {
  return text
    .replace(/\{@\w+\s+([^}]*)\}/g, '$1')
    .replace(/!\[[^\]]*\]\([^)]*\)/g, '')
    .replace(/\[([^\]]+)\](?:\([^)]*\)|\[[^\]]*\])/g, '$1')
    .replace(/<\/?[a-z][^<>]{0,200}>/gi, ' ')
    .replace(/^(?:#+|>+|[-*+])\s+/, '')
    .replace(/\*\*|__/g, '')
    .trim();
}
