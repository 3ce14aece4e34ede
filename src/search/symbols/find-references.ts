import type { Root } from '../../projects/door.ts';
import type { JobControl } from '../../projects/job-control.ts';
import { language } from '../../projects/languages.ts';
import { createPathFilter } from '../../text/globs.ts';
import { fnv1a } from '../../text/hash.ts';
import { isAside } from '../files/file-role.ts';
import {
  createNameTest,
  type FileSource,
  readText,
  type TextFile,
  type TextFilesEnd,
  textFiles,
} from '../files/text-files.ts';
import { type Definition, definitionsIn, mayDefine } from './definitions.ts';
import { type NamePosition, type NameQuestion, rankOf, type SymbolHit } from './find-symbols.ts';
import { parseSymbolQuery } from './symbol-query.ts';
import { importWords, type Use, usesIn } from './uses.ts';

export type SurveyReferencesInput = NameQuestion & { source: FileSource };

export interface ReferenceSurvey extends TextFilesEnd {
  definitions: SymbolHit[];
  users: UserFile[];
  /** For each of them, hashes of the words on the lines that import, and in `ends` where its last one is. */
  words: Uint32Array;
  ends: Uint32Array;
  /** That use the name without defining it. */
  lines: number;
}

interface UserFile {
  path: string;
  /** Whether it uses the name, and not only in comments and strings. */
  isCode: boolean;
}

/** A file that uses the name; its lines are read again for the page that shows them, since names can be everywhere. */
export interface RankedUser {
  path: string;
  rank: number;
}

/** Finds the definitions of a name and the files that use it, by the boundaries of identifiers. */
export function surveyReferences(input: SurveyReferencesInput, control: JobControl): ReferenceSurvey {
  const { root, source } = input;
  const query = parseSymbolQuery(input.query);
  const isSensitive = areNamesSensitive(input);
  const survey: Pick<ReferenceSurvey, 'definitions' | 'users' | 'lines'> = { definitions: [], users: [], lines: 0 };
  const words: number[] = [];
  const ends: number[] = [];
  const passes = createPathFilter(input.include, input.exclude);
  const isWanted = createNameTest(query.name, isSensitive);
  const isSame = (name: string) =>
    name === query.name || (!isSensitive && name.toLowerCase() === query.name.toLowerCase());
  const files = textFiles({ root, source, passes, isWanted }, control);
  let step = files.next();
  for (; !step.done; step = files.next()) look(step.value);
  return { ...survey, words: Uint32Array.from(words), ends: Uint32Array.from(ends), ...step.value };

  function look(file: TextFile) {
    const uses = usesIn(file, query.name, isSensitive);
    if (uses.length === 0) return;
    const found = mayDefine(file, query.name, isSensitive) ? definitionsIn(file, query, isSame) : [];
    const lines = new Set(found.map(({ line }) => line));
    survey.definitions.push(...found.map((each) => ({ ...each, rank: rankOf(0, each, 0) })));
    const others = uses.filter(({ line }) => !lines.has(line));
    if (others.length === 0) return;
    survey.lines += others.length;
    const isCode = isProgram(file.path) && others.some(({ role }) => role === undefined || role === 'import');
    survey.users.push({ path: file.path, isCode });
    for (const word of importWords(file.text)) words.push(fnv1a(word));
    ends.push(words.length);
  }
}

export interface ReadUsesInput {
  root: Root;
  name: string;
  isSensitive: boolean;
  files: readonly RankedUser[];
  /** Lines that define the name are no uses of it. */
  definitions: readonly { path: string; line: number }[];
  limit: number;
  after?: NamePosition | undefined;
}

export type UseHit = { path: string; rank: number; use: Use };
export type Reference = UseHit | { path: string; rank: number; definition: Definition };

/** The lines of files that use a name, up to a limit. */
export function readUses(input: ReadUsesInput, { shouldStop }: JobControl): UseHit[] {
  const { root, name, isSensitive, files, definitions, limit, after } = input;
  const isDefined = new Set(definitions.map(({ path, line }) => `${path}:${line}`));
  const found: UseHit[] = [];
  for (const { path, rank } of files) {
    const text = shouldStop() ? undefined : readText(root, path);
    const isPartly = after?.rank === rank && after.path === path;
    for (const use of text === undefined ? [] : usesIn({ path, text }, name, isSensitive)) {
      if (isDefined.has(`${path}:${use.line}`) || (isPartly && use.line <= after.line)) continue;
      if (found.push({ path, rank, use }) >= limit) return found;
    }
  }
  return found;
}

/** In nearly all languages names are. */
export function areNamesSensitive({ letterCase }: NameQuestion): boolean {
  return letterCase !== 'insensitive';
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

/** Above every rank of a definition. */
const useRank = 10_000_000;

/**
 * The files that use a name, best first: those that import a file that defines it or do so themselves, then other code,
 * then those that only mention it in comments and strings; tests and generated files last of all.
 */
export function rankUsers(surveys: readonly ReferenceSurvey[]): RankedUser[] {
  const defining = new Set(surveys.flatMap(({ definitions }) => definitions.map(({ path }) => path)));
  const modules = new Set(Array.from(defining, (path) => fnv1a(moduleName(path))));
  const ranked = surveys.flatMap(({ users, words, ends }) =>
    users.map(({ path, isCode }, at) => {
      const own = words.subarray(ends[at - 1] ?? 0, ends[at]);
      const isNear = defining.has(path) || own.some((word) => modules.has(word));
      return { path, rank: useRank + (isAside(path) ? 4 : 0) + (isCode ? (isNear ? 0 : 1) : 2) };
    }),
  );
  return ranked.sort((a, b) => a.rank - b.rank || (a.path < b.path ? -1 : 1));
}

/** What an import calls a file: its name without extension, or its folder's where the file stands for it. */
function moduleName(path: string): string {
  const parts = path.split('/');
  const stem = (parts.pop() ?? '').replace(/\.[^.]*$/, '');
  return /^(?:index|mod|lib|main|__init__|init)$/.test(stem) ? (parts.at(-1) ?? stem) : stem;
}
