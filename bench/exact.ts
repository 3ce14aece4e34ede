import { basename } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import {
  differencesOf,
  explain,
  generateQueries,
  listedByRipgrep,
  octantLines,
  ripgrepLines,
} from '../tests/helpers/exact.ts';
import { repository } from '../tests/helpers/program.ts';
import { openClientWith } from './client.ts';
import { printGoal } from './report.ts';

const mostLines = 3000;
const warmUpMs = 15_000;
const seed = 20_261;

/**
 * Generated queries through `search_files`, all pages, against ripgrep: without an index and with one.
 *
 * @param options more options for rg, as `--no-ignore` for a tree whose tracked files are ignored
 */
export async function benchExact(trees: readonly string[], count: number, options: readonly string[]) {
  for (const folder of trees.length > 0 ? trees : [repository]) await compareTree(folder, count, options);
}

async function compareTree(folder: string, count: number, options: readonly string[]) {
  const listed = listedByRipgrep(folder, options);
  const paths = [...listed].filter((path) => /\.\w+$/.test(path)).sort();
  // projects that refuse hard links are searched without an index
  const cold = await openClientWith(['--refuse-hard-links'], [folder]);
  const warm = await openClientWith([], [folder]);
  const ask = (client: typeof cold) => async (args: Record<string, unknown>) => {
    const { structuredContent, isError, content } = await client.callTool({ name: 'search_files', arguments: args });
    if (isError) throw new Error(`search_files refused ${JSON.stringify(args)}: ${JSON.stringify(content)}`);
    return structuredContent;
  };
  const kinds = new Map<string, number>();
  const late = new Map<string, number>();
  let compared = 0;
  let tooMany = 0;
  let lines = 0;
  try {
    await ask(warm)({ query: 'a first search' });
    await setTimeout(Math.min(warmUpMs, paths.length));
    for (const query of generateQueries(folder, paths, seed)) {
      if (compared >= count) break;
      const theirs = await ripgrepLines(folder, query, options, mostLines);
      if (theirs === undefined) {
        tooMany++;
        continue;
      }
      compared++;
      lines += theirs.size;
      for (const [way, client] of [['cold', cold] as const, ['warm', warm] as const]) {
        const ours = await octantLines(ask(client), query);
        if (ours === undefined) late.set(way, (late.get(way) ?? 0) + 1);
        for (const line of ours === undefined ? [] : differencesOf(ours, theirs)) {
          const kind = `${way}: ${explain(folder, line, query, listed)}`;
          kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
          if (kind.endsWith('unexplained')) console.log(`  ${way} ${line} ${JSON.stringify(query)}`);
        }
      }
    }
  } finally {
    await Promise.all([cold.close(), warm.close()]);
  }
  console.log(
    `\nexact in ${basename(folder)}: ${compared} queries, ${lines} lines; ${tooMany} with more than ${mostLines} lines left out`,
  );
  for (const [way, number] of late) console.log(`  ${way}: ${number} queries ran out of time, and were not compared`);
  for (const [kind, number] of kinds) console.log(`  ${kind}: ${number} lines differ`);
  const unexplained = [...kinds]
    .filter(([kind]) => kind.endsWith('unexplained'))
    .reduce((sum, [, each]) => sum + each, 0);
  printGoal('no line differs without a reason', `${unexplained} do`, unexplained === 0);
}
