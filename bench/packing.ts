import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { walk } from '../src/projects/walk.ts';
import { readText } from '../src/search/files/text-files.ts';
import { loadCounter, tokenizerOf } from '../src/text/tokens.ts';
import { openClientWith } from './client.ts';
import { formatRatio, formatSpread, printTable, ratioOf, spreadOf } from './report.ts';

const rounds = 20;
const budget = 32_000;
const tasks = [
  'Cache the results of the search. A changed file must not give a stale answer.',
  'Fix the crash when a file is closed twice',
  'Add a flag that prints the version as JSON so that scripts can read it',
  'Rename the option for the timeout and keep the old name working',
];
/** Enough to be measured, and less than it takes to fall asleep. */
const countedBytes = 20_000_000;

/** A context of 32,000 tokens beside the ranking that it starts from, by turns and warm; then how fast tokens are counted. */
export async function benchPacking(trees: readonly string[]) {
  for (const tree of trees) {
    await compareWithRanking(tree);
    await countTokens(tree);
  }
}

async function compareWithRanking(tree: string) {
  const dataDir = mkdtempSync(join(tmpdir(), 'octant-bench-'));
  const client = await openClientWith(['--toolsets', 'files', '--data-dir', dataDir], [tree]);
  const timed = async (name: string, args: Record<string, unknown>) => {
    const begin = performance.now();
    const { isError } = await client.callTool({ name, arguments: args });
    if (isError) throw new Error(`${name} failed`);
    return performance.now() - begin;
  };
  const taskOf = (round: number) => tasks[round % tasks.length] ?? '';
  const build = (task: string) => timed('build_context', { task, budget, model: 'gpt-5' });
  try {
    for (let warm = false; !warm; ) {
      const { structuredContent } = await client.callTool({ name: 'suggest_files', arguments: { task: taskOf(0) } });
      warm = Object(structuredContent).complete === true;
    }
    const first = await build(taskOf(0));
    for (const task of tasks) await build(task);
    const ranked: number[] = [];
    const built: number[] = [];
    for (let round = 0; round < rounds; round++) {
      ranked.push(await timed('suggest_files', { task: taskOf(round) }));
      built.push(await build(taskOf(round)));
    }
    console.log(`\nA context of ${budget} tokens of ${tree}, in ms; the first took ${first.toFixed(0)} ms`);
    printTable(
      ['call', 'median', 'min', 'max'],
      [
        ['suggest_files', ...formatSpread(spreadOf(ranked))],
        ['build_context', ...formatSpread(spreadOf(built))],
      ],
    );
    console.log(`  build_context takes ${formatRatio(ratioOf(built, ranked))} of suggest_files`);
  } finally {
    await client.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function countTokens(tree: string) {
  const texts = readTexts(tree);
  const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  const rows: string[][] = [];
  for (const model of ['o200k', 'cl100k', 'claude']) {
    const tokenizer = tokenizerOf(model);
    const count = await loadCounter(tokenizer);
    const begin = performance.now();
    const tokens = texts.reduce((sum, text) => sum + count(text), 0);
    const ms = performance.now() - begin;
    rows.push([tokenizer.name, (bytes / ms / 1000).toFixed(1), (bytes / tokens).toFixed(2)]);
  }
  console.log(`\nCounting the tokens of ${(bytes / 1e6).toFixed(1)} MB of text`);
  printTable(['by', 'MB/s', 'bytes a token'], rows);
}

function readTexts(folder: string): string[] {
  const texts: string[] = [];
  const budget = { maxDepth: 256, maxEntries: 2_000_000, deadline: Number.POSITIVE_INFINITY };
  let left = countedBytes;
  for (const { path, kind } of walk(folder, budget)) {
    if (left <= 0) break;
    const text = kind === 'file' ? (readText({ folder, refuseHardLinks: false }, path) ?? '') : '';
    if (text.length > 1_000_000) continue;
    left -= text.length;
    texts.push(text);
  }
  return texts;
}
