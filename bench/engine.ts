import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { rgPath } from '@vscode/ripgrep';
import { createLog } from '../src/log.ts';
import { createWorkerPool, type WorkerPool } from '../src/projects/worker-pool.ts';
import { planQuery } from '../src/search/engine/query-plan.ts';
import type { ScanCrew } from '../src/search/engine/scan-crew.ts';
import { searchText } from '../src/search/engine/search-text.ts';
import type { TextIndex } from '../src/search/engine/text-index.ts';
import { createScanHelper } from '../src/search/live/helper-threads.ts';
import { compilePattern, type PatternQuery } from '../src/search/regex/compile-pattern.ts';
import { findInFiles } from '../src/search/text-search.ts';
import type { Jobs } from '../src/search/threads/worker.ts';
import { buildIndex } from './engine-build.ts';
import { benchFff } from './engine-fff.ts';
import { benchRestart } from './engine-restart.ts';
import { literal, nowhere, queriesFor, regex } from './engine-trees.ts';
import { formatRatio, interleave, printTable, ratioOf, spreadOf } from './report.ts';

const log = createLog('silent');
const gigabyte = 2 ** 30;
const noLimit = Number.MAX_SAFE_INTEGER;
const maxColdMs = 60_000;
const coldRounds = 15;

/** By size of the tree; of a ratio "rg takes so many times as long", and of "takes so many times as long as rg". */
interface Goal {
  goal: [number, number, number];
  least: [number, number, number];
}

interface Row {
  name: string;
  query: PatternQuery;
  limit: number;
  goal: Goal;
}

/**
 * The search engine by itself against a ripgrep process, which takes turns with it: `npm run bench -- engine --tree PATH`.
 * "search" has its plan already, as every page after the first; "with plan" compiles and analyses the pattern each time.
 */
export async function benchEngine(trees: readonly string[]) {
  if (trees.length === 0) console.log('\nengine: skipped. Name trees with --tree PATH, more than once if you like.');
  for (const tree of trees) await benchTree(realpathSync(tree));
}

async function benchTree(folder: string) {
  const scratch = mkdtempSync(join(tmpdir(), 'octant-bench-'));
  const output = openSync(join(scratch, 'rg'), 'w');
  const workers = createWorkerPool<Jobs>({ entry: new URL('../dist/worker.js', import.meta.url), log, size: 2 });
  try {
    const { index } = await buildIndex(folder);
    const files = index.files.count();
    const rg = ripgrepIn(folder, output, files);
    const size = files < 5000 ? 0 : files < 40_000 ? 1 : 2;
    const rounds = size === 2 ? 5 : 9;
    const { textBytes, indexBytes } = index.stats();
    console.log(
      `\nengine in ${basename(folder)}: ${files} files, ${Math.round(textBytes / 2 ** 20)} MiB of text, index ` +
        `${Math.round((100 * indexBytes) / textBytes)} % of it, ` +
        `arena ${Math.round(index.arena.usedBytes() / 2 ** 20)} MiB; ${rounds} rounds${rg.isUnignored ? '; rg with --no-ignore' : ''}`,
    );
    const queries = queriesFor(index);
    const cold = await benchCold(folder, workers, rg, queries.rare);
    const building = await benchBuild(folder, rg, rounds);
    const restart = await benchRestart(folder, () => rg.search(literal(nowhere)), rounds);
    const crew = createScanHelper(index.arena);
    const rows: string[][] = [];
    for (const row of rowsFor(queries)) rows.push(await benchRow(index, crew, rg, row, rounds, size));
    const firstLines = rowsFor(queries).filter(({ limit }) => limit < noLimit);
    const searches = firstLines.map((row) => ({ ...row, find: finderOf(index, crew, row) }));
    const paths = Array.from({ length: files }, (_, file) => index.files.path(file));
    printTable(
      ['rg / ours', 'rg ms', 'search ms', 'with plan', 'lines', 'search', 'with plan', 'goal', 'least', ''],
      rows,
    );
    await benchFff(folder, scratch, searches, { rounds, ignored: rg.isUnignored ? paths : undefined });
    crew?.close();
    printTable(
      ['ours / rg', 'rg ms', 'ours ms', 'ratio', 'goal', 'most', ''],
      [
        timeRow(
          `cold, first 100 of the rare literal; the very first: ${formatMs(cold.first)} ms`,
          cold,
          { goal: [0.5, 0.9, 0.95], least: [0.9, 1.4, 1.4] },
          size,
        ),
        timeRow('full build', building, { goal: [4, 2.5, 4], least: [10, 6, 9] }, size),
        timeRow('restart, all checked', restart, { goal: [0.5, 0.7, 0.8], least: [1.5, 2, 2] }, size),
      ],
    );
  } finally {
    await workers.close();
    closeSync(output);
    rmSync(scratch, { recursive: true });
  }
}

