import type { Root } from '../../projects/door.ts';
import type { JobControl } from '../../projects/job-control.ts';
import { walk } from '../../projects/walk.ts';
import type { WalkCut } from '../../projects/walk-meter.ts';
import { createPathFilter } from '../../text/globs.ts';
import { type PathPosition, searchPaths } from './fuzzy-paths.ts';
import { createPathIndex, type PathIndex } from './path-index.ts';

export interface FindPathsInput {
  root: Root;
  /** Parts of a path; empty for every path, in path order. */
  query: string;
  include: readonly string[];
  exclude: readonly string[];
  limit: number;
  /** Where the last page ended: not how many were shown, since files come and go between pages. */
  after?: PathPosition | undefined;
  /** Stands for the files as they are now, where that is known: as long as it is the same, so are they. */
  listing?: string | undefined;
}

export interface FindPathsOutput {
  /** Best first. */
  hits: PathPosition[];
  total: number;
  more: boolean;
  filesSearched: number;
  /** Folders that the system refuses to open. */
  unreadable: number;
  cut?: WalkCut;
}

interface ListedPaths {
  paths: readonly string[];
  unreadable: number;
  cut?: WalkCut;
}

/** A finder of paths, which keeps what it made of the last project's paths for as long as they stay the same. */
export function createPathFinder(): (input: FindPathsInput, control: JobControl) => FindPathsOutput {
  let kept: { folder: string; index: PathIndex } | undefined;
  let known: { folder: string; listing: string; listed: ListedPaths } | undefined;

  return (input, control) => {
    const { root, limit, after } = input;
    const query = withoutPlace(input.query, root);
    const { paths, cut, unreadable } = list(input, control);
    const passes = createPathFilter(input.include, input.exclude);
    const passing = input.include.length + input.exclude.length === 0 ? paths : paths.filter(passes);
    const rest = { filesSearched: passing.length, unreadable, ...(cut && { cut }) };
    if (query.trim() === '') return { ...pageInOrder(passing, limit, after), ...rest };

    if (kept?.folder !== root.folder || !isSame(kept.index.paths, paths)) {
      kept = { folder: root.folder, index: createPathIndex(paths) };
    }
    const isAll = passing.length === paths.length;
    const found = searchPaths(kept.index, {
      query,
      limit,
      after,
      passes: isAll ? undefined : (place) => passes(paths[place] ?? ''),
      shouldStop: control.shouldStop,
    });
    const stopped = found.isCut && cut === undefined ? { cut: 'time' as const } : {};
    return { hits: found.hits, total: found.total, more: found.more, ...rest, ...stopped };
  };

  function list({ root: { folder }, listing }: FindPathsInput, control: JobControl): ListedPaths {
    if (known && known.folder === folder && known.listing === listing) return known.listed;
    const listed = listPaths(folder, control);
    known = listing === undefined || listed.cut ? undefined : { folder, listing, listed };
    return listed;
  }
}

/** A path as compilers, stack traces and editors write it: `/home/me/shop/src/cart.ts:3:14`. */
function withoutPlace(query: string, { folder }: Root): string {
  const inside = query.startsWith(`${folder}/`) ? query.slice(folder.length + 1) : query;
  return inside.normalize('NFC').replace(/(?<=\S)(?::\d+(?:-\d+)?)+:?$/, '');
}

function listPaths(folder: string, control: JobControl): ListedPaths {
  const paths: string[] = [];
  const entries = walk(folder, control.walkBudget);
  let step = entries.next();
  for (; !step.done; step = entries.next()) {
    const { path, kind } = step.value;
    if (kind === 'repository') continue;
    paths.push(path);
    control.progress(paths.length, path);
  }
  return { paths, ...step.value };
}

function isSame(before: readonly string[], now: readonly string[]): boolean {
  return before === now || (before.length === now.length && before.every((path, place) => path === now[place]));
}

function pageInOrder(paths: readonly string[], limit: number, after: PathPosition | undefined) {
  const next = after === undefined ? 0 : paths.findIndex((path) => path > after.path);
  const page = next < 0 ? [] : paths.slice(next, next + limit);
  const hits = page.map((path) => ({ path, score: 0, edited: false }));
  return { hits, total: paths.length, more: next >= 0 && next + limit < paths.length };
}
