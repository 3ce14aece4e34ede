/**
 * Ratios against public tools, measured in the same run by turns: `npm run bench`, or `npm run bench -- start http` for
 * some sections. `--large PATH` (or OCTANT_BENCH_TREE) names a large tree for the searches, `--tree PATH` (more than once)
 * those for the engine, for paths, for plans, for packing, for the event loop, and for searches with a warm index. `npm run bench -- exact --tree PATH --queries N`
 * compares what is found with ripgrep; `--no-ignore` is for trees whose tracked files are ignored.
 */
import { parseArgs } from 'node:util';
import { benchChats } from './chats.ts';
import { benchEngine } from './engine.ts';
import { benchExact } from './exact.ts';
import { benchHttp } from './http.ts';
import { benchLoop } from './loop.ts';
import { benchPacking } from './packing.ts';
import { benchPaths } from './paths.ts';
import { benchPlans } from './plans.ts';
import { benchSearch } from './search.ts';
import { benchStart } from './start.ts';
import { benchStore } from './store.ts';
import { benchSummaries } from './summaries.ts';

const options = {
  large: { type: 'string' },
  tree: { type: 'string', multiple: true },
  queries: { type: 'string', default: '100' },
  'no-ignore': { type: 'boolean', default: false },
} as const;
const { values, positionals } = parseArgs({ allowPositionals: true, options });
const largeTree = values.large ?? process.env.OCTANT_BENCH_TREE;

const sections = new Map([
  ['start', benchStart],
  ['http', benchHttp],
  ['search', () => benchSearch(largeTree, values.tree ?? [])],
  ['store', benchStore],
  ['paths', () => benchPaths(values.tree ?? (largeTree === undefined ? [] : [largeTree]))],
  ['exact', () => benchExact(values.tree ?? [], Number(values.queries), values['no-ignore'] ? ['--no-ignore'] : [])],
  ['engine', () => benchEngine(values.tree ?? [])],
  ['summaries', benchSummaries],
  ['loop', () => benchLoop(values.tree ?? [])],
  ['packing', () => benchPacking(values.tree ?? (largeTree === undefined ? [] : [largeTree]))],
  ['chats', benchChats],
  ['plans', () => benchPlans(values.tree ?? (largeTree === undefined ? [] : [largeTree]))],
]);

const unknown = positionals.find((name) => !sections.has(name));
if (unknown !== undefined) {
  console.error(`Unknown section "${unknown}". Known: ${[...sections.keys()].join(', ')}.`);
  process.exit(1);
}
console.log(
  `Node ${process.version}, ${process.platform}. Runs take turns; each ratio is the median over rounds. Look at the ratios, not the figures.`,
);
for (const [name, section] of sections) {
  if (positionals.length === 0 || positionals.includes(name)) await section();
}
