import { spawn } from 'node:child_process';
import { basename } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Client } from '@modelcontextprotocol/client';
import { rgPath } from '@vscode/ripgrep';
import { z } from 'zod';
import { openClient } from './client.ts';
import { interleave, printTable, spreadOf } from './report.ts';

interface Row {
  name: string;
  mode: 'text' | 'regex';
  query: string;
  /** Of rg's time, on a small, a middle and a large tree: the goal, and what it must not fall below. */
  goals: readonly [number, number, number];
  floors: readonly [number, number, number];
  /** Whether the figures are for the call with its envelope, or for what it takes more than a call that does nothing. */
  isEndToEnd: boolean;
}

const nowhere = ['zq', 'vxk', 'jw'].join(''); // so that this file does not hold it
const rounds = 15;
const maxWarmUpMs = 90_000;
const warmMs = 6;
const warmUpCalls = 300;
const middleFiles = 5000;
const largeFiles = 40_000;

function rowsOf(rare: string): Row[] {
  const own = { isEndToEnd: false, mode: 'text' } as const;
  return [
    row('rare literal, end to end', rare, [50, 300, 900], [20, 100, 250], { mode: 'text', isEndToEnd: true }),
    row('rare literal', rare, [300, 2500, 3000], [100, 500, 500], own),
    row('common word, ranked', 'error', [200, 800, 3000], [50, 200, 500], own),
    row('two words', 'not found', [200, 500, 800], [50, 100, 150], own),
    row('regex with a core', 'class\\s+\\w+Error', [100, 200, 200], [20, 40, 40], { ...own, mode: 'regex' }),
    row('regex without', '\\b\\d{4}-\\d{2}\\b', [100, 60, 250], [20, 10, 40], { ...own, mode: 'regex' }),
    row('zero hits', nowhere, [2550, 15_932, 26_893], [300, 1000, 1000], own),
  ];
}

function row(
  name: string,
  query: string,
  goals: Row['goals'],
  floors: Row['floors'],
  rest: Pick<Row, 'mode' | 'isEndToEnd'>,
): Row {
  return { name, query, goals, floors, ...rest };
}

/** The first 100 hits of `search_files` over stdio, from a warm index, against a whole run of rg. */
export async function benchWarmSearch(folder: string) {
  const client = await openClient(folder);
  try {
    const files = await warmUp(client);
    const size = files < middleFiles ? 0 : files < largeFiles ? 1 : 2;
    const listed = (await runRipgrep(folder, ['--files'])).lines;
    // a tree whose own ignore files name what it tracks
    const extra = listed < files / 2 ? ['--no-ignore'] : [];
    console.log(`\nwarm search in ${basename(folder)}, ${files} files, ms, medians of ${rounds} rounds`);
    const table: string[][] = [];
    for (const each of rowsOf(await findRare(folder, extra))) {
      const { ours, empty, rg, found } = await measure(client, folder, each, extra);
      const own = each.isEndToEnd ? ours : Math.max(0.001, ours - empty);
      const [goal, floor] = [each.goals[size] ?? 0, each.floors[size] ?? 0];
      const ratio = rg / own;
      const verdict = ratio >= goal ? 'met' : ratio >= floor ? 'above the floor' : 'BELOW THE FLOOR';
      const times = [ours, empty, rg].map((ms) => ms.toFixed(2));
      table.push([each.name, ...times, found, `${ratio.toFixed(0)}x`, `${goal}x`, `${floor}x`, verdict]);
    }
    printTable(['', 'octant', 'empty call', 'rg', 'found', 'rg / octant', 'goal', 'floor', ''], table);
    console.log('  but for the first row, octant is taken without what an empty call takes');
  } finally {
    await client.close();
  }
}

/** Until the index answers, and V8 has compiled what a session of some hundred calls runs through. @returns how many files were searched */
async function warmUp(client: Client): Promise<number> {
  const begin = performance.now();
  for (let isWarm = false; !isWarm && performance.now() - begin < maxWarmUpMs; ) {
    const start = performance.now();
    await ask(client, { mode: 'text', query: nowhere });
    isWarm = performance.now() - start < warmMs;
    if (!isWarm) await setTimeout(200);
  }
  let files = 0;
  for (let call = 0; call < warmUpCalls; call++) {
    files = (await ask(client, { mode: 'text', query: call % 2 ? nowhere : 'error' })).files_searched;
  }
  return files;
}

/** Of interleaved calls: those of a query, calls that are refused for their arguments, and runs of rg. */
async function measure(client: Client, folder: string, { mode, query }: Row, extra: readonly string[]) {
  const pattern = ['-n', '-S', ...(mode === 'text' ? ['-F'] : []), '-e', query, '.'];
  const times = { ours: [] as number[], empty: [] as number[], rg: [] as number[] };
  let found = '';
  const call = async () => {
    const { match_count: count, next_cursor: next } = await ask(client, { mode, query });
    found = `${count}${next ? '+' : ''}`;
  };
  const refused = () => client.callTool({ name: 'search_files', arguments: { unknown: query } });
  await call();
  await interleave(rounds, [
    async () => void times.ours.push(...(await timedTwice(call))),
    async () => void times.empty.push(...(await timedTwice(refused))),
    async () => void times.rg.push((await runRipgrep(folder, [...extra, ...pattern])).ms),
  ]);
  const median = (values: readonly number[]) => spreadOf(values).median;
  return { ours: median(times.ours), empty: median(times.empty), rg: median(times.rg), found };
}

/** After a run of rg the threads of a server have to be woken first, which every contestant would pay for it. */
async function timedTwice(work: () => Promise<unknown>): Promise<number[]> {
  await work();
  const times: number[] = [];
  for (let time = 0; time < 2; time++) {
    const begin = performance.now();
    await work();
    times.push(performance.now() - begin);
  }
  return times;
}

const answer = z.object({ match_count: z.int(), files_searched: z.int(), next_cursor: z.string().optional() });

async function ask(client: Client, question: Pick<Row, 'mode' | 'query'>) {
  const args = { ...question, limit: 100, max_characters: 100_000 };
  const { structuredContent, isError } = await client.callTool({ name: 'search_files', arguments: args });
  if (isError) throw new Error(`search_files refused "${question.query}".`);
  return answer.parse(structuredContent);
}

/** A word that is on 2 to 20 lines of a tree. */
async function findRare(folder: string, extra: readonly string[]): Promise<string> {
  const { text } = await runRipgrep(folder, [
    ...extra,
    '-oIN',
    '--max-count',
    '2',
    '\\b[a-z]+_?[A-Za-z]+_?[A-Za-z]{8,16}\\b',
  ]);
  const words = [...new Set(text.split('\n'))].filter((word) => /[a-z][A-Z_]/.test(word)).sort();
  for (let part = 1; part < 200; part++) {
    const word = words[Math.floor((words.length * part) / 200)] ?? '';
    const { lines } = await runRipgrep(folder, [...extra, '-S', '-F', '-e', word, '.']);
    if (lines >= 2 && lines <= 20) return word;
  }
  throw new Error('No rare word was found.');
}

async function runRipgrep(folder: string, args: readonly string[]) {
  const begin = performance.now();
  const child = spawn(rgPath, ['--hidden', '-g', '!.git', ...args], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const chunks: Buffer[] = [];
  for await (const chunk of child.stdout) chunks.push(chunk);
  const ms = performance.now() - begin;
  const text = Buffer.concat(chunks).toString();
  return { ms, text, lines: text.split('\n').length - 1 };
}
