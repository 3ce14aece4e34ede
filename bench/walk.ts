import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { rgPath } from '@vscode/ripgrep';
import { createFolderMemory, type FolderMemory } from '../src/projects/folder-memory.ts';
import { walk } from '../src/projects/walk.ts';
import { formatRatio, formatSpread, interleave, printGoal, printTable, ratioOf, spreadOf } from './report.ts';

const goal = 1.2;

interface Walker {
  name: string;
  list(): Promise<string[]>;
  times: number[];
}

/** Lists every file that git would, once by each tool in turn, and compares what was listed. */
export async function benchWalk(folder: string, rounds: number) {
  const git: Walker = { name: 'git ls-files -co --exclude-standard', list: () => listGit(folder, '-co'), times: [] };
  const octant: Walker = { name: 'octant, in process', list: async () => listOwn(folder), times: [] };
  const memory = createFolderMemory();
  const again: Walker = {
    name: 'octant, again in the same thread',
    list: async () => listOwn(folder, memory),
    times: [],
  };
  const rg: Walker = { name: 'rg --files --hidden', list: () => listRipgrep(folder), times: [] };
  const walkers = [octant, again, git, rg, ...(await naiveWalker(folder))];

  const missing = new Set(await listGit(folder, '-d'));
  const expected = without(new Set(await git.list()), missing);
  const lists: Set<string>[] = [];
  for (const walker of walkers) lists.push(without(new Set(await walker.list()), missing)); // also warms up
  const turns = walkers.map((walker) => async () => {
    const begin = performance.now();
    await walker.list();
    walker.times.push(performance.now() - begin);
  });
  await interleave(rounds, turns);

  const rows = walkers.map(({ name, times }, at) => {
    const listed = lists[at] ?? new Set<string>();
    const differences = `-${without(expected, listed).size} +${without(listed, expected).size}`;
    const ratio = formatRatio(ratioOf(octant.times, times));
    return [name, ...formatSpread(spreadOf(times)), ratio, String(listed.size), differences];
  });
  printTable(['walk, ms', 'median', 'min', 'max', 'octant takes', 'files', 'than git'], rows);
  const own = lists[0] ?? new Set<string>();
  const wrong = without(expected, own).size + without(own, expected).size;
  const ratio = ratioOf(octant.times, git.times);
  const reached = `${formatRatio(ratio)}, ${wrong} files differ`;
  printGoal(`the same files as git, in at most ${goal}x its time`, reached, wrong === 0 && ratio <= goal);
}

function without(paths: Set<string>, others: Set<string>): Set<string> {
  return new Set([...paths].filter((path) => !others.has(path)));
}

function listOwn(folder: string, memory?: FolderMemory): string[] {
  const own = memory && { memory };
  const budget = { maxDepth: 256, maxEntries: 2_000_000, deadline: Number.POSITIVE_INFINITY, ...own };
  return Array.from(walk(folder, budget), ({ path }) => path);
}

/**
 * `-co` for what it tracks or would track, `-d` for what is tracked and missing on disk. Of repositories within, those that
 * are not tracked have a slash behind them.
 */
async function listGit(folder: string, which: '-co' | '-d'): Promise<string[]> {
  const paths = await listOutput('git', ['ls-files', which, '-z', '--exclude-standard'], folder);
  return paths.map((path) => (path.endsWith('/') ? path.slice(0, -1) : path));
}

function listRipgrep(folder: string): Promise<string[]> {
  return listOutput(rgPath, ['--files', '--hidden', '-g', '!.git', '-0'], folder);
}

async function listOutput(command: string, args: readonly string[], cwd: string): Promise<string[]> {
  const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'ignore'] });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  await new Promise((resolve, reject) => child.once('close', resolve).once('error', reject));
  return Buffer.concat(chunks).toString('utf8').split('\0').slice(0, -1);
}

type Glob = (
  pattern: string,
  options: { cwd: string; dot: boolean; followSymbolicLinks: boolean },
) => Promise<string[]>;
type Ignore = () => { add(rules: string): { filter(paths: readonly string[]): string[] } };

/** How many servers do it: list everything, then filter by the root's .gitignore. */
async function naiveWalker(folder: string): Promise<Walker[]> {
  const glob = await importDefault<Glob>('fast-glob');
  const ignore = await importDefault<Ignore>('ignore');
  if (!glob || !ignore) {
    console.log('  (no row for fast-glob with ignore: these packages are not installed)');
    return [];
  }
  const rules = () => ignore().add(`.git\n${readOr(join(folder, '.gitignore'), '')}`);
  const list = async () => rules().filter(await glob('**', { cwd: folder, dot: true, followSymbolicLinks: false }));
  return [{ name: 'fast-glob, then ignore', list, times: [] }];
}

async function importDefault<Value>(name: string): Promise<Value | undefined> {
  return import(name).then(
    (module: { default: Value }) => module.default,
    () => undefined,
  );
}

function readOr(file: string, fallback: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return fallback;
  }
}
