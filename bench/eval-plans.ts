import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { roleOf } from '../src/search/files/file-role.ts';
import { openClientWith } from './client.ts';
import { printTable } from './report.ts';

/** What a commit's author wrote, and the source files that it changed. */
export interface PlanCase {
  query: string;
  relevant: readonly string[];
}

interface Named {
  relevant: readonly string[];
  planned: readonly string[];
  suggested: readonly string[];
  /** Rules that the linter found broken. */
  findings: number;
  ms: number;
}

const planAnswer = z.object({
  plan: z.object({
    steps: z.array(z.object({ files: z.array(z.string()) })),
    findings: z.array(z.object({ rule: z.string() })),
  }),
});
const suggestAnswer = z.object({ files: z.array(z.object({ path: z.string() })) });
const fixedCounts = [1, 2, 3, 4, 5, 10];

/** The files that offline plans name, against those that the commits changed, beside as many of `suggest_files`. */
export async function evaluatePlans(cases: readonly PlanCase[], folder: string) {
  const dataDir = mkdtempSync(join(tmpdir(), 'octant-eval-'));
  const client = await openClientWith(['--data-dir', dataDir], [folder]);
  const all: Named[] = [];
  try {
    for (const { query, relevant } of cases) {
      const { structuredContent: found } = await client.callTool({
        name: 'suggest_files',
        arguments: { task: query, limit: 20 },
      });
      const begin = performance.now();
      const { structuredContent: made } = await client.callTool({
        name: 'create_plan',
        arguments: { goal: query, model: 'none' },
      });
      const ms = performance.now() - begin;
      const { steps, findings } = planAnswer.parse(made).plan;
      const paths = steps.flatMap(({ files }) => files.map((file) => file.replace(/^(edit|new|delete) /, '')));
      const planned = paths.filter((path) => roleOf(path) === 'source');
      const suggested = suggestAnswer.parse(found).files.map(({ path }) => path);
      all.push({ relevant, planned, suggested, findings: findings.length, ms });
    }
  } finally {
    await client.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
  const sources = ({ suggested }: Named) => suggested.filter((path) => roleOf(path) === 'source');
  printTable(
    ['files named', 'each', 'precision', 'recall', 'F1'],
    [
      row('a plan (offline)', all, ({ planned }) => planned),
      row('as many of suggest_files', all, ({ suggested, planned }) => suggested.slice(0, planned.length)),
      ...fixedCounts.map((count) => row(`${count} of suggest_files`, all, (each) => sources(each).slice(0, count))),
    ],
  );
  const clean = all.filter(({ findings }) => findings === 0).length;
  const times = all.map(({ ms }) => ms).sort((a, b) => a - b);
  const at = (share: number) => times[Math.floor(times.length * share)]?.toFixed(0);
  console.log(
    `  the linter finds nothing in ${clean} of ${all.length}; a plan takes ${at(0.5)} ms, p95 ${at(0.95)} ms`,
  );
}

/** Means over the cases. */
function row(name: string, all: readonly Named[], choose: (named: Named) => readonly string[]): string[] {
  const scores = all.map((named) => {
    const chosen = choose(named);
    const hits = chosen.filter((path) => named.relevant.includes(path)).length;
    const [precision, recall] = [hits / Math.max(1, chosen.length), hits / named.relevant.length];
    return {
      count: chosen.length,
      precision,
      recall,
      f1: hits === 0 ? 0 : (2 * precision * recall) / (precision + recall),
    };
  });
  const mean = (of: (score: (typeof scores)[number]) => number) =>
    scores.reduce((sum, score) => sum + of(score), 0) / scores.length;
  return [
    name,
    mean(({ count }) => count).toFixed(1),
    ...[mean(({ precision }) => precision), mean(({ recall }) => recall), mean(({ f1 }) => f1)].map((value) =>
      value.toFixed(3),
    ),
  ];
}
