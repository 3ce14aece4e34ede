import { spawn } from 'node:child_process';
import { basename } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Client } from '@modelcontextprotocol/client';
import { rgPath } from '@vscode/ripgrep';
import { z } from 'zod';
import { openClient } from './client.ts';
import { printTable, spreadOf } from './report.ts';

interface Row {
  name: string;
  mode: 'text' | 'regex';
  query: string;
  /** On a small, a middle and a large tree; of other rows `engine` judges the search itself. */
  goals?: { reach: readonly number[]; least: readonly number[] };
}

const nowhere = ['zq', 'vxk', 'jw'].join(''); // so that this file does not hold it
const zeroHits = { mode: 'text', query: nowhere } as const;
const rounds = 15;
const maxWarmUpMs = 90_000;
const warmMs = 6;
const warmUpCalls = 300;
const inARow = 10;
const middleFiles = 5000;
const largeFiles = 40_000;

function rowsOf(rare: string): Row[] {
  return [
    { name: 'rare literal', mode: 'text', query: rare, goals: { reach: [50, 300, 900], least: [20, 100, 250] } },
    { name: 'common word, ranked', mode: 'text', query: 'error' },
    { name: 'two words', mode: 'text', query: 'not found' },
    { name: 'regex with a core', mode: 'regex', query: 'class\\s+\\w+Error' },
    { name: 'regex without', mode: 'regex', query: '\\b\\d{4}-\\d{2}\\b' },
    { name: 'zero hits', mode: 'text', query: nowhere },
  ];
}

/**
 * The first 100 hits of `search_files` over stdio, from a warm index, against a whole run of rg. The same is asked in a row,
 * so that its plan is kept, and the first call of each row is told apart: the run of rg before it has put all threads to sleep
 * and others' data into the caches.
 */
export async function benchWarmSearch(folder: string) {
  const listed = (await runRipgrep(folder, ['--files'])).lines;
  const client = await openClient(folder);
  try {
    const files = await warmUp(client);
    const size = files < middleFiles ? 0 : files < largeFiles ? 1 : 2;
    // a tree whose own ignore files name what it tracks
    const extra = listed < files / 2 ? ['--no-ignore'] : [];
    const rows = rowsOf(await findRare(folder, extra));
    for (let call = 0; call < warmUpCalls; call++) await ask(client, rows[call % rows.length] ?? zeroHits);
    console.log(`\nwarm search in ${basename(folder)}, ${files} files, ms, medians of ${rounds} rounds`);
    const table: string[][] = [];
    for (const each of rows) {
      const { ours, first, empty, rg, found } = await measure(client, folder, each, extra);
      const times = [ours, first, empty, rg].map((ms) => ms.toFixed(2));
      const ratio = rg / ours;
      table.push([each.name, ...times, found, `${ratio.toFixed(0)}x`, ...verdict(each, size, ratio)]);
    }
    printTable(['', 'octant', 'the first', 'empty call', 'rg', 'found', 'rg / octant', 'goal', 'floor', ''], table);
  } finally {
    await client.close();
  }
}

function verdict({ goals }: Row, size: number, ratio: number): string[] {
  if (!goals) return ['', '', ''];
  const [goal, floor] = [goals.reach[size] ?? 0, goals.least[size] ?? 0];
  return [`${goal}x`, `${floor}x`, ratio >= goal ? 'met' : ratio >= floor ? 'above the floor' : 'BELOW THE FLOOR'];
}

/** Until the index answers. @returns how many files are searched */
async function warmUp(client: Client): Promise<number> {
  const begin = performance.now();
  for (;;) {
    const start = performance.now();
    const { files_searched: files } = await ask(client, zeroHits);
    const now = performance.now();
    if (now - start < warmMs || now - begin > maxWarmUpMs) return files;
    await setTimeout(200);
  }
}

/** Runs of rg in turns with rows of calls: those of a query, and those that are refused for their arguments. */
async function measure(client: Client, folder: string, { mode, query }: Row, extra: readonly string[]) {
  const pattern = ['-n', '-S', ...(mode === 'text' ? ['-F'] : []), '-e', query, '.'];
  const times = { ours: [] as number[], first: [] as number[], empty: [] as number[], rg: [] as number[] };
  let found = '';
  const call = async () => {
    const { match_count: count, next_cursor: next } = await ask(client, { mode, query });
    found = `${count}${next ? '+' : ''}`;
  };
  const refused = () => client.callTool({ name: 'search_files', arguments: { unknown: query } });
  await call();
  const runRg = async () => void times.rg.push((await runRipgrep(folder, [...extra, ...pattern])).ms);
  for (let round = 0; round < rounds; round++) {
    await runRg();
    times.first.push(await timed(call));
    for (let place = 1; place < inARow; place++) times.ours.push(await timed(call));
    await runRg();
    await timed(refused);
    for (let place = 1; place < inARow; place++) times.empty.push(await timed(refused));
  }
  const median = (values: readonly number[]) => spreadOf(values).median;
  const medians = { ours: median(times.ours), first: median(times.first), empty: median(times.empty) };
  return { ...medians, rg: median(times.rg), found };
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await work();
  return performance.now() - begin;
}

const answer = z.object({ match_count: z.int(), files_searched: z.int(), next_cursor: z.string().optional() });

async function ask(client: Client, { mode, query }: Pick<Row, 'mode' | 'query'>) {
  const args = { mode, query, limit: 100, max_characters: 100_000 };
  const { structuredContent, isError } = await client.callTool({ name: 'search_files', arguments: args });
  if (isError) throw new Error(`search_files refused "${query}".`);
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
