import type { Root } from '../../projects/door.ts';
import type { JobControl } from '../../projects/job-control.ts';
import { language } from '../../projects/languages.ts';
import { createPathFilter } from '../../text/globs.ts';
import { grammars } from '../../text/outline-languages.ts';
import { isAside } from '../files/file-role.ts';
import { createNameTest, type FileSource, type TextFile, type TextFilesEnd, textFiles } from '../files/text-files.ts';
import { searchPaths } from '../paths/fuzzy-paths.ts';
import { createPathIndex } from '../paths/path-index.ts';
import { type Definition, definitionsIn, mayDefine } from './definitions.ts';
import { fuzzyTier, nameTier, parseSymbolQuery } from './symbol-query.ts';

/** What to look for, and where; for definitions and references alike. */
export interface NameQuestion {
  root: Root;
  query: string;
  letterCase: 'smart' | 'sensitive' | 'insensitive';
  include: readonly string[];
  exclude: readonly string[];
  limit: number;
  /** Where the last page ended. */
  after?: NamePosition | undefined;
}

export interface NamePosition {
  /** The lower the better. */
  rank: number;
  path: string;
  line: number;
}

export type SurveySymbolsInput = NameQuestion & { source: FileSource };

export type SymbolHit = Definition & { rank: number };

export interface SymbolSurvey extends TextFilesEnd {
  /** Those of the page and one more, best first. */
  hits: SymbolHit[];
  /** Of all pages. */
  total: number;
  /** Whether some name begins with what was asked for. */
  hasGood: boolean;
}

const maxFuzzyNames = 200;
/** Above it are names that hold what was asked for somewhere. */
const goodRank = 3_000_000;

/** Finds definitions whose name is or holds what is asked for, as the lines of the files tell them. */
export function surveySymbols(input: SurveySymbolsInput, control: JobControl): SymbolSurvey {
  const query = parseSymbolQuery(input.query);
  const { name } = query;
  const isSensitive = isCaseSensitive(input, name);
  const isWanted = createNameTest(name, isSensitive);
  const { hits, ...end } = search(input, isWanted, control, (file) => {
    const fits = (each: string) => nameTier(each, name, isSensitive) !== undefined;
    if (!mayDefine(file, name, isSensitive)) return [];
    return definitionsIn(file, query, fits).map((definition) => {
      const tier = nameTier(definition.name, name, isSensitive) ?? fuzzyTier;
      return { ...definition, rank: rankOf(tier, definition, definition.name.length) };
    });
  });
  const hasGood = hits.some(({ rank }) => rank < goodRank);
  return { ...firstOf(hits, input), total: hits.length, hasGood, ...end };
}

/** Finds definitions whose name only has the letters; names are matched as paths are: they have words and letters too. */
export function surveyFuzzySymbols(input: SurveySymbolsInput, control: JobControl): SymbolSurvey {
  const query = parseSymbolQuery(input.query);
  const letters = query.name.toLowerCase();
  const isAny = () => true;
  const { hits, ...end } = search(input, isAny, control, (file) =>
    definitionsIn(file, query, (name) => hasLetters(name, letters)).map((each) => ({ ...each, rank: 0 })),
  );
  const names = [...new Set(hits.map(({ name }) => name))];
  const best = searchPaths(createPathIndex(names), { query: query.name.replaceAll('/', ' '), limit: maxFuzzyNames });
  const places = new Map(best.hits.map(({ path }, place) => [path, place]));
  const isSensitive = isCaseSensitive(input, query.name);
  const ranked = hits.flatMap((hit) => {
    const place = nameTier(hit.name, query.name, isSensitive) === undefined ? places.get(hit.name) : undefined;
    return place === undefined ? [] : [{ ...hit, rank: rankOf(fuzzyTier, hit, place) }];
  });
  return { ...firstOf(ranked, input), total: ranked.length, hasGood: false, ...end };
}

export function isCaseSensitive({ letterCase }: NameQuestion, name: string): boolean {
  return letterCase === 'sensitive' || (letterCase === 'smart' && /\p{Lu}/u.test(name));
}

function firstOf(hits: SymbolHit[], { after, limit }: NameQuestion): { hits: SymbolHit[] } {
  const left = after ? hits.filter((hit) => comparePositions(hit, after) > 0) : hits;
  return { hits: left.sort(comparePositions).slice(0, limit + 1) };
}

export function comparePositions(a: NamePosition, b: NamePosition): number {
  return a.rank - b.rank || (a.path < b.path ? -1 : a.path > b.path ? 1 : a.line - b.line);
}

/** By tier, tests and generated files last, and before them what is only declared; short names before long ones. */
export function rankOf(tier: number, { path, isDeclared }: Definition, step: number): number {
  return tier * 1_000_000 + (isAside(path) ? 500_000 : 0) + (isDeclared ? 250_000 : 0) + Math.min(step, 249) * 1000;
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

function search(
  { root, source, include, exclude }: SurveySymbolsInput,
  isWanted: (bytes: Buffer) => boolean,
  control: JobControl,
  definitions: (file: TextFile) => SymbolHit[],
): TextFilesEnd & { hits: SymbolHit[] } {
  const inGlobs = createPathFilter(include, exclude);
  const hits: SymbolHit[] = [];
  const passes = (path: string) => isOutlined(path) && inGlobs(path);
  const files = textFiles({ root, source, passes, isWanted }, control);
  for (let step = files.next(); ; step = files.next()) {
    if (step.done) return { hits, ...step.value };
    hits.push(...definitions(step.value));
  }
}

/** Whether files like this one have definitions that are found. */
export function isOutlined(path: string): boolean {
  const name = language(path)?.name;
  return name === 'Markdown' || grammars.has(name ?? '');
}
