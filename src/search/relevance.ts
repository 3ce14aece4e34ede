import { language } from '../projects/languages.ts';
import { outline } from '../text/outline.ts';
import { isAside } from './aside.ts';
import type { FileMatches } from './find-text.ts';

/**
 * Files in the order in which a reader wants them: those that define what was asked for, those named after it, those
 * with most matches; tests and generated files below their equals, and else by path. Looks at nothing but the matches.
 */
export function byRelevance(files: readonly FileMatches[], query: string): FileMatches[] {
  const wanted = query.toLowerCase();
  return files
    .map((file) => ({ file, score: scoreOf(file, wanted) }))
    .sort((a, b) => b.score - a.score || (a.file.path < b.file.path ? -1 : 1))
    .map(({ file }) => file);
}

const worth = { definition: 8, name: 4, aside: -10 };
const mostForMatches = 3;

function scoreOf({ path, matches }: FileMatches, wanted: string): number {
  const languageName = language(path)?.name;
  const defines = matches.some(({ text }) => {
    return outline(text.trim(), languageName).some(({ name }) => name.toLowerCase() === wanted);
  });
  const isNamed = path.toLowerCase().includes(wanted);
  const density = Math.min(mostForMatches, Math.log2(matches.length + 1));
  return (defines ? worth.definition : 0) + (isNamed ? worth.name : 0) + density + (isAside(path) ? worth.aside : 0);
}
