import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readInvocation } from '../src/config.ts';
import { type Context, createContext } from '../src/context.ts';
import { createLog } from '../src/log.ts';
import { writers } from '../src/packing/render.ts';
import type { Project } from '../src/projects/registry.ts';
import { loadCounter, tokenizerOf } from '../src/text/tokens.ts';
import { printGoal, printTable } from './report.ts';

/** What a commit's author wrote, and the source files that it changed. */
export interface PackingCase {
  query: string;
  relevant: readonly string[];
}

/** What a packer made of one case. */
interface Made {
  tokens: number;
  /** By path, how each file is shown. */
  shown: ReadonlyMap<string, { level: string; tokens: number }>;
}

const budgets = [8000, 32_000, 128_000];
const model = 'gpt-5';
const levels = ['full', 'ranges', 'outline', 'summary', 'name'];

/** How much of what a commit changed is in a context for it, beside whole files in the order of `suggest_files`. */
export async function evaluatePacking(cases: readonly PackingCase[], folder: string) {
  const dataDir = mkdtempSync(join(tmpdir(), 'octant-eval-'));
  const invocation = readInvocation({ argv: ['--project', folder, '--data-dir', dataDir], env: {}, cwd: '/' });
  if (invocation.kind !== 'run') throw new Error('these arguments start a server');
  const context = createContext(invocation.settings, '/', createLog('error'));
  const count = await loadCounter(tokenizerOf(model));
  const costs = new Map<string, number>();
  const costOf = (path: string) => {
    const cost = costs.get(path) ?? count(wholeBlock(folder, path));
    costs.set(path, cost);
    return cost;
  };
  const rows: string[][] = [];
  let over = 0;
  try {
    const project = await context.projects.find(undefined);
    for (const budget of budgets) {
      const packed: Made[] = [];
      const naive: Made[] = [];
      for (const { query } of cases) {
        const { made, text } = await packWith(context, project, query, budget);
        if (count(text) > budget) over++;
        packed.push(made);
        naive.push(await packWhole(context, project, query, budget, costOf));
      }
      rows.push(row(`${budget} tokens: build_context`, cases, packed, budget));
      rows.push(row('  whole files in rank order', cases, naive, budget));
    }
  } finally {
    await context.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
  printTable(
    ['share of the relevant files', 'whole', '+ ranges', '+ outline', 'named', 'spent elsewhere', 'used'],
    rows,
  );
  printGoal('never over budget', `${over} of ${budgets.length * cases.length} are`, over === 0);
}

const call = { signal: new AbortController().signal, budgetMs: 600_000 };

async function packWith({ contexts }: Context, project: Project, task: string, budget: number) {
  const nothing = { paths: [], groups: [], exclude: [], diff: false, tree: false };
  const question = {
    ...nothing,
    project,
    task,
    budget,
    model,
    format: 'markdown' as const,
    actor: 'eval',
    waits: true,
  };
  const { text, tokens, items } = await contexts.build(question, call);
  const shown = new Map(items.map(({ name, level = '', tokens }) => [name, { level, tokens }]));
  return { text, made: { tokens, shown } };
}

/** As a person or a script does it: one file after the other, less those that do not fit any more. */
async function packWhole(
  { taskIndexer }: Context,
  root: Project,
  task: string,
  budget: number,
  costOf: (path: string) => number,
): Promise<Made> {
  const question = { root, task, limit: 100, near: [], include: [], exclude: [] };
  const { files } = await taskIndexer.run('suggestFiles', question, call);
  const shown = new Map<string, { level: string; tokens: number }>();
  let left = budget;
  for (const { path } of files) {
    const tokens = costOf(path);
    if (tokens > left) continue;
    left -= tokens;
    shown.set(path, { level: 'full', tokens });
  }
  return { tokens: budget - left, shown };
}

function wholeBlock(folder: string, path: string): string {
  const level = { name: 'full', text: readFileSync(join(folder, path), 'utf8'), worth: 1 } as const;
  return `${writers.markdown.block({ kind: 'file', name: path, level, tokens: 0 })}\n\n`;
}

/** Means over the cases. */
function row(name: string, cases: readonly PackingCase[], all: readonly Made[], budget: number): string[] {
  const mean = (of: (made: Made, relevant: readonly string[]) => number) =>
    all.reduce((sum, made, at) => sum + of(made, cases[at]?.relevant ?? []), 0) / all.length;
  const shareAt = (least: string) =>
    mean(({ shown }, relevant) => {
      const wanted = levels.slice(0, levels.indexOf(least) + 1);
      return relevant.filter((path) => wanted.includes(shown.get(path)?.level ?? '')).length / relevant.length;
    });
  const elsewhere = mean(({ tokens, shown }, relevant) => {
    const useful = relevant.reduce((sum, path) => sum + (shown.get(path)?.tokens ?? 0), 0);
    return tokens === 0 ? 0 : 1 - useful / tokens;
  });
  const used = mean(({ tokens }) => tokens / budget);
  const shares = ['full', 'ranges', 'outline', 'name'].map((least) => shareAt(least).toFixed(3));
  return [name, ...shares, elsewhere.toFixed(3), used.toFixed(3)];
}
