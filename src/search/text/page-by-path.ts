import type { JobControl } from '../../projects/job-control.ts';
import type { Pattern } from '../regex/compile-pattern.ts';
import type { FindTextInput, FindTextOutput } from './find-text.ts';
import { createOutput, type FilesToSearch, type HitsEnd, hitsIn, withCut } from './match-files.ts';
import { createPage, type FileMatches, type Position } from './match-page.ts';
import { createRelevance, createTierOrder } from './relevance.ts';

/** A page of matches in path order, which may be sorted by relevance where there are no other pages. */
export function pageByPath(
  input: FindTextInput,
  control: JobControl,
  { pattern, files }: { pattern: Pattern; files: FilesToSearch },
): FindTextOutput {
  const { after } = input;
  const page = createPage(input);
  const output = createOutput(page.files);
  const hits = hitsIn(files, pattern, { input, control, output, after });
  try {
    let step = hits.next();
    for (; !step.done; step = hits.next()) {
      const { path, match } = step.value;
      if (page.add(path, match())) continue;
      return withNext(
        after ? output : { ...output, total: { matches: page.count() + 1, isExact: false } },
        page.last(),
      );
    }
    return finish(step.value);
  } finally {
    hits.return({});
  }

  function finish({ cut, stoppedAt, closedAt }: HitsEnd): FindTextOutput {
    if (closedAt) return { ...withNext(withCut(output, 'pattern'), closedAt), isClosed: true };
    if (stoppedAt !== undefined) return cutAt(stoppedAt);
    const whole = withCut(output, cut);
    if (after !== undefined) return whole;
    const total = { matches: page.count(), isExact: cut === undefined };
    const found = input.order === 'relevance' ? byRelevance(page.files, input.query) : page.files;
    return { ...whole, files: found, total };
  }

  /** Out of time: the next page goes on from here, unless this one has not got any further. */
  function cutAt(path: string): FindTextOutput {
    const last = page.last();
    const next = last?.path === path ? last : { path, line: 0 };
    const isFurther = after === undefined || next.path !== after.path || next.line > after.line;
    return withNext(withCut(output, 'time'), isFurther && output.filesSearched > 0 ? next : undefined);
  }
}

/** As `pageByRelevance` has them where all are of one window. */
function byRelevance(files: readonly FileMatches[], query: string): FileMatches[] {
  const relevance = createRelevance(query);
  const compare = createTierOrder(query);
  const first = ({ path }: FileMatches) => ({ path, line: 1 });
  const scores = new Map(
    files.map((file) => [
      file,
      relevance(
        file.path,
        file.matches.map(({ text }) => text),
      ),
    ]),
  );
  return files.toSorted((a, b) => (scores.get(b) ?? 0) - (scores.get(a) ?? 0) || compare(first(a), first(b)));
}

function withNext(output: FindTextOutput, next: Position | undefined): FindTextOutput {
  return next ? { ...output, next } : output;
}
