import { UserError } from '../errors.ts';
import { type Root, resolveInside, withinRoot } from '../projects/door.ts';
import { lookAtFolder } from '../projects/file-look.ts';
import type { JobControl } from '../projects/job-control.ts';
import { parseProjectPath, splitLineRange } from '../projects/paths.ts';
import { isSecretPath } from '../projects/secrets.ts';
import { walk } from '../projects/walk.ts';
import { createPathFilter } from '../text/globs.ts';

export interface ListMatchesInput {
  root: Root;
  /** Files, folders and globs as a caller wrote them; a file perhaps with lines. */
  paths: readonly string[];
  exclude: readonly string[];
}

export interface Matches {
  /** What is neither a folder nor a glob, be it there or not. */
  named: string[];
  /** What lies in the folders or matches the globs, in path order. */
  matched: string[];
  /** Folders and globs without any file. */
  empty: string[];
  isCut: boolean;
}

/** One walk over the project for all folders and globs. */
export function listMatches({ root, paths, exclude }: ListMatchesInput, control: JobControl): Matches {
  const wanted = [...new Set(paths.map((path) => withinRoot(root, path)))];
  const tests = wanted.map((path) => ({ path, matches: testOf(root, path), count: 0 }));
  const passes = createPathFilter([], exclude);
  const named = tests.flatMap(({ path, matches }) =>
    matches || !passes(splitLineRange(path).path) ? [] : canonical(path),
  );
  const patterns = tests.filter(({ matches }) => matches);
  if (patterns.length === 0) return { named, matched: [], empty: [], isCut: false };

  const matched: string[] = [];
  const entries = walk(root.folder, control.walkBudget);
  let step = entries.next();
  for (let seen = 0; !step.done; step = entries.next()) {
    const { path, kind } = step.value;
    control.progress(++seen, path);
    if (kind !== 'file' || isSecretPath(path) || !passes(path)) continue;
    const matching = patterns.filter(({ matches }) => matches?.(path));
    for (const pattern of matching) pattern.count++;
    if (matching.length > 0) matched.push(path);
  }
  const empty = patterns.flatMap(({ path, count }) => (count === 0 ? path : []));
  return { named, matched, empty, isCut: step.value.cut !== undefined };
}

/** As it is written everywhere, so that what is named in two ways is one. */
function canonical(named: string): string {
  const { path } = splitLineRange(named);
  try {
    return `${parseProjectPath(path)}${named.slice(path.length)}`;
  } catch (error) {
    if (error instanceof UserError) return named; // what is wrong with it is told when it is opened
    throw error;
  }
}

/** Of a folder or a glob; none of a file. */
function testOf(root: Root, path: string): ((path: string) => boolean) | undefined {
  if (/^\.?\/*$/.test(path)) return () => true;
  if (isFolder(root, path)) {
    const start = `${parseProjectPath(path)}/`;
    return (each) => each.startsWith(start);
  }
  return /[*?[{]/.test(path) && !isFile(root, path) ? createPathFilter([path], []) : undefined;
}

function isFolder(root: Root, path: string): boolean {
  return isAt(root, path, (real) => lookAtFolder(real) !== undefined);
}

/** Names may have brackets: `app/[id]/page.tsx`. */
function isFile(root: Root, path: string): boolean {
  return isAt(root, path, (real) => lookAtFolder(real) === undefined);
}

function isAt(root: Root, path: string, test: (real: string) => boolean): boolean {
  try {
    return test(resolveInside(root, path));
  } catch (error) {
    if (error instanceof UserError) return false; // what is wrong with it is told when it is opened
    throw error;
  }
}
