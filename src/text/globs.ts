import { UserError } from '../errors.ts';
import { compileWildmatch } from './wildmatch.ts';

const maxGlobLength = 256;
const maxAlternatives = 64;

export type PathFilter = (path: string) => boolean;

/**
 * Which paths a caller's globs let through. A glob without `/` matches a name at any depth (`*.test.ts`), one with `/`
 * matches from the project's root (`src/**\/*.ts`), and one that matches a folder takes all that lies below it, as in
 * .gitignore. `{a,b}` gives alternatives. Matching takes time linear in path and glob, whatever they hold.
 *
 * @param include none means everything
 * @throws UserError `bad_input` for a glob beyond the limits.
 */
export function createPathFilter(include: readonly string[], exclude: readonly string[]): PathFilter {
  const included = include.flatMap(compileGlob);
  const excluded = exclude.flatMap(compileGlob);
  return (path) =>
    (included.length === 0 || matchesAny(included, path)) && !(excluded.length > 0 && matchesAny(excluded, path));
}

type PathTest = (path: string, name: string) => boolean;

function compileGlob(glob: string): PathTest[] {
  if (glob.length > maxGlobLength) {
    throw new UserError('bad_input', `A glob may have ${maxGlobLength} characters; this one has ${glob.length}.`);
  }
  if (/\{-?\w+\.\.-?\w+/.test(glob)) {
    throw new UserError(
      'bad_input',
      `The glob ${JSON.stringify(glob)} holds a range such as {1..9}. List the alternatives: {1,2,3}.`,
    );
  }
  if (glob.startsWith('!')) {
    throw new UserError('bad_input', `The glob ${JSON.stringify(glob)} begins with "!". Leave files out by exclude.`);
  }
  return expandBraces(glob.trim()).map((alternative) => {
    const pattern = alternative.replace(/^(\.?\/)+/, '').replace(/\/+$/, '');
    if (pattern === '' || pattern === '.') return () => true; // the project's own folder
    const matches = compileWildmatch(pattern);
    return pattern.includes('/') ? matches : (_path, name) => matches(name);
  });
}

/** Tests the path itself, then each folder above it. */
function matchesAny(tests: readonly PathTest[], path: string): boolean {
  for (let end = path.length; end > 0; end = path.lastIndexOf('/', end - 1)) {
    const part = path.slice(0, end);
    const name = part.slice(part.lastIndexOf('/') + 1);
    if (tests.some((test) => test(part, name))) return true;
  }
  return false;
}

/** `a{b,c{d,e}}` gives `ab`, `acd`, `ace`; unbalanced braces are literal. */
function expandBraces(glob: string): string[] {
  const done: string[] = [];
  const open = [glob];
  while (open.length > 0) {
    if (open.length + done.length > maxAlternatives) {
      throw new UserError(
        'bad_input',
        `The glob ${JSON.stringify(glob)} has more than ${maxAlternatives} alternatives.`,
      );
    }
    const current = open.pop() ?? '';
    const group = findBraceGroup(current);
    if (!group) done.push(current);
    else open.push(...group.choices.map((choice) => current.slice(0, group.start) + choice + current.slice(group.end)));
  }
  return done;
}

/** The first group with alternatives whose end comes first, so that nested ones are expanded from the inside. */
function findBraceGroup(glob: string) {
  for (let close = glob.indexOf('}'); close >= 0; close = glob.indexOf('}', close + 1)) {
    const start = glob.lastIndexOf('{', close);
    const choices = start < 0 ? [] : glob.slice(start + 1, close).split(',');
    if (choices.length > 1) return { start, end: close + 1, choices };
  }
  return undefined;
}
