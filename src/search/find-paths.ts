import type { Root } from '../projects/door.ts';
import type { JobControl } from '../projects/job-control.ts';
import { walk } from '../projects/walk.ts';
import type { WalkCut } from '../projects/walk-meter.ts';
import { scorePath } from './fuzzy-path.ts';
import { createPathFilter } from './globs.ts';

export interface FindPathsInput {
  root: Root;
  /** Letters of a path; empty for every path, in path order. */
  query: string;
  include: readonly string[];
  exclude: readonly string[];
  limit: number;
  /** How many of the best to pass over, for the pages after the first. */
  offset: number;
}

export interface FindPathsOutput {
  /** Best first. */
  paths: string[];
  total: number;
  filesSearched: number;
  cut?: WalkCut;
}

export function findPaths(input: FindPathsInput, control: JobControl): FindPathsOutput {
  const passes = createPathFilter(input.include, input.exclude);
  const found: Array<{ path: string; score: number }> = [];
  let filesSearched = 0;

  const entries = walk(input.root.folder, control.walkBudget);
  let step = entries.next();
  for (; !step.done; step = entries.next()) {
    const { path, kind } = step.value;
    if (kind === 'repository' || !passes(path)) continue;
    filesSearched++;
    control.progress(filesSearched, path);
    const score = input.query === '' ? 1 : scorePath(input.query, path);
    if (score > 0) found.push({ path, score });
  }
  found.sort((a, b) => b.score - a.score || (a.path < b.path ? -1 : 1));
  const paths = found.slice(input.offset, input.offset + input.limit).map(({ path }) => path);
  const { cut } = step.value;
  return { paths, total: found.length, filesSearched, ...(cut && { cut }) };
}
