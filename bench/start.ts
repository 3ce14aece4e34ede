import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { type BuildOptions, build } from 'esbuild';
import { cleanEnvironment, program, repository } from '../tests/helpers/program.ts';
import { formatRatio, formatSpread, interleave, printGoal, printTable, ratioOf, spreadOf } from './report.ts';
import { type Era, initialize, initialized, request } from './wire.ts';

const rounds = 21;
const idleRounds = 3;
const startGoal = 1.15;
const memoryGoalMb = 90;

const names = { octant: 'octant', modules: 'minimal SDK server, node_modules', bundle: 'minimal SDK server, bundled' };
type Name = keyof typeof names;
const contestants: readonly Name[] = ['octant', 'modules', 'bundle'];
const eras: readonly Era[] = ['2025', '2026'];

/** From spawn to the first answer to tools/list, and what the process holds when it then waits. */
export async function benchStart() {
  const folder = mkdtempSync(join(tmpdir(), 'octant-bench-'));
  try {
    const scripts = { octant: program, ...(await buildMinimal(folder)) };
    for (const era of eras) await compareStart(era, scripts);
    if (process.platform === 'linux') await compareMemory(scripts);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** JavaScript both times, since stripping types at start would count against the minimal server. */
async function buildMinimal(folder: string): Promise<{ modules: string; bundle: string }> {
  symlinkSync(join(repository, 'node_modules'), join(folder, 'node_modules'));
  const common: BuildOptions = {
    entryPoints: [join(import.meta.dirname, 'minimal-server.ts')],
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'warning',
  };
  const modules = join(folder, 'modules.mjs');
  const bundle = join(folder, 'bundle.mjs');
  await build({ ...common, packages: 'external', outfile: modules });
  await build({ ...common, outfile: bundle });
  return { modules, bundle };
}

async function compareStart(era: Era, scripts: Record<Name, string>) {
  const times: Record<Name, number[]> = { octant: [], modules: [], bundle: [] };
  for (const name of contestants) await timeStart(scripts[name], era); // warms the page cache
  const turns = contestants.map((name) => async () => {
    times[name].push(await timeStart(scripts[name], era));
  });
  await interleave(rounds, turns);

  const first = era === '2025' ? 'initialize, tools/list' : 'tools/list alone';
  console.log(`\nstart: spawn to the first tools/list over stdio, ${era} era (${first}), ms, ${rounds} runs each`);
  const ratioTo = (name: Name) => ratioOf(times.octant, times[name]);
  const rows = contestants.map((name) => [
    names[name],
    ...formatSpread(spreadOf(times[name])),
    formatRatio(ratioTo(name)),
  ]);
  printTable(['', 'median', 'min', 'max', 'octant takes'], rows);
  const ratio = ratioTo('modules');
  printGoal(`under ${startGoal}x the one from node_modules`, formatRatio(ratio), ratio < startGoal);
}

async function timeStart(script: string, era: Era): Promise<number> {
  const begin = performance.now();
  const child = spawnServer(script);
  await listTools(child, era);
  const elapsed = performance.now() - begin;
  await end(child);
  return elapsed;
}

async function compareMemory(scripts: Record<Name, string>) {
  const sizes: Record<Name, number[]> = { octant: [], modules: [], bundle: [] };
  const turns = contestants.map((name) => async () => {
    sizes[name].push(await idleMegabytes(scripts[name]));
  });
  await interleave(idleRounds, turns);
  console.log(`\nstart: resident memory, idle for 2 s after tools/list, MB, ${idleRounds} runs each`);
  printTable(
    ['', 'median', 'min', 'max'],
    contestants.map((name) => [names[name], ...formatSpread(spreadOf(sizes[name]))]),
  );
  const { median } = spreadOf(sizes.octant);
  printGoal(`under ${memoryGoalMb} MB`, `${median.toFixed(1)} MB`, median < memoryGoalMb);
}

async function idleMegabytes(script: string): Promise<number> {
  const child = spawnServer(script);
  await listTools(child, '2026');
  await delay(2000);
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
  await end(child);
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / 1024;
}

function spawnServer(script: string) {
  const env = cleanEnvironment({ NODE_OPTIONS: '', NODE_COMPILE_CACHE: '' });
  return spawn(process.execPath, [script], { cwd: repository, env, stdio: ['pipe', 'pipe', 'ignore'] });
}

type Server = ReturnType<typeof spawnServer>;

async function listTools(child: Server, era: Era) {
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const send = (message: object) => child.stdin.write(`${JSON.stringify(message)}\n`);
  if (era === '2025') {
    send(initialize);
    await answers.next();
    send(initialized);
  }
  send(request(era, 1, 'tools/list'));
  const { value } = await answers.next();
  if (!String(value).includes('"inputSchema"')) throw new Error(`No tools came: ${value}`);
}

async function end(child: Server | ChildProcess) {
  const exited = new Promise((resolve) => child.once('exit', resolve));
  child.stdin?.end();
  await exited;
}
