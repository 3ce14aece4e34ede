import type { Root } from '../projects/door.ts';
import type { JobControl } from '../projects/job-control.ts';
import { language } from '../projects/languages.ts';
import { isAside } from './aside.ts';
import { type Definition, definitionsIn } from './definitions.ts';
import { confirm, rankOf, type SymbolHit } from './find-symbols.ts';
import { createPathFilter } from './globs.ts';
import { parseSymbolQuery } from './symbol-query.ts';
import type { Syntax } from './syntax.ts';
import { createNameTest, readText, type TextFile, type TextFilesEnd, textFiles } from './text-files.ts';
import { importWords, type Use, usesIn } from './uses.ts';

export interface FindReferencesInput {
  root: Root;
  query: string;
  letterCase: 'smart' | 'sensitive' | 'insensitive';
  include: readonly string[];
  exclude: readonly string[];
  limit: number;
  after?: ReferencePosition | undefined;
}

/** Definitions come before all uses. */
export interface ReferencePosition {
  rank: number;
  path: string;
  line: number;
}

export type Reference = { path: string; rank: number } & ({ definition: Definition } | { use: Use });

export interface FindReferencesOutput {
  references: Reference[];
  /** Of all pages: definitions and lines that use the name. */
  total: number;
  more: boolean;
  filesSearched: number;
  cut?: TextFilesEnd['cut'];
}

/** A file that uses the name; its lines are read again for the page that shows them, since names can be everywhere. */
interface UsingFile {
  path: string;
  rank: number;
}

interface Survey {
  definitions: SymbolHit[];
  users: Array<UsingFile & { words: Uint32Array; isCode: boolean }>;
  lines: number;
}

/**
 * Finds where a name is defined and where it is used, by the boundaries of identifiers: first the definitions, then the
 * files that import one that defines it or do so themselves, then other code, then those that only mention it in
 * comments and strings; tests and generated files last of all.
 */
export async function findReferences(
  input: FindReferencesInput,
  syntax: Syntax,
  control: JobControl,
): Promise<FindReferencesOutput> {
  const { root, after, limit } = input;
  const query = parseSymbolQuery(input.query);
  const isSensitive = input.letterCase !== 'insensitive'; // names are, in nearly all languages
  const survey: Survey = { definitions: [], users: [], lines: 0 };
  let filesSearched = 0;
  const passes = createPathFilter(input.include, input.exclude);
  const isWanted = createNameTest(query.name, isSensitive);
  const files = textFiles({ root, passes, isWanted, onFile: () => void filesSearched++ }, control);
  let step = files.next();
  for (; !step.done; step = files.next()) look(step.value);
  const { cut } = step.value;

  survey.definitions.sort(compare);
  const usingFiles = rankUsers(survey).sort(compareFiles);
  const definitions = after ? survey.definitions.filter((hit) => compare(hit, after) > 0) : survey.definitions;
  const confirmed = await confirm(root, definitions.slice(0, limit), syntax, control);
  const references: Reference[] = confirmed.map((definition) => ({
    path: definition.path,
    rank: definition.rank,
    definition,
  }));
  const isDefined = new Set(survey.definitions.map(({ path, line }) => `${path}:${line}`));
  for (const { path, rank } of usingFiles) {
    if (references.length > limit) break;
    if (after && (rank < after.rank || (rank === after.rank && path < after.path))) continue;
    const text = readText(root, path);
    const isPartly = after?.rank === rank && after.path === path;
    for (const use of text === undefined ? [] : usesIn({ path, text }, query.name, isSensitive)) {
      if (isDefined.has(`${path}:${use.line}`) || (isPartly && use.line <= after.line)) continue;
      references.push({ path, rank, use });
      if (references.length > limit) break;
    }
  }
  const more = references.length > limit || definitions.length > limit;
  const total = survey.definitions.length + survey.lines;
  return { references: references.slice(0, limit), total, more, filesSearched, ...(cut && { cut }) };

  function look(file: TextFile) {
    const uses = usesIn(file, query.name, isSensitive);
    if (uses.length === 0) return;
    const isSame = (name: string) =>
      name === query.name || (!isSensitive && name.toLowerCase() === query.name.toLowerCase());
    const found = definitionsIn(file, query, isSame);
    const lines = new Set(found.map(({ line }) => line));
    survey.definitions.push(...found.map((each) => ({ ...each, rank: rankOf(0, each, 0) })));
    const others = uses.filter(({ line }) => !lines.has(line));
    if (others.length === 0) return;
    survey.lines += others.length;
    const isCode = isProgram(file.path) && others.some(({ role }) => role === undefined || role === 'import');
    survey.users.push({ path: file.path, rank: 0, isCode, words: hashAll(importWords(file.text)) });
  }
}

const documents = new Set(
  'Markdown,Text,reStructuredText,AsciiDoc,TeX,JSON,JSON with Comments,JSON5,JSON Lines,YAML,TOML,XML,SVG,CSV,TSV,INI,Diff'.split(
    ',',
  ),
);

/** Prose and data mention names; they do not use them. */
function isProgram(path: string): boolean {
  const name = language(path)?.name;
  return name !== undefined && !documents.has(name);
}

function compare(a: ReferencePosition, b: ReferencePosition): number {
  return compareFiles(a, b) || a.line - b.line;
}

function compareFiles(a: UsingFile, b: UsingFile): number {
  return a.rank - b.rank || (a.path < b.path ? -1 : a.path > b.path ? 1 : 0);
}

/** Above every rank of a definition. */
const useRank = 10_000_000;

function rankUsers({ definitions, users }: Survey): UsingFile[] {
  const defining = new Set(definitions.map(({ path }) => path));
  const modules = new Set([...defining].map((path) => hash(moduleName(path))));
  return users.map(({ path, words, isCode }) => {
    const isNear = defining.has(path) || words.some((word) => modules.has(word));
    const rank = useRank + (isAside(path) ? 4 : 0) + (isCode ? (isNear ? 0 : 1) : 2);
    return { path, rank };
  });
}

/** What an import calls a file: its name without extension, or its folder's where the file stands for it. */
function moduleName(path: string): string {
  const parts = path.split('/');
  const stem = (parts.pop() ?? '').replace(/\.[^.]*$/, '');
  return /^(?:index|mod|lib|main|__init__|init)$/.test(stem) ? (parts.at(-1) ?? stem) : stem;
}

function hashAll(words: ReadonlySet<string>): Uint32Array {
  return Uint32Array.from(words, hash);
}

/** FNV-1a: http://www.isthe.com/chongo/tech/comp/fnv/ */
function hash(word: string): number {
  let value = 0x811c9dc5;
  for (let at = 0; at < word.length; at++) value = Math.imul(value ^ word.charCodeAt(at), 0x01000193) >>> 0;
  return value;
}
