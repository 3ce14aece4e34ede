import type { Root } from '../projects/door.ts';
import { language } from '../projects/languages.ts';
import { isSecretPath } from '../projects/secrets.ts';
import type { JobCall } from '../projects/worker-job.ts';
import { roleOf } from '../search/files/file-role.ts';
import type { FileMatches } from '../search/text/match-page.ts';
import { nameOfFile, wantedName } from '../search/text/relevance.ts';
import type { TextSearch } from '../search/text-search.ts';
import { declaredOn, outline } from '../text/outline.ts';

/** Where the code is that a goal names as the code itself does. */
export interface NamedCode {
  /** Where a name is defined, or what alone has it; those of most names first. */
  places: Array<{ path: string; why: string }>;
  /** All files that have one of the names. */
  users: ReadonlySet<string>;
  /** Why something may be missing. */
  gap?: string;
}

const maxNames = 8;
const lookMs = 12_000;
const maxMatches = 3000;
const maxCharacters = 600_000;
/** What more files define is no name of one thing. */
const mostPlaces = 4;

/** Looks for the exact names in the first sentence of a goal: identifiers, calls, options, and what is quoted. */
export async function findNamedCode(
  root: Root,
  goal: string,
  { textSearch }: { textSearch: TextSearch },
  job: JobCall,
): Promise<NamedCode> {
  const names = exactNames(firstSentence(goal));
  if (names.length === 0) return { places: [], users: new Set() };
  const query = names.map(({ text, isWord }) => (isWord ? `\\b${escaped(text)}\\b` : escaped(text))).join('|');
  const { files, cut } = await textSearch.find(
    {
      ...{ root, query, mode: 'regex', letterCase: 'sensitive', include: [], exclude: [], context: 0 },
      ...{ order: 'path', limit: maxMatches, maxCharacters },
    },
    { signal: job.signal, budgetMs: Math.min(lookMs, job.budgetMs / 3) },
  );
  const readable = files.filter(({ path }) => !isSecretPath(path));
  const places = new Map<string, { names: string[]; how: How }>();
  for (const { text } of names) {
    for (const { path, how } of placesOf(text, readable)) {
      const known = places.get(path);
      places.set(path, { names: [...(known?.names ?? []), text], how: known?.how ?? how });
    }
  }
  const ordered = [...places].sort(
    ([one, a], [other, b]) =>
      b.names.length - a.names.length || Number(isHeader.test(one)) - Number(isHeader.test(other)),
  );
  return {
    places: ordered.map(([path, { names, how }]) => ({ path, why: `${how} ${names.join(', ')}` })),
    users: new Set(readable.map(({ path }) => path)),
    ...(cut !== undefined && { gap: 'the time was too short to look for the names of the goal in all files' }),
  };
}

/** It says what is there, and is seldom where it is made. */
const isHeader = /\.(?:h|hh|hpp|hxx|d\.[cm]?ts|pyi)$/;

type How = 'defines' | 'is named after' | 'has';

/** What comes after it explains, and names much that does not change. */
function firstSentence(goal: string): string {
  return goal.split(/(?<=[\s\S]{15})(?:[.!?:]\s|\n)/)[0] ?? '';
}

interface ExactName {
  text: string;
  /** It begins and ends where words do. */
  isWord: boolean;
}

/** Between backticks or quotes; `camelCase`, `PascalCase`, `snake_case`, `call()`, `--option`. */
const exact =
  /`([^`\n]{2,80})`|"([^"\n]{4,80})"|“([^”\n]{4,80})”|(?<![\w-])(--[a-z][\w-]+)|\b(\w+)\(\)|\b([a-z$]\w*[a-z0-9][A-Z]\w*|[A-Z][a-z0-9]+[A-Z]\w*|[A-Za-z0-9]+_\w+)\b/g;
const filePath = /[/\\]|\.[a-z]{1,5}$/i; // the ranking knows those

function exactNames(goal: string): ExactName[] {
  const found = new Map<string, ExactName>();
  for (const groups of goal.matchAll(exact)) {
    const text =
      groups
        .slice(1)
        .find((group) => group !== undefined)
        ?.trim()
        .replace(/\(\)$/, '') ?? '';
    if (text.length < 3 || filePath.test(text)) continue;
    for (const each of [text, ...spellingsOf(text)]) found.set(each, { text: each, isWord: /^\w+$/.test(each) });
  }
  return [...found.values()].slice(0, maxNames);
}

/** `--keep-index` is `keepIndex` or `keep_index` where it is read. */
function spellingsOf(name: string): string[] {
  if (!/^--\w+-/.test(name)) return [];
  const words = name.slice(2).split('-');
  const camel = words.map((word, at) => (at === 0 ? word : word.charAt(0).toUpperCase() + word.slice(1)));
  return [camel.join(''), words.join('_')];
}

/** Where it is defined or what is named after it, by sources before others; where that is nowhere, the few files that have it. */
function placesOf(name: string, files: readonly FileMatches[]): Array<{ path: string; how: How }> {
  const wanted = wantedName(name);
  const having = files.flatMap(({ path, matches }) => {
    const lines = matches.filter(({ text }) => text.includes(name));
    if (lines.length === 0) return [];
    const isDefined = lines.some(({ text }) => defines(text, name, path));
    const isNamed = nameOfFile(path) === wanted;
    return [{ path, how: isDefined ? ('defines' as const) : isNamed ? ('is named after' as const) : ('has' as const) }];
  });
  const sources = having.filter(({ path }) => roleOf(path) === 'source');
  const defining = sources.filter(({ how }) => how !== 'has');
  const places = defining.length > 0 ? defining : sources;
  return places.length <= mostPlaces ? places : [];
}

/** As the line stands: what is indented may be a call. */
function defines(line: string, name: string, path: string): boolean {
  const { name: languageName } = language(path) ?? {};
  return declaredOn(line, languageName) === name || outline(line, languageName).some((entry) => entry.name === name);
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
