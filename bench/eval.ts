/**
 * How good `suggest_files` is, on real commits: a case is what a commit's author wrote and the files that it changed, and
 * the tree is the one before. `npm run eval -- --set CASES.json=TREE [--set ...] [--ablate] [--plans] [--packing]`, or OCTANT_EVAL_SETS
 * with such pairs, separated by commas. `--plans` asks how well the files of offline plans fit instead, `--packing` how much of them is in a context. CASES.json is `{ cases: [{ query, relevant: [path, ...] }] }`.
 */
import { readFileSync, realpathSync } from 'node:fs';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { createJobControl } from '../src/projects/job-control.ts';
import { rankForTask, type TaskKnowledge } from '../src/search/task/rank-task.ts';
import { createTaskIndex } from '../src/search/task/task-index.ts';
import { type TaskWeights, taskWeights } from '../src/search/task/task-weights.ts';
import { createDraws } from '../tests/helpers/random.ts';
import { openClient } from './client.ts';
import { evaluatePacking } from './eval-packing.ts';
import { evaluatePlans } from './eval-plans.ts';
import { createPlainRanker } from './plain-bm25.ts';
import { printTable, spreadOf } from './report.ts';

const { values } = parseArgs({
  options: {
    set: { type: 'string', multiple: true },
    ablate: { type: 'boolean', default: false },
    plans: { type: 'boolean', default: false },
    packing: { type: 'boolean', default: false },
  },
});
const sets = values.set ?? process.env.OCTANT_EVAL_SETS?.split(',').filter(Boolean) ?? [];
if (sets.length === 0) {
  console.error('Name at least one set: npm run eval -- --set CASES.json=TREE');
  process.exit(1);
}

const limit = 10;
const resamples = 2000;
const casesFile = z.object({ cases: z.array(z.object({ query: z.string(), relevant: z.array(z.string()) })) });
const answer = z.object({ files: z.array(z.object({ path: z.string() })) });
type Case = z.output<typeof casesFile>['cases'][number];
type Ranker = (task: string) => Promise<readonly string[]> | readonly string[];

interface Score {
  recall: number;
  mrr: number;
}

for (const set of sets) {
  const [file = '', tree = ''] = set.split('=');
  const { cases } = casesFile.parse(JSON.parse(readFileSync(file, 'utf8')));
  const folder = realpathSync(tree);
  console.log(`\n${basename(file, '.json')}: ${cases.length} cases`);
  if (values.packing) {
    await evaluatePacking(cases, folder);
    continue;
  }
  if (values.plans) {
    await evaluatePlans(cases, folder);
    continue;
  }
  const rows = [
    row('plain BM25 of path (x2) and text, code alone', await scoreAll(cases, createPlainRanker(folder))),
    row('suggest_files, as a client gets it', await scoreServer(cases, folder)),
  ];
  if (values.ablate) rows.push(...(await ablate(cases, folder)));
  printTable(['ranker', 'recall@10', '95 %', 'MRR@10', '95 %'], rows);
}

async function scoreAll(cases: readonly Case[], rank: Ranker): Promise<Score[]> {
  const scores: Score[] = [];
  for (const { query, relevant } of cases) {
    const ranked = (await rank(query)).slice(0, limit);
    const first = ranked.findIndex((path) => relevant.includes(path));
    const found = ranked.filter((path) => relevant.includes(path)).length;
    scores.push({ recall: found / relevant.length, mrr: first < 0 ? 0 : 1 / (first + 1) });
  }
  return scores;
}

async function scoreServer(cases: readonly Case[], folder: string): Promise<Score[]> {
  const client = await openClient(folder);
  const times: number[] = [];
  const scores = await scoreAll(cases, async (task) => {
    const begin = performance.now();
    const { structuredContent } = await client.callTool({ name: 'suggest_files', arguments: { task, limit } });
    times.push(performance.now() - begin);
    return answer.parse(structuredContent).files.map(({ path }) => path);
  });
  await client.close();
  const warm = times.slice(1).sort((a, b) => a - b);
  const p95 = warm[Math.floor(warm.length * 0.95)] ?? Number.NaN;
  console.log(
    `  first call ${times[0]?.toFixed(0)} ms, then ${spreadOf(warm).median.toFixed(1)} ms, p95 ${p95.toFixed(1)} ms`,
  );
  return scores;
}

/** Each signal by what is lost without it, with everything known. */
async function ablate(cases: readonly Case[], folder: string): Promise<string[][]> {
  const knowledge = await learn(folder);
  const score = async (name: string, weights: TaskWeights) =>
    row(name, await scoreAll(cases, (task) => rankPaths(knowledge, task, weights)));
  const even = { source: 1, test: 1, example: 1, documentation: 1, data: 1, generated: 1 };
  const noHistory = { commonWords: 0, pastCommits: 0, pastFolders: 0, coChange: 0, activity: 0 };
  const none = {
    ...noHistory,
    phrase: 0,
    tests: 0,
    neighbours: 0,
    centrality: 0,
    namedPath: 0,
  };
  const signals = [
    'phrase',
    'commonWords',
    'pastCommits',
    'pastFolders',
    'tests',
    'coChange',
    'neighbours',
    'activity',
    'centrality',
    'namedPath',
  ] as const;
  const rows = [await score('everything known', taskWeights)];
  for (const signal of signals) rows.push(await score(`  without ${signal}`, { ...taskWeights, [signal]: 0 }));
  rows.push(
    await score('  later words count as the first', { ...taskWeights, laterWords: 1 }),
    await score('  all roles alike', { ...taskWeights, roles: even }),
    await score('  words anywhere in the text', { ...taskWeights, passage: 0 }),
    await score('  names as any text', { ...taskWeights, inName: { path: 0, definitions: 0 } }),
    await score('  definitions as any text', { ...taskWeights, fields: { ...taskWeights.fields, definitions: 0 } }),
    await score('  without history', { ...taskWeights, ...noHistory }),
    await score('  words and roles alone', { ...taskWeights, ...none }),
  );
  return rows;
}

async function learn(folder: string): Promise<TaskKnowledge> {
  const index = createTaskIndex({ folder, refuseHardLinks: false });
  const stopFlag = new Int32Array(new SharedArrayBuffer(4));
  await index.refresh(createJobControl({ budgetMs: 600_000, stopFlag, report() {} }), {
    readingMs: 600_000,
    mentioned: () => [],
    inOrder: () => [],
  });
  await index.goOn(() => true);
  return index.knowledge();
}

function rankPaths(knowledge: TaskKnowledge, task: string, weights: TaskWeights): string[] {
  return rankForTask(knowledge, { task, near: [], passes: () => true, limit }, weights).map(({ path }) => path);
}

function row(name: string, scores: readonly Score[]): string[] {
  return [name, ...interval(scores.map(({ recall }) => recall)), ...interval(scores.map(({ mrr }) => mrr))];
}

/** The mean, and where 95 % of the means of as many cases lie, drawn again and again from these (bootstrap). */
function interval(values: readonly number[]): string[] {
  const random = createDraws(1);
  const mean = (list: readonly number[]) => list.reduce((sum, value) => sum + value, 0) / list.length;
  const means = Array.from({ length: resamples }, () =>
    mean(values.map(() => values[Math.floor(random() * values.length)] ?? 0)),
  ).sort((a, b) => a - b);
  const at = (share: number) => (means[Math.floor(means.length * share)] ?? Number.NaN).toFixed(3);
  return [mean(values).toFixed(3), `${at(0.025)} to ${at(0.975)}`];
}
