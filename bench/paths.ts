import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { walk } from '../src/projects/walk.ts';
import { searchPaths } from '../src/search/paths/fuzzy-paths.ts';
import { createPathIndex } from '../src/search/paths/path-index.ts';
import { repository } from '../tests/helpers/program.ts';
import { createDraws } from '../tests/helpers/random.ts';
import { layOut, openFff } from './fff.ts';
import { formatRatio, printGoal, printTable } from './report.ts';

const perKind = 100;
const pageSize = 10;

interface Matcher {
  name: string;
  prepareMs: number;
  find(query: string): readonly string[];
  times: number[];
  /** By kind of query: how often the wanted path came first, and how often among the first ten. */
  ranks: Map<string, { asked: number; first: number; ten: number }>;
}

interface Case {
  kind: string;
  query: string;
  wanted: string;
}

/** Fuzzy paths in process: how often the wanted path is found by six kinds of queries, and how long that takes. */
export async function benchPaths(trees: readonly string[]) {
  const scratch = mkdtempSync(join(tmpdir(), 'octant-bench-'));
  try {
    await benchPathsIn(trees, scratch);
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

async function benchPathsIn(trees: readonly string[], scratch: string) {
  const folders = trees.length > 0 ? trees : [repository];
  const paths = folders.flatMap((folder, at) =>
    listPaths(folder).map((path) => (at === 0 ? path : `tree${at}/${path}`)),
  );
  const cases = makeCases(paths);
  const octant = ownMatcher(paths);
  const matchers = [octant, await fuzzysortMatcher(paths), await fzfMatcher(paths)];
  layOut(scratch, paths); // fff looks for files in a folder, not in a list
  const begin = performance.now();
  const fff = await openFff(scratch, 'names');
  if (fff) {
    const prepareMs = performance.now() - begin;
    matchers.push({ ...prepared('fff-node', () => (query) => fff.findPaths(query, pageSize)), prepareMs });
  } else console.log('  (no row for fff-node: it does not run here)');
  console.log(`\npaths: ${paths.length} paths, ${cases.length} queries of six kinds, the matchers take turns`);
  for (const { query } of cases.slice(0, 30)) for (const { find } of matchers) find(query);
  for (const each of cases) for (const matcher of matchers) ask(matcher, each);
  fff?.close();

  const kinds = [...octant.ranks.keys()];
  const rows = matchers.map((matcher) => [
    matcher.name,
    matcher.prepareMs.toFixed(0),
    percentile(matcher.times, 0.5).toFixed(2),
    percentile(matcher.times, 0.99).toFixed(1),
    formatRatio(percentile(octant.times, 0.5) / percentile(matcher.times, 0.5)),
    ...[undefined, ...kinds].map((kind) => shares(matcher, kind)),
  ]);
  printTable(['first % / first ten %', 'prepare ms', 'p50 ms', 'p99', 'octant takes', 'all', ...kinds], rows);
  const p50 = percentile(octant.times, 0.5);
  const p99 = percentile(octant.times, 0.99);
  const ten = 100 * share(octant, undefined, 'ten');
  const typos = 100 * share(octant, 'typo', 'ten');
  printGoal('p50 under 1 ms, p99 under 10 ms', `${p50.toFixed(2)} and ${p99.toFixed(1)} ms`, p50 < 1 && p99 < 10);
  printGoal(
    'first ten 97 %, with a typo 95 %',
    `${ten.toFixed(1)} % and ${typos.toFixed(1)} %`,
    ten >= 97 && typos >= 95,
  );
}

function listPaths(folder: string): string[] {
  const budget = { maxDepth: 256, maxEntries: 2_000_000, deadline: Number.POSITIVE_INFINITY };
  return Array.from(walk(folder, budget), ({ path }) => path);
}

function ask(matcher: Matcher, { kind, query, wanted }: Case) {
  const begin = performance.now();
  const found = matcher.find(query);
  matcher.times.push(performance.now() - begin);
  const ranks = matcher.ranks.get(kind) ?? { asked: 0, first: 0, ten: 0 };
  matcher.ranks.set(kind, ranks);
  const place = found.indexOf(wanted);
  ranks.asked++;
  if (place === 0) ranks.first++;
  if (place >= 0 && place < pageSize) ranks.ten++;
}

function share({ ranks }: Matcher, kind: string | undefined, what: 'first' | 'ten'): number {
  const counted = [...ranks].filter(([name]) => kind === undefined || name === kind).map(([, rank]) => rank);
  const sum = (key: 'asked' | 'first' | 'ten') => counted.reduce((total, rank) => total + rank[key], 0);
  return sum(what) / sum('asked');
}

function shares(matcher: Matcher, kind: string | undefined): string {
  return `${(100 * share(matcher, kind, 'first')).toFixed(0)} / ${(100 * share(matcher, kind, 'ten')).toFixed(0)}`;
}

function percentile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}

function prepared(name: string, prepare: () => Matcher['find']): Matcher {
  const begin = performance.now();
  const find = prepare();
  return { name, prepareMs: performance.now() - begin, find, times: [], ranks: new Map() };
}

function ownMatcher(paths: string[]): Matcher {
  return prepared('octant', () => {
    const index = createPathIndex(paths);
    return (query) => searchPaths(index, { query, limit: pageSize }).hits.map(({ path }) => path);
  });
}

async function fuzzysortMatcher(paths: readonly string[]): Promise<Matcher> {
  const { default: fuzzysort } = await import('fuzzysort');
  return prepared('fuzzysort', () => {
    const targets = paths.map((path) => fuzzysort.prepare(path));
    return (query) => fuzzysort.go(query, targets, { limit: pageSize }).map(({ target }) => target);
  });
}

interface FzfModule {
  Fzf: new (paths: string[], options: object) => { find(query: string): Array<{ item: string }> };
  /** Its types name it in a way that Node does not resolve. */
  extendedMatch?: unknown;
}

/** As the program fzf does by default: v2, words in any order, shorter paths first. */
async function fzfMatcher(paths: string[]): Promise<Matcher> {
  const { Fzf, extendedMatch } = await import('fzf').then((module: FzfModule) => module);
  return prepared('fzf v2', () => {
    const tiebreakers = [(a: { item: string }, b: { item: string }) => a.item.length - b.item.length];
    const fzf = new Fzf(paths, { limit: pageSize, tiebreakers, fuzzy: 'v2', match: extendedMatch });
    return (query) => fzf.find(query).map(({ item }) => item);
  });
}

/** Queries as people type them for source files whose name occurs once, so that there is one right answer. */
function makeCases(paths: readonly string[]): Case[] {
  const names = new Map<string, number>();
  for (const path of paths) names.set(nameOf(path), (names.get(nameOf(path)) ?? 0) + 1);
  const pool = paths.filter((path) => {
    const name = nameOf(path);
    return isSource.test(name) && names.get(name) === 1 && path.split('/').length >= 3 && name.length >= 7;
  });
  const random = createChoice(7);
  return Array.from({ length: perKind }, () => pool[random(pool.length)] ?? '').flatMap((wanted) => {
    const name = nameOf(wanted);
    const stem = name.replace(/\.[^.]+$/, '');
    const parent = wanted.split('/').at(-2) ?? '';
    const words = stem.split(/[^a-z0-9]+/i).filter(Boolean);
    const at = 1 + random(Math.max(1, stem.length - 3));
    const queries = {
      name,
      'glued parent': `${parent}${stem}`.replace(/[^a-z0-9]/gi, '').toLowerCase(),
      'parent/stem': `${parent}/${stem}`,
      'first letters': [parent, ...words]
        .map((word) => word.slice(0, 3))
        .join('')
        .toLowerCase(),
      'words reversed': `${stem} ${parent}`,
      typo: `${stem.slice(0, at)}${stem[at + 1]}${stem[at]}${stem.slice(at + 2)}`,
    };
    return Object.entries(queries).map(([kind, query]) => ({ kind, query, wanted }));
  });
}

const isSource = /\.(c|h|rs|ts|py|S|rst)$/;

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function createChoice(seed: number): (below: number) => number {
  const draw = createDraws(seed);
  return (below) => Math.floor(draw() * below);
}
