import type { Root } from '../projects/door.ts';
import type { JobControl } from '../projects/job-control.ts';
import { language } from '../projects/languages.ts';
import { grammars } from '../text/outline-languages.ts';
import { isAside } from './aside.ts';
import { type Definition, definitionsIn } from './definitions.ts';
import { searchPaths } from './fuzzy-paths.ts';
import { createPathFilter } from './globs.ts';
import { createPathIndex } from './path-index.ts';
import { fuzzyTier, nameTier, parseSymbolQuery, type SymbolQuery } from './symbol-query.ts';
import type { Syntax } from './syntax.ts';
import { createNameTest, readText, type TextFile, type TextFilesEnd, textFiles } from './text-files.ts';

export interface FindSymbolsInput {
  root: Root;
  query: string;
  letterCase: 'smart' | 'sensitive' | 'insensitive';
  include: readonly string[];
  exclude: readonly string[];
  limit: number;
  /** Where the last page ended. */
  after?: SymbolPosition | undefined;
}

export interface SymbolPosition {
  /** The lower the better. */
  rank: number;
  path: string;
  line: number;
}

export type SymbolHit = Definition & { rank: number };

export interface FindSymbolsOutput {
  /** Best first. */
  hits: SymbolHit[];
  /** Of all pages. */
  total: number;
  more: boolean;
  filesSearched: number;
  cut?: TextFilesEnd['cut'];
}

/** What tree-sitter may take of one answer; what is left is answered as the lines tell it. */
const syntaxMs = 2000;
const maxFuzzyNames = 200;

/**
 * Finds definitions by name. The lines of the files that hold the name are read for definitions; where none begins with
 * it, those of all files, for names that have its letters. A parser then looks at the files of the answer alone.
 */
export async function findSymbols(
  input: FindSymbolsInput,
  syntax: Syntax,
  control: JobControl,
): Promise<FindSymbolsOutput> {
  const query = parseSymbolQuery(input.query);
  const named = findNamed(input, query, control);
  const hasGood = named.hits.some(({ rank }) => rank < 3_000_000);
  const found = hasGood || named.cut !== undefined ? named : withFuzzy(named, findFuzzy(input, query, control));
  found.hits.sort(compare);
  const { after, limit } = input;
  const left = after ? found.hits.filter((hit) => compare(hit, after) > 0) : found.hits;
  const hits = await confirm(input.root, left.slice(0, limit), syntax, control);
  const { filesSearched, cut } = found;
  return { hits, total: found.hits.length, more: left.length > limit, filesSearched, ...(cut && { cut }) };
}

function compare(a: SymbolPosition, b: SymbolPosition): number {
  return a.rank - b.rank || (a.path < b.path ? -1 : a.path > b.path ? 1 : a.line - b.line);
}

/** By tier, tests and generated files last, and before them what is only declared; short names before long ones. */
export function rankOf(tier: number, { path, isDeclared }: Definition, step: number): number {
  return tier * 1_000_000 + (isAside(path) ? 600_000 : 0) + (isDeclared ? 300_000 : 0) + Math.min(step, 250) * 1000;
}

interface Found {
  hits: SymbolHit[];
  filesSearched: number;
  cut?: TextFilesEnd['cut'];
}

function findNamed(input: FindSymbolsInput, query: SymbolQuery, control: JobControl): Found {
  const { name } = query;
  const isSensitive = input.letterCase === 'sensitive' || (input.letterCase === 'smart' && /\p{Lu}/u.test(name));
  const isWanted = createNameTest(name, isSensitive);
  return search(input, isWanted, control, (file) =>
    definitionsIn(file, query, (each) => nameTier(each, name, isSensitive) !== undefined).map((definition) => {
      const tier = nameTier(definition.name, name, isSensitive) ?? fuzzyTier;
      return { ...definition, rank: rankOf(tier, definition, definition.name.length) };
    }),
  );
}

/** Names are matched as paths are: they have words and letters too. */
function findFuzzy(input: FindSymbolsInput, query: SymbolQuery, control: JobControl): Found {
  const letters = query.name.toLowerCase();
  const found = search(
    input,
    () => true,
    control,
    (file) => definitionsIn(file, query, (name) => hasLetters(name, letters)).map((each) => ({ ...each, rank: 0 })),
  );
  const names = [...new Set(found.hits.map(({ name }) => name))];
  const best = searchPaths(createPathIndex(names), { query: query.name.replaceAll('/', ' '), limit: maxFuzzyNames });
  const places = new Map(best.hits.map(({ path }, place) => [path, place]));
  const hits = found.hits.flatMap((hit) => {
    const place = places.get(hit.name);
    return place === undefined ? [] : [{ ...hit, rank: rankOf(fuzzyTier, hit, place) }];
  });
  return { ...found, hits };
}

/** Whether a name has the letters in order; where they are many, all but one. */
function hasLetters(name: string, letters: string): boolean {
  const folded = name.toLowerCase();
  let taken = 0;
  let takenButOne = letters.length >= 4 ? 1 : 0;
  for (const letter of folded) {
    if (letter === letters[takenButOne]) takenButOne++;
    if (letter === letters[taken]) taken++;
    if (letters.length >= 4) takenButOne = Math.max(takenButOne, taken + 1);
  }
  return takenButOne >= letters.length;
}

function withFuzzy(named: Found, fuzzy: Found): Found {
  const known = new Set(named.hits.map(({ path, line, name }) => `${path}:${line}:${name}`));
  const rest = fuzzy.hits.filter(({ path, line, name }) => !known.has(`${path}:${line}:${name}`));
  return { ...fuzzy, hits: [...named.hits, ...rest] };
}

function search(
  input: FindSymbolsInput,
  isWanted: (bytes: Buffer) => boolean,
  control: JobControl,
  definitions: (file: TextFile) => SymbolHit[],
): Found {
  const inGlobs = createPathFilter(input.include, input.exclude);
  const found: Found = { hits: [], filesSearched: 0 };
  const passes = (path: string) => isOutlined(path) && inGlobs(path);
  const onFile = () => void found.filesSearched++;
  const files = textFiles({ root: input.root, passes, isWanted, onFile }, control);
  for (let step = files.next(); ; step = files.next()) {
    if (step.done) return { ...found, ...(step.value.cut && { cut: step.value.cut }) };
    found.hits.push(...definitions(step.value));
  }
}

function isOutlined(path: string): boolean {
  const name = language(path)?.name;
  return name === 'Markdown' || grammars.has(name ?? '');
}

/** As a parser sees them. Files are parsed once each, the best answers' first, for as long as there is time. */
export async function confirm(
  root: Root,
  hits: readonly SymbolHit[],
  syntax: Syntax,
  control: JobControl,
): Promise<SymbolHit[]> {
  const deadline = performance.now() + syntaxMs;
  const shouldStop = () => performance.now() > deadline || control.shouldStop();
  const confirmed = new Map<SymbolHit, SymbolHit>();
  for (const path of new Set(hits.map((hit) => hit.path))) {
    const text = shouldStop() ? undefined : readText(root, path);
    if (text === undefined) continue;
    const inFile = hits.filter((hit) => hit.path === path);
    const seen = await syntax.check(text, inFile, shouldStop);
    for (const [at, hit] of inFile.entries()) confirmed.set(hit, { ...hit, ...seen[at] });
  }
  return hits.map((hit) => confirmed.get(hit) ?? hit);
}