function rowsFor({ rare, common, twoWords }: ReturnType<typeof queriesFor>): Row[] {
  const core = regex('class\\s+\\w+Error');
  const goalOf = (goal: Goal['goal'], least: Goal['least']): Goal => ({ goal, least });
  return [
    {
      name: `rare literal, ${rare}`,
      query: literal(rare),
      limit: 100,
      goal: goalOf([300, 2500, 3000], [100, 500, 500]),
    },
    {
      name: `common word, ${common}`,
      query: literal(common),
      limit: 100,
      goal: goalOf([200, 800, 3000], [50, 200, 500]),
    },
    {
      name: `two words, ${twoWords}`,
      query: literal(twoWords),
      limit: 100,
      goal: goalOf([200, 500, 800], [50, 100, 150]),
    },
    { name: 'regex with a literal core', query: core, limit: 100, goal: goalOf([100, 200, 200], [20, 40, 40]) },
    {
      name: 'regex without a literal',
      query: regex('\\b\\d{4}-\\d{2}\\b'),
      limit: 100,
      goal: goalOf([100, 60, 250], [20, 10, 40]),
    },
    { name: 'zero hits', query: literal(nowhere), limit: 100, goal: goalOf([2550, 15_932, 26_893], [300, 1000, 1000]) },
    {
      name: 'selective, every line',
      query: literal(twoWords),
      limit: noLimit,
      goal: goalOf([100, 200, 300], [25, 40, 40]),
    },
    { name: 'common word, every line', query: literal(common), limit: noLimit, goal: goalOf([10, 15, 8], [3, 3, 2]) },
    {
      name: 'worst case, [a-z]{28,}',
      query: regex('[a-z]{28,}'),
      limit: noLimit,
      goal: goalOf([6, 8, 4], [2, 2, 1.5]),
    },
  ];
}

/** Counts the lines of a page, with a plan that is there already. */
function finderOf(index: TextIndex, crew: ScanCrew | undefined, { query, limit }: Row): () => number {
  const plan = planQuery(compilePattern(query), index);
  return () => {
    let lines = 0;
    for (const _ of searchText(index, plan, { limit, crew })) lines++;
    return lines;
  };
}

async function benchRow(
  index: TextIndex,
  crew: ScanCrew | undefined,
  rg: Ripgrep,
  { name, query, limit, goal }: Row,
  rounds: number,
  size: number,
): Promise<string[]> {
  const plan = planQuery(compilePattern(query), index);
  const rgTimes: number[] = [];
  const searches: number[] = [];
  const wholes: number[] = [];
  let lines = 0;
  const find = (planned: typeof plan) => {
    lines = 0;
    for (const _ of searchText(index, planned, { limit, crew })) lines++;
  };
  for (let warmUp = 0; warmUp < 20; warmUp++) find(planQuery(compilePattern(query), index));
  const times = limit === noLimit ? 1 : 9;
  await interleave(rounds, [
    async () => void rgTimes.push(rg.search(query)),
    async () => void searches.push(timed(times, () => find(plan))),
    async () => void wholes.push(timed(times, () => find(planQuery(compilePattern(query), index)))),
  ]);
  const ratio = ratioOf(rgTimes, searches);
  const whole = ratioOf(rgTimes, wholes);
  return [
    name,
    ...[rgTimes, searches, wholes].map((each) => formatMs(spreadOf(each).median)),
    `${lines}`,
    formatRatio(ratio),
    formatRatio(whole),
    ...verdict(goal, size, (wanted) => ratio >= wanted),
  ];
}

