import { lexLine } from './lex-line.ts';
import { type Declaration, type Grammar, grammars } from './outline-languages.ts';
import { findHeadings } from './outline-markdown.ts';

export interface OutlineEntry {
  /** 1-based. */
  line: number;
  /** `function`, `class`, `method`, `interface`, `type`, `enum`, `const`, `heading`, `key`, ... */
  kind: string;
  name: string;
  /** The line of the declaration, trimmed, at most 160 characters. */
  signature: string;
  /** How many of the entries above enclose this one. */
  depth: number;
}

interface Found {
  line: number;
  kind: string;
  name: string;
  signature: string;
  /** Columns of white space, or the level of a heading. */
  indent: number;
}

const lineCap = 400;
const signatureCap = 160;
const modifierCap = 8;

/** What turns the functions in it into methods. */
const types = new Set('class interface struct trait impl object enum protocol extension actor record union'.split(' '));

/**
 * The declarations of a source text, or the headings or top-level keys of a document; none for a language without a
 * grammar. Lexical: it reads line by line, by patterns and indentation, in linear time, and parses nothing. So a declaration
 * must start on a line of at most 400 characters, and one inside a here-document or an unusual string may be listed.
 */
export function outline(text: string, languageName: string | undefined): OutlineEntry[] {
  const lines = text.split('\n');
  if (languageName === 'Markdown') return nest(headings(lines));
  const grammar = grammars.get(languageName ?? '');
  if (grammar === undefined) return [];
  const entries = nest(declarations(lines, grammar));
  return grammar.keep ? grammar.keep(entries, text) : entries;
}

/**
 * What a line would declare by itself: a name, or more than that. A line that is not one of an outline may tell so too, as
 * in a comment, and no line of an outline has none; so that a file without any need not be outlined.
 */
export function declaredOn(line: string, languageName: string | undefined): string | undefined {
  if (languageName === 'Markdown') return line;
  const grammar = grammars.get(languageName ?? '');
  if (!grammar || line.length > lineCap) return undefined;
  return declarationOn(line, grammar)?.name ?? grammar.group?.member.exec(line)?.groups?.name;
}

function headings(lines: string[]): Found[] {
  return findHeadings(lines, lineCap).map(({ line, level, name }) => {
    return { line, kind: 'heading', name, signature: signatureOf(lines[line - 1] ?? ''), indent: level };
  });
}

function declarations(lines: string[], grammar: Grammar): Found[] {
  const found: Found[] = [];
  const groupOn = createGroups(grammar);
  let closer: string | undefined;
  for (const [index, line] of lines.entries()) {
    const startsInside = closer !== undefined;
    closer = lexLine(line, closer, grammar);
    if (startsInside || line.length > lineCap) continue;
    const entry = groupOn(line) ?? declarationOn(line, grammar, { lines, index });
    if (entry) found.push({ line: index + 1, ...entry });
  }
  return found;
}

/** Knows for each line, in their order, whether it is a member of a group. */
function createGroups({ group }: Grammar): (line: string) => Omit<Found, 'line'> | undefined {
  let kind: string | undefined;
  return (line) => {
    if (!group) return undefined;
    const opened = group.open.exec(line)?.groups?.kind;
    if (opened !== undefined || group.close.test(line)) kind = opened;
    const name = kind === undefined ? undefined : group.member.exec(line)?.groups?.name;
    return kind === undefined || name === undefined
      ? undefined
      : { kind, name, signature: signatureOf(line), indent: 0 };
  };
}

/** @param around without it, what stands on other lines is taken to be as it has to be */
function declarationOn(
  line: string,
  grammar: Grammar,
  around?: { lines: readonly string[]; index: number },
): Omit<Found, 'line'> | undefined {
  const trimmed = line.trim();
  if (trimmed === '') return undefined;
  const indent = indentOf(line);
  const bare = withoutModifiers(trimmed.replaceAll('\t', ' '), grammar.modifier);
  for (const declaration of grammar.declarations) {
    const { below, closedBy } = declaration;
    if (!fits(declaration, indent)) continue;
    if (below && around && !below.test(around.lines[around.index - 1]?.slice(0, lineCap) ?? '')) continue;
    const { name, kind = declaration.kind } = forLine(declaration.pattern, bare).exec(bare)?.groups ?? {};
    if (name === undefined || kind === undefined) continue;
    if (closedBy && around && !closedBy.test(closingLine(around) ?? '')) continue;
    return { kind: kind.toLowerCase(), name: name.trim(), signature: signatureOf(line), indent };
  }
  return undefined;
}

const widened = new Map<RegExp, RegExp>();

/** Most lines are ASCII, and most patterns are faster without Unicode's words. */
function forLine(pattern: RegExp, line: string): RegExp {
  if (!/[^\0-\x7f]/.test(line)) return pattern;
  let wide = widened.get(pattern);
  if (wide === undefined) {
    const source = pattern.source.replace(/\\.|\[(?:\\.|[^\]\\])*\]/g, withUnicodeWords);
    wide = new RegExp(source, `${pattern.flags}u`);
    widened.set(pattern, wide);
  }
  return wide;
}

const wordCharacters = '\\p{L}\\p{M}\\p{N}_';
const wordBoundary = `(?:(?<=[${wordCharacters}])(?![${wordCharacters}])|(?<![${wordCharacters}])(?=[${wordCharacters}]))`;

/** @param part an escape or a class of a pattern's source */
function withUnicodeWords(part: string): string {
  if (part === '\\b') return wordBoundary;
  if (part === '\\w') return `[${wordCharacters}]`;
  return part.startsWith('[') ? part.replaceAll('\\w', wordCharacters) : part;
}

const closingCap = 60;

/** The next line that is indented no more than this one. */
function closingLine({ lines, index }: { lines: readonly string[]; index: number }): string | undefined {
  const indent = indentOf(lines[index] ?? '');
  return lines
    .slice(index + 1, index + closingCap)
    .find((line) => line.length <= lineCap && line.trim() !== '' && indentOf(line) <= indent);
}

function indentOf(line: string): number {
  const space = line.slice(0, line.length - line.trimStart().length);
  return space.replaceAll('\t', '    ').length;
}

function withoutModifiers(line: string, modifier: RegExp | undefined): string {
  let rest = line;
  for (let count = 0; modifier && count < modifierCap && modifier.test(rest); count++) {
    rest = rest.replace(modifier, '');
  }
  return rest;
}

function fits({ where }: Declaration, indent: number): boolean {
  return where === undefined || (where === 'top') === (indent === 0);
}

/** Cut between characters, never inside a surrogate pair. */
function signatureOf(line: string): string {
  return line
    .slice(0, lineCap)
    .trim()
    .slice(0, signatureCap)
    .replace(/[\uD800-\uDBFF]$/, '');
}

/** An entry lies inside the last one before it that is indented less. */
function nest(found: Found[]): OutlineEntry[] {
  const enclosing: Found[] = [];
  return found.map((entry) => {
    while ((enclosing.at(-1)?.indent ?? -1) >= entry.indent) enclosing.pop();
    const isMethod = entry.kind === 'function' && types.has(enclosing.at(-1)?.kind ?? '');
    const depth = enclosing.push(entry) - 1;
    const { line, kind, name, signature } = entry;
    return { line, kind: isMethod ? 'method' : kind, name, signature, depth };
  });
}
