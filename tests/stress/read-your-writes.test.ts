import { setTimeout } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { connect, type TestClient } from '../helpers/connect.ts';
import { tempProject } from '../helpers/temp-project.ts';
import { report } from '../hostile/observe.ts';
import { looks, startWriter } from './fresh-files.ts';

const writes = Number(process.env.OCTANT_FRESH_WRITES || 200);
const names = Object.keys(looks);
const settleMs = 1500;

async function open(folder: string): Promise<TestClient> {
  const client = await connect('v2-2026', { args: ['--project', folder] });
  onTestFinished(() => client.close());
  return client;
}

/** After each change every way to look is tried, another one first each time, by one client after the other. */
async function follow(clients: readonly TestClient[], folder: string, count: number, seed: number): Promise<string[]> {
  const writer = startWriter(folder, seed);
  onTestFinished(writer.close);
  const wrong: string[] = [];
  for (let change = 0; change < count; change++) {
    const outcome = await writer.next();
    const client = clients[change % clients.length];
    for (let turn = 0; client && turn < names.length; turn++) {
      const name = names[(change + turn) % names.length] ?? '';
      const faults = (await looks[name]?.(client, outcome)) ?? [];
      wrong.push(...faults.map((fault) => `change ${change} (${outcome.change.kind}), look ${turn}: ${fault}`));
    }
  }
  return wrong;
}

/** So many that an index of them is not made at once. */
function manyFiles(count: number): Record<string, string> {
  const line = (file: number, at: number) => `const value${file}x${at} = ${at}; // of ${file}\n`;
  return Object.fromEntries(
    Array.from({ length: count }, (_, file) => [
      `src/part${file % 40}/module${file}.ts`,
      Array.from({ length: 20 }, (_, at) => line(file, at)).join(''),
    ]),
  );
}

it(`${writes} changes by another process are found at once, all of them`, async () => {
  const folder = tempProject({ 'README.md': '# Files\n', 'src/main.ts': 'export {};\n' });
  const client = await open(folder);
  await client.callTool('search_files', { query: 'export' });
  await client.callTool('suggest_files', { task: 'Mend the export' });
  await setTimeout(settleMs); // the index is made after the first answer
  const begin = performance.now();
  expect(await follow([client], folder, writes, 1)).toEqual([]);
  const ms = (performance.now() - begin) / writes / names.length;
  report(
    `read your writes: ${writes} changes, each looked for in ${names.length} ways: all found, ${ms.toFixed(1)} ms a look`,
  );
}, 600_000);

it('while the index is made, and by two servers of one project', async () => {
  const folder = tempProject(manyFiles(600));
  const clients = await Promise.all([open(folder), open(folder)]);
  const count = Math.ceil(writes / 4);
  expect(await follow(clients, folder, count, 2)).toEqual([]);
  await setTimeout(settleMs);
  expect(await follow(clients, folder, count, 3)).toEqual([]);
}, 600_000);
