import { language } from '../../projects/languages.ts';
import { outline } from '../../text/outline.ts';
import { isAside } from '../files/file-role.ts';
import type { Place } from './match-page.ts';

/** Groups of files, in order of relevance, by their paths alone: named after the query, all others, and what is aside. */
export type Tier = 0 | 1 | 2;

const minName = 3;

/** @returns the name that a file has to have to come first; empty for none */
export function wantedName(query: string): string {
  const name = plainName(query);
  return name.length < minName ? '' : name;
}

export function createTierOf(query: string): (path: string) => Tier {
  const wanted = wantedName(query);
  return (path) => (isAside(path) ? 2 : wanted !== '' && nameOfFile(path) === wanted ? 0 : 1);
}

/** Places tier by tier, and within a tier by path and line. */
export function createTierOrder(query: string): (a: Place, b: Place) => number {
  const tierOf = createTierOf(query);
  return (a, b) => {
    if (a.path === b.path) return a.line - b.line;
    return tierOf(a.path) - tierOf(b.path) || (a.path < b.path ? -1 : 1);
  };
}

/** Without folders, endings and what joins words: `createCart`, `create-cart.ts` and `create_cart.d.ts` are the same. */
export function nameOfFile(path: string): string {
  const start = path.lastIndexOf('/') + 1;
  const end = path.indexOf('.', start + 1);
  return plainName(end < 0 ? path.slice(start) : path.slice(start, end));
}

function plainName(text: string): string {
  return text.toLowerCase().replace(/[-_. ]/g, '');
}

const worth = { definition: 8, name: 4, aside: -10 };
const mostForMatches = 3;

/**
 * How much a file is what a reader wants who asks for `query`: it defines that, is named after it, has many matches, and
 * is neither test nor generated. Looks at nothing but the path and the lines that match.
 */
export function createRelevance(query: string): (path: string, lines: readonly string[]) => number {
  const wanted = query.toLowerCase();
  const mayDefine = createDefinitionGuess(wanted);

  return (path, lines) => {
    const languageName = language(path)?.name;
    const defines = lines.some((line) => mayDefine(line) && isDefinition(line, languageName));
    const isNamed = path.toLowerCase().includes(wanted);
    const density = Math.min(mostForMatches, Math.log2(lines.length + 1));
    return (defines ? worth.definition : 0) + (isNamed ? worth.name : 0) + density + (isAside(path) ? worth.aside : 0);
  };

  function isDefinition(line: string, languageName: string | undefined): boolean {
    return outline(line.trim(), languageName).some(({ name }) => name.toLowerCase() === wanted);
  }
}

/** Whether it is worth a closer look: a definition has the name as a word, and one of several words at its start. */
function createDefinitionGuess(wanted: string): (line: string) => boolean {
  if (/^\w+$/.test(wanted)) {
    const word = new RegExp(`\\b${wanted}\\b`, 'i');
    return (line) => word.test(line);
  }
  if (/[\\()[\]{}*+^|]/.test(wanted)) return () => false; // a regular expression, and no name
  if (!/\s/.test(wanted)) return () => true;
  return (line) =>
    line
      .replace(/^[\s#"'[]+/, '')
      .toLowerCase()
      .startsWith(wanted);
}
