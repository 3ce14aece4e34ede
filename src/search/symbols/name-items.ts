import { visibleLine } from '../../text/clean.ts';
import type { Definition } from './definitions.ts';
import type { Reference } from './find-references.ts';
import type { SymbolHit } from './find-symbols.ts';

/** A definition, or a line that uses a name, as answers have it. */
export interface NameMatch {
  line: number;
  column?: number;
  end_line?: number;
  role?: 'definition' | 'import' | 'comment' | 'string';
  kind?: string;
  name?: string;
  parent?: string;
  text: string;
}

export interface NamesInFile {
  path: string;
  matches: NameMatch[];
}

export interface NameItem {
  path: string;
  rank: number;
  match: NameMatch;
}

export function symbolItem({ path, rank, ...definition }: SymbolHit): NameItem {
  return { path, rank, match: definitionMatch(definition) };
}

function definitionMatch({ line, endLine, kind, name, parent, signature }: Omit<Definition, 'path'>): NameMatch {
  return { line, end_line: endLine, kind, name, ...(parent !== undefined && { parent }), text: signature };
}

export function referenceItem(reference: Reference): NameItem {
  const { path, rank } = reference;
  if ('use' in reference) return { path, rank, match: reference.use };
  return { path, rank, match: { role: 'definition', ...definitionMatch(reference.definition) } };
}

/** Neighbours of the same file under one heading; the order stays. */
export function groupNames(items: readonly NameItem[]): NamesInFile[] {
  const files: NamesInFile[] = [];
  for (const { path, match } of items) {
    const last = files.at(-1);
    if (last?.path === path) last.matches.push(match);
    else files.push({ path, matches: [match] });
  }
  return files;
}

export function describeNames({ path, matches }: NamesInFile): string {
  const lines = matches.map(({ line, column, end_line: end, role, kind, name, parent, text }) => {
    if (kind === undefined) return `  ${line}:${column} ${role ? `(${role}) ` : ''}${text}`;
    const owner = parent === undefined ? '' : ` of ${parent}`;
    return `  ${line}-${end} ${role ? `(${role}) ` : ''}${kind} ${name}${owner}: ${text}`;
  });
  return [path, ...lines].map(visibleLine).join('\n');
}
