import { basename, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { cleanEnvironment, program } from '../tests/helpers/program.ts';
import { printGoal, printTable } from './report.ts';
import { modernVersion } from './wire.ts';

const goalMs = 50;
const settleMs = 300;
const buildMs = 8000;

interface Gap {
  ms: number;
  cpuMs: number;
  at: number;
}

const call = (name: string, args: Record<string, unknown>) => async (client: Client) => {
  await client.callTool({ name, arguments: args });
};

const steps: { name: string; run(client: Client): Promise<unknown> }[] = [
  { name: 'list the tools', run: (client) => client.listTools() },
  { name: 'first search', run: call('search_files', { query: 'not found', limit: 100 }) },
  { name: 'the index is built', run: () => setTimeout(buildMs) },
  { name: 'search', run: call('search_files', { query: 'error', limit: 100, max_characters: 100_000 }) },
  { name: 'regular expression', run: call('search_files', { query: '[A-Z]\\w+Error', mode: 'regex', limit: 100 }) },
  { name: 'path', run: call('search_files', { query: 'mainindex', mode: 'path' }) },
  { name: 'symbol', run: call('search_files', { query: 'main', mode: 'symbol' }) },
  { name: 'references', run: call('search_files', { query: 'main', mode: 'references' }) },
  { name: 'get_project', run: call('get_project', {}) },
  { name: 'suggest_files', run: call('suggest_files', { task: 'read the configuration at the start' }) },
  { name: 'list the resources', run: listResources },
  { name: 'search once more', run: call('search_files', { query: 'return', limit: 100, max_characters: 100_000 }) },
];

/** How long a server's event loop stands still at most while it does each thing for the first time. */
export async function benchLoop(folders: readonly string[]) {
  for (const folder of folders) await benchTree(folder);
}

async function benchTree(folder: string) {
  console.log(`\nevent loop of the main thread, ${basename(folder)}: the longest times that it stood still, ms`);
  const gaps: Gap[] = [];
  const marks: { name: string; from: number; took: number }[] = [];
  const begin = Date.now();
  const client = await openProbed(folder, gaps);
  marks.push({ name: 'start', from: begin, took: Date.now() - begin });
  try {
    for (const { name, run } of steps) {
      await setTimeout(settleMs);
      const from = Date.now();
      await run(client);
      marks.push({ name, from, took: Date.now() - from });
    }
    await setTimeout(settleMs);
  } finally {
    await client.close();
  }
  const rows = marks.map(({ name, from, took }, at) => {
    const until = marks[at + 1]?.from ?? Number.POSITIVE_INFINITY;
    const own = gaps.filter((gap) => gap.at >= from && gap.at < until);
    const worst = Math.max(0, ...own.map(({ ms }) => ms));
    const cpu = Math.max(0, ...own.map(({ cpuMs }) => cpuMs));
    return { name, took, worst, cpu };
  });
  printTable(
    ['', 'call took', 'still for', 'of which it worked'],
    rows.map(({ name, took, worst, cpu }) => [name, String(took), worst.toFixed(0), cpu.toFixed(0)]),
  );
  const afterStart = rows.slice(1);
  const worst = Math.max(...afterStart.map(({ cpu }) => cpu));
  printGoal(`never busy for more than ${goalMs} ms once it is up`, `worst ${worst.toFixed(0)} ms`, worst <= goalMs);
}

async function openProbed(folder: string, gaps: Gap[]): Promise<Client> {
  const client = new Client(
    { name: 'octant-bench', version: '1.0.0' },
    { versionNegotiation: { mode: { pin: modernVersion } } },
  );
  const probe = join(import.meta.dirname, 'loop-probe.ts');
  const args = ['--import', probe, program, '--log-level', 'silent', '--project', folder];
  const transport = new StdioClientTransport({
    command: process.execPath,
    args,
    env: cleanEnvironment(),
    stderr: 'pipe',
  });
  transport.stderr?.on('data', (chunk: Buffer) => {
    for (const [, ms, cpuMs, at] of chunk.toString().matchAll(/^loop (\S+) (\S+) (\d+)$/gm)) {
      gaps.push({ ms: Number(ms), cpuMs: Number(cpuMs), at: Number(at) });
    }
  });
  await client.connect(transport);
  return client;
}

/** Of a large tree as many pages as a client takes. */
async function listResources(client: Client) {
  await client.listResources().catch(() => undefined);
}
