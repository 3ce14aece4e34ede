import type { OutlineEntry } from '../../text/outline.ts';

/** What a source file offers to others, as its language says it. */
export interface Visibility {
  isOffered(entry: OutlineEntry, line: string): boolean;
  /** What it passes on or offers without a declaration. */
  others: ReadonlyArray<{ line: number; kind: string; name: string; signature: string }>;
}

const script = new Set(['TypeScript', 'JavaScript']);
const byPrefix: Readonly<Record<string, RegExp>> = {
  Rust: /^\s*(?:pub\b|impl\b|macro_rules!)/,
  Java: /\b(?:public|protected|interface|@interface)\b/,
  'C#': /\b(?:public|protected|namespace)\b/,
};
const unlessPrivate: Readonly<Record<string, RegExp>> = {
  Kotlin: /\b(?:private|internal)\b/,
  Swift: /\b(?:private|fileprivate)\b/,
  Scala: /\bprivate\b/,
  PHP: /\b(?:private|protected)\b/,
  C: /^\s*static\b/,
  'C++': /^\s*static\b/,
  Elixir: /^\s*def(?:p|macrop)\b/,
};

export function visibilityIn(
  path: string,
  text: string,
  lines: readonly string[],
  languageName: string | undefined,
  entries: readonly OutlineEntry[],
): Visibility {
  const name = languageName ?? '';
  if (script.has(name)) return scriptVisibility(text, lines, entries);
  const [prefix, hidden] = [byPrefix[name], unlessPrivate[name]];
  const isLocal = /\.(?:c|cc|cpp|cxx)$/i.test(path);
  const isOffered = (entry: OutlineEntry, line: string) => {
    if (isHiddenByName(entry.name) || (isLocal && entry.kind === 'macro')) return false;
    if (name === 'Go') return /^\p{Lu}/u.test(entry.name);
    return prefix ? prefix.test(line) : !hidden?.test(line);
  };
  return { isOffered, others: [] };
}

export function isHiddenByName(name: string): boolean {
  return /^(?:_(?!_\w+__$)|#)/.test(name);
}

function scriptVisibility(text: string, lines: readonly string[], entries: readonly OutlineEntry[]): Visibility {
  const listed = new Set<string>();
  const others: Array<Visibility['others'][number]> = [];
  for (const match of text.matchAll(
    /^export\s+(type\s+)?(\*(?:\s+as\s+[\w$]+)?|\{[^}]{0,4000}\})(?:\s*from\s*(['"][^'"\n]{1,200}['"]))?/gm,
  )) {
    const names = namesOf(match[2] ?? '');
    if (match[3] === undefined) for (const each of names) listed.add(each);
    else others.push(passedOn(lineAt(text, match.index), match[2] ?? '', match[3]));
  }
  for (const [, one, list] of text.matchAll(/^(?:module\.)?exports(?:\.([\w$]+))?\s*=\s*(?:\{([^}]{0,4000})\})?/gm)) {
    if (one !== undefined) listed.add(one);
    for (const each of namesOf(list ?? '')) listed.add(each);
  }
  const declared = new Set(entries.map(({ line }) => line));
  for (const match of text.matchAll(
    /^export\s+default\s+(?!(?:async\s+)?function\s+\w|(?:abstract\s+)?class\s+\w|interface\b)([^\n]{1,120})/gm,
  )) {
    const line = lineAt(text, match.index);
    if (entries.some(({ name }) => name === match[1]?.replace(/;$/, ''))) listed.add(match[1]?.replace(/;$/, '') ?? '');
    else if (!declared.has(line))
      others.push({
        line,
        kind: 'default',
        name: 'default',
        signature: (lines[line - 1] ?? '').trim().replace(/\s*[{([]?;?$/, ''),
      });
  }
  return {
    isOffered: (entry, line) => /^\s*export\b/.test(line) || (entry.depth === 0 && listed.has(entry.name)),
    others,
  };
}

function namesOf(list: string): string[] {
  return [...list.matchAll(/(?:^|[{,])\s*(?:type\s+)?([\w$]+)/g)].flatMap(([, name]) => name ?? []);
}

function passedOn(line: number, what: string, from: string) {
  const names = what.startsWith('*') ? what : namesOf(what).join(', ');
  return { line, kind: 'passed on', name: names, signature: `${names} from ${from}` };
}

function lineAt(text: string, index: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at >= 0 && at < index; at = text.indexOf('\n', at + 1)) line++;
  return line;
}
