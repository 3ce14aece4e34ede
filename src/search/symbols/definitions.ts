import { language } from '../../projects/languages.ts';
import { declaredOn, type OutlineEntry, outline } from '../../text/outline.ts';
import type { SymbolQuery } from './symbol-query.ts';

/** A definition as the lines of a file tell it. */
export interface Definition {
  path: string;
  /** 1-based; `endLine` is the last one. */
  line: number;
  endLine: number;
  kind: string;
  name: string;
  /** The name of what encloses it. */
  parent?: string;
  signature: string;
  /** A function without its body, as in a header. */
  isDeclared: boolean;
}

/** Documents and settings have headings and keys, which are definitions only for who asks for them. */
const documentKinds = new Set(['heading', 'key', 'table']);

/** The definitions in a text that a query may mean by kind and owner, of those whose name is wanted. */
export function definitionsIn(
  { path, text }: { path: string; text: string },
  { parents, kinds }: SymbolQuery,
  isWanted: (name: string) => boolean,
): Definition[] {
  const owner = parents.at(-1);
  const found: Definition[] = [];
  const enclosing: string[] = [];
  let lines: string[] | undefined;
  for (const entry of outline(text, language(path)?.name)) {
    const { line, kind, signature, depth } = entry;
    const { name, qualifier } = splitName(entry);
    const parent = qualifier ?? enclosing[depth - 1];
    enclosing.length = depth;
    enclosing.push(name);
    if (!isWanted(name) || (kinds ? !kinds.has(kind) : documentKinds.has(kind))) continue;
    if (owner !== undefined && !isOwnedBy(owner, parent, signature, path)) continue;
    lines ??= text.split('\n');
    const endLine = endOf(lines, line);
    found.push({
      path,
      line,
      endLine,
      kind,
      name: ownCopy(name),
      signature: ownCopy(signature),
      isDeclared: isDeclared(kind, lines.slice(line - 1, endLine)),
      ...(parent !== undefined && { parent: ownCopy(parent) }),
    });
  }
  return found;
}

/** Whether a text may define the name, or one that holds it, by a look at the lines that have it. */
export function mayDefine({ path, text }: { path: string; text: string }, name: string, isSensitive: boolean): boolean {
  const languageName = language(path)?.name;
  const fold = (part: string) => (isSensitive ? part : part.toLowerCase());
  const haystack = fold(text);
  if (haystack.length !== text.length) return true; // places would not be the same
  const wanted = fold(name);
  for (let at = haystack.indexOf(wanted); at >= 0; ) {
    const start = text.lastIndexOf('\n', at) + 1;
    const end = text.indexOf('\n', at);
    const line = text.slice(start, end < 0 ? text.length : end);
    if (fold(declaredOn(line, languageName) ?? '').includes(wanted)) return true;
    at = end < 0 ? -1 : haystack.indexOf(wanted, end);
  }
  return false;
}

/** A part of a string keeps all of it in memory, here the text of a whole file. */
function ownCopy(part: string): string {
  return Buffer.from(part).toString();
}

/** `Cart::total` is defined outside its class, and `impl Total for Cart` is of the type. */
function splitName({ name, kind, signature }: OutlineEntry): { name: string; qualifier?: string } {
  if (kind === 'impl') return { name: /(?:\bfor\s+)?([\w]+)(?:<.*)?\s*$/.exec(name)?.[1] ?? name };
  const receiver = /^func\s*\(\s*\w*\s*\*?\s*(\w+)/.exec(signature)?.[1];
  if (receiver !== undefined) return { name, qualifier: receiver };
  const at = name.lastIndexOf('::');
  return at > 0 ? { name: name.slice(at + 2), qualifier: name.slice(0, at) } : { name };
}

/** The owner is what encloses it, or the file or folder that a language takes for a module. */
function isOwnedBy(owner: string, parent: string | undefined, signature: string, path: string): boolean {
  const wanted = owner.toLowerCase();
  if (parent !== undefined) return parent.toLowerCase().split('::').includes(wanted);
  const segments = path.toLowerCase().split('/');
  const stem = (segments.pop() ?? '').replace(/\.[^.]*$/, '');
  return stem === wanted || segments.at(-1) === wanted || signature.toLowerCase().includes(`${wanted}.`);
}

/**
 * Where a definition ends, by indentation: before the next line that is indented no more than its first one, unless
 * that line closes or goes on with it.
 */
function endOf(lines: readonly string[], line: number): number {
  const indent = indentOf(lines[line - 1] ?? '');
  let end = line;
  for (let at = line; at < lines.length; at++) {
    const text = lines[at] ?? '';
    const trimmed = text.trim();
    if (trimmed === '') continue;
    if (indentOf(text) > indent) {
      end = at + 1;
      continue;
    }
    if (indentOf(text) < indent) return end;
    if (/^(?:[)\]}]|end\b|\{|:|fi\b|done\b)/.test(trimmed)) {
      end = at + 1;
      if (/^(?:[)\]}]+[;,]?|end|fi|done)$/.test(trimmed) && !/[({]$/.test(trimmed)) return end;
      continue;
    }
    return end;
  }
  return end;
}

function isDeclared(kind: string, lines: readonly string[]): boolean {
  if (kind === 'var') return /^extern\b/.test(lines[0] ?? '');
  const isFunction = kind === 'function' || kind === 'method';
  return isFunction && /;\s*$/.test(lines.at(-1) ?? '') && !lines.some((line) => /\{|=>|=/.test(line));
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}
