import type { OutlineEntry } from '../../text/outline.ts';
import { wholeSignature } from './signature.ts';
import { isHiddenByName, visibilityIn } from './visibility.ts';

export interface OutlinedSymbol {
  /** 1-based. */
  line: number;
  kind: string;
  name: string;
  signature: string;
  /** Whether other files may use it. */
  isOffered: boolean;
  /** Names of what it holds that others may use: methods, fields, variants. */
  members: string[];
}

export const documentKinds: ReadonlySet<string> = new Set(['heading', 'key', 'table']);

export function isCode(kind: string): boolean {
  return !documentKinds.has(kind) && kind !== 'passed on' && kind !== 'default';
}

/** What is seldom the point of a file. */
export function isValue(kind: string): boolean {
  return /^(?:const|var|let|type|property|macro|impl)$/.test(kind);
}

const maxMembers = 60;

export function symbolsIn(
  path: string,
  text: string,
  lines: readonly string[],
  languageName: string | undefined,
  entries: readonly OutlineEntry[],
): OutlinedSymbol[] {
  const visibility = visibilityIn(path, text, lines, languageName, entries);
  const symbols: OutlinedSymbol[] = visibility.others.map((other) => ({ ...other, isOffered: true, members: [] }));
  const enclosing: Array<OutlinedSymbol | undefined> = [];
  for (const entry of entries) {
    const line = lines[entry.line - 1] ?? '';
    enclosing.length = entry.depth;
    const parent = enclosing.at(-1);
    const isModule = documentKinds.has(entry.kind) || entry.depth === 0 || isNamespace(parent);
    if (isModule) {
      const { line: at, kind, name } = entry;
      const isOffered = documentKinds.has(kind) || visibility.isOffered(entry, line);
      const symbol = { line: at, kind, name, signature: wholeSignature(lines, entry), isOffered, members: [] };
      symbols.push(symbol);
      enclosing.push(symbol);
    } else {
      if (parent && isMember(parent, entry, line)) parent.members.push(entry.name);
      enclosing.push(undefined);
    }
  }
  return withImplementations(symbols.sort((a, b) => a.line - b.line));
}

/** What is implemented for a type of the same file is told with it. */
function withImplementations(symbols: readonly OutlinedSymbol[]): OutlinedSymbol[] {
  const types = new Map(symbols.flatMap((each) => (each.kind === 'impl' ? [] : [[each.name, each] as const])));
  return symbols.filter(({ kind, name, members }) => {
    if (kind !== 'impl') return true;
    const type = types.get(/^&?(?:mut )?(?:\w+::)*(\w+)/.exec(name.split(/\bfor\s+/).at(-1) ?? '')?.[1] ?? '');
    if (!type) return true;
    if (!/\bfor\b/.test(name)) type.members.push(...members.filter((each) => !type.members.includes(each)));
    return false;
  });
}

function isNamespace(symbol: OutlinedSymbol | undefined): boolean {
  return symbol !== undefined && /^(?:namespace|module)$/.test(symbol.kind);
}

/** What is declared within a function is nobody else's. */
function isMember({ kind, members }: OutlinedSymbol, { name }: OutlineEntry, line: string): boolean {
  if (/^(?:function|method|const|var)$/.test(kind) || members.length >= maxMembers) return false;
  return !isHiddenByName(name) && !/^\s*(?:private|protected)\b/.test(line) && !members.includes(name);
}
