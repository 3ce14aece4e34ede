import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openClientWith } from './client.ts';
import { formatSpread, p95Of, printTable, spreadOf } from './report.ts';

const rounds = 40;
/** What a plan may take beside two rankings. */
const allowanceMs = 300;
const goals = [
  'Cache the results of the search. A changed file must not give a stale answer.',
  'Fix the crash when a file is closed twice',
  'Add a flag that prints the version as JSON so that scripts can read it',
  'Rename the option for the timeout and keep the old name working',
  'readFileSync names the path in its error, and `isDirectory` does too',
];

/** Offline plans beside the ranking that they start from, by turns, with everything warm. */
export async function benchPlans(trees: readonly string[]) {
  for (const tree of trees) {
    const dataDir = mkdtempSync(join(tmpdir(), 'octant-bench-'));
    const client = await openClientWith(['--data-dir', dataDir], [tree]);
    const timed = async (name: string, args: Record<string, unknown>) => {
      const begin = performance.now();
      const { isError } = await client.callTool({ name, arguments: args });
      if (isError) throw new Error(`${name} failed`);
      return performance.now() - begin;
    };
    const goalOf = (round: number) => goals[round % goals.length] ?? '';
    try {
      for (let warm = false; !warm; ) {
        const { structuredContent } = await client.callTool({ name: 'suggest_files', arguments: { task: goalOf(0) } });
        warm = Object(structuredContent).complete === true;
      }
      for (const goal of goals) await timed('create_plan', { goal, model: 'none' });
      const ranked: number[] = [];
      const planned: number[] = [];
      for (let round = 0; round < rounds; round++) {
        ranked.push(await timed('suggest_files', { task: goalOf(round) }));
        planned.push(await timed('create_plan', { goal: goalOf(round), model: 'none' }));
      }
      const limit = 2 * p95Of(ranked) + allowanceMs;
      console.log(`\nPlans of ${tree}, in ms`);
      printTable(
        ['call', 'median', 'min', 'max', 'p95'],
        [
          ['suggest_files', ...formatSpread(spreadOf(ranked)), p95Of(ranked).toFixed(0)],
          ['create_plan, offline', ...formatSpread(spreadOf(planned)), p95Of(planned).toFixed(0)],
        ],
      );
      const verdict = p95Of(planned) < limit ? 'within' : 'above';
      console.log(`  ${verdict} twice the p95 of suggest_files plus ${allowanceMs} ms (${limit.toFixed(0)} ms)`);
    } finally {
      await client.close();
      rmSync(dataDir, { recursive: true, force: true });
    }
  }
}