function timeRow(name: string, { rg, ours }: { rg: number[]; ours: number[] }, goal: Goal, size: number): string[] {
  const ratio = ratioOf(ours, rg);
  return [
    name,
    formatMs(spreadOf(rg).median),
    formatMs(spreadOf(ours).median),
    formatRatio(ratio),
    ...verdict(goal, size, (wanted) => ratio <= wanted),
  ];
}

function verdict({ goal, least }: Goal, size: number, isReached: (wanted: number) => boolean): string[] {
  const wanted = goal[size] ?? Number.NaN;
  const floor = least[size] ?? Number.NaN;
  const word = isReached(wanted) ? 'met' : isReached(floor) ? 'not met' : 'FELL BELOW';
  return [formatRatio(wanted), formatRatio(floor), word];
}

/**
 * As `search_files` does it in a server whose threads are up and remember no folder of the project. In the first rounds V8
 * compiles: the very first is told apart, and the median is of so many others.
 */
async function benchCold(folder: string, workers: WorkerPool<Jobs>, rg: Ripgrep, rare: string) {
  const query = literal(rare);
  const root = { folder, refuseHardLinks: false };
  const page = { order: 'relevance', context: 0, limit: 100, maxCharacters: noLimit } as const;
  const input = { root, ...query, include: [], exclude: [], ...page };
  const times: { rg: number[]; ours: number[] } = { rg: [], ours: [] };
  const call = () => ({ signal: new AbortController().signal, budgetMs: maxColdMs });
  const elsewhere = { folder: import.meta.dirname, refuseHardLinks: false };
  await interleave(coldRounds + 1, [
    async () => void times.rg.push(rg.search(query)),
    async () => {
      const forget = () => workers.run('listFiles', { root: elsewhere, after: undefined, limit: 1 }, call());
      await Promise.all([forget(), forget()]);
      const begin = performance.now();
      await findInFiles(workers, input, call());
      times.ours.push(performance.now() - begin);
    },
  ]);
  return { rg: times.rg.slice(1), ours: times.ours.slice(1), first: times.ours[0] ?? 0 };
}

/** Each in a process of its own, as a server builds once, whose start is not counted: where an index of before is given back meanwhile, it takes twice as long. */
async function benchBuild(folder: string, rg: Ripgrep, rounds: number) {
  const times: { rg: number[]; ours: number[] } = { rg: [], ours: [] };
  const script = join(import.meta.dirname, 'engine-build-once.ts');
  await interleave(rounds, [
    async () => void times.rg.push(rg.search(literal(nowhere))),
    async () => {
      const { status, stdout } = spawnSync(process.execPath, [script, folder], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      if (status !== 0) throw new Error('The build failed.');
      times.ours.push(Number(stdout.toString()));
    },
  ]);
  return times;
}

interface Ripgrep {
  /** Where all is ignored and yet tracked, as in a packager's tree, ripgrep would look at nothing. */
  isUnignored: boolean;
  /** Milliseconds. */
  search(query: PatternQuery): number;
}

function ripgrepIn(folder: string, output: number, files: number): Ripgrep {
  const common = ['--hidden', '--no-config', '-g', '!.git'];
  const { stdout } = spawnSync(rgPath, ['--files', ...common], { cwd: folder, maxBuffer: gigabyte });
  const isUnignored = stdout.toString().split('\n').length < files * 0.9;
  const flags = isUnignored ? [...common, '--no-ignore'] : common;
  return {
    isUnignored,
    search({ query, mode }) {
      const args = [...flags, '-n', '-s', ...(mode === 'text' ? ['-F'] : []), '-e', query, '.'];
      return timed(1, () => spawnSync(rgPath, args, { cwd: folder, stdio: ['ignore', output, 'ignore'] }));
    },
  };
}

/** The median of some runs, in milliseconds. */
function timed(times: number, work: () => void): number {
  return spreadOf(
    Array.from({ length: times }, () => {
      const begin = performance.now();
      work();
      return performance.now() - begin;
    }),
  ).median;
}

function formatMs(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toFixed(value >= 1 ? 2 : 3);
}
