import type { JobControl } from '../../projects/job-control.ts';
import type { Pattern } from '../regex/compile-pattern.ts';
import type { FindTextInput, FindTextOutput } from './find-text.ts';
import { createOutput, type FilesToSearch, type Hit, type HitsEnd, hitsIn, withCut } from './match-files.ts';
import { createPage, type Place, type Position } from './match-page.ts';
import { createRelevance, createTierOrder } from './relevance.ts';

export interface RankedFiles {
  pattern: Pattern;
  /** Lists files tier by tier and within a tier by path, from this place on. */
  list(from: Place | undefined): FilesToSearch;
  /** How many matches are ranked together, at least as many as fit into an answer. */
  windowHits: number;
}

/**
 * A page of matches in order of relevance. A common word is not looked for in every file: the matches are taken tier by
 * tier, which is the order of the windows, so many at a time, and those of one window are ranked by what is on their lines.
 */
export function pageByRelevance(
  input: FindTextInput,
  control: JobControl,
  { pattern, list, windowHits }: RankedFiles,
): FindTextOutput {
  const { after } = input;
  const compare = createTierOrder(input.query);
  const rank = createRanking(input.query);
  const page = createPage(input);
  const output = createOutput(page.files);
  let { start, until, shown } = continuationOf(after);
  let next = after;
  let count = 0;

  const hits = hitsIn(list(start), pattern, { input, control, output, after: start });
  try {
    for (let step = hits.next(); ; ) {
      const window: Hit[] = [];
      for (; !step.done && isWithin(step.value, window.length); step = hits.next()) window.push(step.value);
      if (step.done && step.value.stoppedAt !== undefined) return withCut(output, 'time');
      count += window.length;
      const last = window.at(-1);
      const end: Place | undefined = until ?? (last && placeOf(last));
      for (const { hit, score } of rank(window)) {
        if (shown && !isBehind(hit, score, shown)) continue;
        if (!page.add(hit.path, hit.match())) return withTotal({ ...output, ...(next && { next }) }, step);
        next = { ...placeOf(hit), window: { after: start, until: end, score } };
      }
      if (step.done) return withTotal(withCut(output, step.value.cut), step);
      next = end && { ...end, window: {} };
      start = end;
      until = undefined;
      shown = undefined;
    }
  } finally {
    hits.return({});
  }

  function isWithin(hit: Hit, size: number): boolean {
    return until ? compare(hit, until) <= 0 : size < windowHits;
  }

  function isBehind(hit: Hit, score: number, { place, score: before }: Shown): boolean {
    return score < before || (score === before && compare(hit, place) > 0);
  }

  /** @param step the first match behind the windows that were counted, or the end */
  function withTotal(found: FindTextOutput, { done, value }: IteratorResult<Hit, HitsEnd>): FindTextOutput {
    if (after) return found;
    const total = done ? { matches: count, isExact: value.cut === undefined } : { matches: count + 1, isExact: false };
    return { ...found, total };
  }
}

/** The last match of the page before, and the score of its file. */
interface Shown {
  place: Place;
  score: number;
}

function continuationOf(after: Position | undefined): {
  start?: Place | undefined;
  until?: Place;
  shown?: Shown;
} {
  const window = after?.window;
  if (after === undefined || window === undefined) return {};
  if (window.until === undefined) return { start: placeOf(after) };
  return { start: window.after, until: window.until, shown: { place: placeOf(after), score: window.score ?? 0 } };
}

/** The matches of the best file first; files that are equal, and the matches of a file, stay in the order they came in. */
function createRanking(query: string): (hits: readonly Hit[]) => Array<{ hit: Hit; score: number }> {
  const relevance = createRelevance(query);
  return (hits) => {
    const groups = Map.groupBy(hits, ({ path }) => path);
    const scored = [...groups].map(([path, all]) => {
      const score = relevance(
        path,
        all.map(({ text }) => text),
      );
      return { all, score };
    });
    scored.sort((a, b) => b.score - a.score);
    return scored.flatMap(({ all, score }) => all.map((hit) => ({ hit, score })));
  };
}

function placeOf({ path, line }: Place): Place {
  return { path, line };
}
