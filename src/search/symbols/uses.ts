import { language } from '../../projects/languages.ts';
import { trimmedExcerpt } from '../../text/excerpt.ts';
import { lexLine } from '../../text/lex-line.ts';
import { grammars } from '../../text/outline-languages.ts';
import type { TextFile } from '../files/text-files.ts';

/** One line that holds a name. */
export interface Use {
  /** 1-based, in UTF-16 units. */
  line: number;
  column: number;
  text: string;
  /** Absent for what is code. */
  role?: 'import' | 'comment' | 'string';
}

/** Languages in which a name may hold these signs beside letters, digits and underscores. */
const dollarLanguages = new Set([
  'TypeScript',
  'JavaScript',
  'Java',
  'Kotlin',
  'Scala',
  'Groovy',
  'Vue',
  'Svelte',
  'Astro',
]);
const dashLanguages = new Set(['CSS', 'SCSS', 'Sass', 'Less', 'Common Lisp', 'Emacs Lisp', 'Scheme', 'Clojure']);

/** The lines where a name stands for itself, not as a part of another; each once, by the use that says most. */
export function usesIn({ path, text }: TextFile, name: string, isSensitive: boolean): Use[] {
  const languageName = language(path)?.name ?? '';
  const places = placesOf(text, name, isSensitive, languageName);
  if (places.length === 0) return [];
  const grammar = grammars.get(languageName);
  const uses: Use[] = [];
  let next = 0;
  let start = 0;
  let open: string | undefined;
  let isImporting = false;
  for (const [index, line] of text.split('\n').entries()) {
    const end = start + line.length;
    const onLine: number[] = [];
    for (let place = places[next]; place !== undefined && place <= end; place = places[next]) {
      onLine.push(place - start);
      next++;
    }
    const spans: Array<{ from: number; to: number; kind: 'comment' | 'string' }> = [];
    const onSpan =
      onLine.length === 0
        ? undefined
        : (from: number, to: number, kind: 'comment' | 'string') => void spans.push({ from, to, kind });
    if (grammar) open = lexLine(line, open, grammar, onSpan);
    isImporting = isImporting ? !/['"]/.test(line) : /^\s*import\b[^'";]*$/.test(line.slice(0, 400));
    if (onLine.length > 0) {
      const isImport = isImporting || isImportLine(line);
      const found = onLine.map((column) => ({
        column,
        kind: spans.find(({ from, to }) => from <= column && column < to)?.kind,
      }));
      const best = found.find(({ kind }) => kind === undefined) ?? found[0];
      if (best) uses.push(toUse(index + 1, best.column, line, isImport ? 'import' : best.kind));
    }
    if (next === places.length) break;
    start = end + 1;
  }
  return uses;
}

function toUse(line: number, column: number, text: string, role: Use['role']): Use {
  return { line, column: column + 1, text: trimmedExcerpt(text, column), ...(role && { role }) };
}

const importLine =
  /^\s*(?:import|from|use|using|require\w*|include\w*|mod|alias|extern crate)\b|\bfrom\s+['"]|\brequire\(\s*['"]|^\s*#\s*include\b/;

function isImportLine(line: string): boolean {
  return importLine.test(line.slice(0, 400));
}

/** The words of the lines that import, by which a file shows what it depends on. */
export function importWords(text: string): Set<string> {
  const words = new Set<string>();
  let end = -1;
  for (const { index } of text.matchAll(/\b(?:import|from|use|using|require\w*|include\w*|mod|alias)\b/g)) {
    if (index < end) continue; // on a line that was looked at
    const start = text.lastIndexOf('\n', index) + 1;
    end = text.indexOf('\n', index);
    if (end < 0) end = text.length;
    const line = text.slice(start, end);
    if (!isImportLine(line)) continue;
    for (const [word] of line.slice(0, 400).matchAll(/[\w-]+/g)) words.add(word);
    if (words.size > maxImportWords) break;
  }
  return words;
}

const maxImportWords = 1000;

function placesOf(text: string, name: string, isSensitive: boolean, languageName: string): number[] {
  const others = `${dollarLanguages.has(languageName) ? '$' : ''}${dashLanguages.has(languageName) ? '-' : ''}`;
  const isPart = (unit: string | undefined) =>
    unit !== undefined && (/[\p{L}\p{N}_]/u.test(unit) || others.includes(unit));
  const haystack = isSensitive ? text : foldCase(text);
  const needle = isSensitive ? name : foldCase(name);
  const places: number[] = [];
  for (let at = haystack.indexOf(needle); at >= 0; at = haystack.indexOf(needle, at + needle.length)) {
    const isWhole =
      !(isPart(text[at - 1]) && isPart(name[0])) && !(isPart(text[at + name.length]) && isPart(name.at(-1)));
    if (isWhole) places.push(at);
  }
  return places;
}

/** Lower case where that keeps every place. */
function foldCase(text: string): string {
  const lower = text.toLowerCase();
  return lower.length === text.length ? lower : text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}
