import { spawn } from 'node:child_process';
import { basename } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Client } from '@modelcontextprotocol/client';
import { rgPath } from '@vscode/ripgrep';
import { z } from 'zod';
import { repository } from '../tests/helpers/program.ts';
import { openClient } from './client.ts';
import { formatRatio, interleave, printGoal, printTable, ratioOf, spreadOf } from './report.ts';
import { benchWarmSearch } from './search-warm.ts';
import { benchWalk } from './walk.ts';

const firstFifty = 50;
const searchGoal = 1.4;
const maxWarmUpMs = 60_000;

interface Query {
  name: string;
  mode: 'text' | 'regex' | 'path';
  query: string;
  /** ripgrep cannot stop by itself after the first lines of all files; it is ended once it has written so many. */
  stopAfter?: number;
}

interface Tree {
  folder: string;
  rounds: number;
  queries: Query[];
}

/** Written in parts, so that this file does not hold it. */
const nowhere = ['zq', 'vxk', 'jw'].join('');

const smallTree: Tree = {
  folder: repository,
  rounds: 21,
  queries: [
    { name: 'rare literal', mode: 'text', query: 'createWorkerPool' },
    { name: 'common word, first 50', mode: 'text', query: 'return', stopAfter: firstFifty },
    { name: 'common word, rg to its end', mode: 'text', query: 'return' },
    { name: 'two words', mode: 'text', query: 'outside the project' },
    { name: 'regex with a literal', mode: 'regex', query: 'class\\s+\\w+Error' },
    { name: 'regex without', mode: 'regex', query: '\\b\\d{4}-\\d{2}\\b', stopAfter: firstFifty },
    { name: 'zero hits', mode: 'text', query: nowhere },
    { name: 'path, fuzzy', mode: 'path', query: 'toolsrchfiles' },
  ],
};

/** Meant for the Linux sources, and of use on any large tree. */
const largeQueries: Query[] = [
  { name: 'rare literal', mode: 'text', query: 'tcp_conn_request' },
  { name: 'common word, first 50', mode: 'text', query: 'error', stopAfter: firstFifty },
  { name: 'common word, rg to its end', mode: 'text', query: 'error' },
  { name: 'two words, first 50', mode: 'text', query: 'out of memory', stopAfter: firstFifty },
  { name: 'regex with a literal', mode: 'regex', query: 'class\\s+\\w+Error' },
  { name: 'regex without, first 50', mode: 'regex', query: '\\b\\d{4}-\\d{2}\\b', stopAfter: firstFifty },
  { name: 'zero hits', mode: 'text', query: nowhere },
  { name: 'path, fuzzy', mode: 'path', query: 'nettcpinput' },
];

/** `search_files` end to end over stdio in a warm server against a ripgrep process, and the walk below it. */
export async function benchSearch(largeTree: string | undefined, warmTrees: readonly string[]) {
  if (warmTrees.length > 0) {
    for (const tree of warmTrees) await benchWarmSearch(tree);
    return;
  }
  await benchTree(smallTree);
  if (largeTree !== undefined) return benchTree({ folder: largeTree, rounds: 5, queries: largeQueries });
  console.log(`
search on a large tree: skipped. Name one with --large PATH or OCTANT_BENCH_TREE, for example on Debian:
  apt-get install linux-source-6.1 && mkdir /tmp/linux && cd /tmp/linux && git init
  tar -xf /usr/src/linux-source-6.1.tar.xz --strip-components=1
  sed -i '/^# Debian packaging/,$d' .gitignore   # which would ignore every file`);
}

async function benchTree({ folder, rounds, queries }: Tree) {
  console.log(
    `\nsearch in ${basename(folder)}: search_files over stdio against an rg process, ms, ${rounds} runs each`,
  );
  const client = await openClient(folder);
  const compared: Comparison[] = [];
  try {
    await warmUp(client);
    for (const query of queries) compared.push(await compare(client, folder, query, rounds));
  } finally {
    await client.close();
  }
  printTable(['', 'octant', 'min', 'max', 'rg', 'min', 'max', 'octant takes', 'found', 'rg'], compared.map(rowOf));
  const ratios = compared.map(({ ratio }) => ratio);
  const worst = Math.max(...ratios);
  printGoal(`every query in at most ${searchGoal}x rg's time`, `worst ${formatRatio(worst)}`, worst <= searchGoal);
  await benchWalk(folder, rounds);
}

/** The index is made after the first search, which takes the longest: until then a search of all files takes as long. */
async function warmUp(client: Client) {
  const begin = performance.now();
  const ask = () => timed(() => askOctant(client, { name: '', mode: 'text', query: nowhere }));
  const first = await ask();
  for (let last = first; last > first / 5 && performance.now() - begin < maxWarmUpMs; last = await ask()) {
    await setTimeout(100);
  }
  console.log(`first search ${first.toFixed(0)} ms; warm after ${((performance.now() - begin) / 1000).toFixed(1)} s`);
}

interface Comparison {
  query: Query;
  octant: number[];
  rg: number[];
  ratio: number;
  found: string;
  rgFound: string;
}

async function compare(client: Client, folder: string, query: Query, rounds: number): Promise<Comparison> {
  const octant: number[] = [];
  const rg: number[] = [];
  await askOctant(client, query); // warms up, the page cache too
  const rgLines = await askRipgrep(folder, query);
  let found = '';
  const ask = async () => {
    found = await askOctant(client, query);
  };
  await interleave(rounds, [
    async () => void octant.push(await timed(ask)),
    async () => void rg.push(await timed(() => askRipgrep(folder, query))),
  ]);
  const ratio = ratioOf(octant, rg);
  const rgFound = query.mode === 'path' ? '-' : `${rgLines}${rgLines === query.stopAfter ? '+' : ''}`;
  return { query, octant, rg, ratio, found, rgFound };
}

function rowOf({ query, octant, rg, ratio, found, rgFound }: Comparison): string[] {
  const figures = [octant, rg].flatMap((times) => {
    const { median, min, max } = spreadOf(times);
    return [median, min, max].map((value) => value.toFixed(1));
  });
  return [query.name, ...figures, formatRatio(ratio), found, rgFound];
}

const answer = z.object({ match_count: z.int(), complete: z.boolean(), next_cursor: z.string().optional() });

async function askOctant(client: Client, { query, mode }: Query): Promise<string> {
  const args = { query, mode, limit: firstFifty, max_characters: 100_000 };
  const { structuredContent, isError } = await client.callTool({ name: 'search_files', arguments: args });
  if (isError) throw new Error(`search_files refused "${query}".`);
  const { match_count: count, complete, next_cursor: next } = answer.parse(structuredContent);
  return `${count}${next ? '+' : ''}${complete ? '' : ' (cut)'}`;
}

/** Resolves with the lines it wrote; its output is read to the end, or until it was enough. */
async function askRipgrep(folder: string, { query, mode, stopAfter }: Query): Promise<number> {
  const common = ['--hidden', '-g', '!.git'];
  const pattern = [...(mode === 'text' ? ['-F'] : []), '-n', '-S', '-e', query];
  const child = spawn(rgPath, mode === 'path' ? ['--files', ...common] : [...common, ...pattern, '.'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let lines = 0;
  for await (const chunk of child.stdout) {
    lines += countLines(chunk);
    if (stopAfter !== undefined && lines >= stopAfter) break;
  }
  child.kill();
  return stopAfter === undefined ? lines : Math.min(lines, stopAfter);
}

function countLines(chunk: Buffer): number {
  let count = 0;
  for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) count++;
  return count;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await work();
  return performance.now() - begin;
}
