import { execFile, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { z } from 'zod';
import { cleanEnvironment, repository, startHttp } from '../tests/helpers/program.ts';
import { formatRatio, formatSpread, interleave, printGoal, printTable, ratioOf, spreadOf } from './report.ts';
import { modernHeaders, openSession, post, request } from './wire.ts';

const rounds = 5;
const seconds = 3;
const connections = 10;
const goal = 0.85;

const run = promisify(execFile);
const autocannon = fileURLToPath(import.meta.resolve('autocannon'));
const autocannonResult = z.object({
  requests: z.object({ average: z.number() }),
  errors: z.number(),
  non2xx: z.number(),
});

interface Load {
  name: string;
  url: string;
  headers: Record<string, string>;
  body: string;
  rates: number[];
}

/** Calls per second of the same trivial tool behind Octant's HTTP host and behind the SDK alone. */
export async function benchHttp() {
  const [octant, bare, real] = await Promise.all([
    startEcho('octant'),
    startEcho('bare'),
    startHttp(['--log-level', 'error']),
  ]);
  try {
    await compareEchoes(
      '2026',
      await modernEcho('octant', octant.modern),
      await modernEcho('SDK over node:http', bare.modern),
    );
    await compareEchoes(
      '2025, one session',
      await sessionEcho('octant', octant.session),
      await sessionEcho('SDK transport', bare.session),
    );
    await showReal(real.url);
  } finally {
    octant.stop();
    bare.stop();
    await real.stop();
  }
}

async function startEcho(host: 'octant' | 'bare') {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'echo-http.ts'), host], {
    cwd: repository,
    env: cleanEnvironment(),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const { value } = await createInterface({ input: child.stdout })[Symbol.asyncIterator]().next();
  const urls = z.object({ modern: z.string(), session: z.string() }).parse(JSON.parse(String(value)));
  return { ...urls, stop: () => child.kill() };
}

const echo = { name: 'echo', arguments: { text: 'hello' } };

async function modernEcho(name: string, url: string): Promise<Load> {
  return modernLoad(name, url, 'tools/call', echo);
}

async function sessionEcho(name: string, url: string): Promise<Load> {
  return createLoad(name, url, await openSession(url), request('2025', loadId, 'tools/call', echo));
}

/** autocannon puts a new id in its place each time: calls that run at once in one session must not share one. */
const loadId = '[<id>]';

function modernLoad(
  name: string,
  url: string,
  method: string,
  params: { name?: string; [key: string]: unknown },
): Promise<Load> {
  return createLoad(name, url, modernHeaders(method, params.name), request('2026', loadId, method, params));
}

async function createLoad(
  name: string,
  url: string,
  headers: Record<string, string>,
  message: Parameters<typeof post>[2],
) {
  const { text } = await post(url, headers, message);
  if (!text.includes('"result"') || text.includes('"isError":true')) throw new Error(`${name} answers with ${text}`);
  const load: Load = { name, url, headers, body: JSON.stringify(message), rates: [] };
  await fire(load, 1);
  return load;
}

async function compareEchoes(era: string, octant: Load, bare: Load) {
  await interleave(rounds, [octant, bare].map(turn));
  console.log(
    `\nhttp: calls/s of one echo tool, ${era}, ${connections} connections, ${rounds} rounds of ${seconds} s each`,
  );
  const ratioTo = (load: Load) => ratioOf(octant.rates, load.rates);
  printTable(
    ['host', 'median', 'min', 'max', 'octant reaches'],
    [octant, bare].map((load) => [load.name, ...formatSpread(spreadOf(load.rates)), formatRatio(ratioTo(load))]),
  );
  const ratio = ratioTo(bare);
  printGoal(`at least ${goal}x`, formatRatio(ratio), ratio >= goal);
}

async function showReal(url: string) {
  const read = { name: 'read_files', arguments: { paths: ['package.json'] } };
  const loads = [
    await modernLoad('tools/list', url, 'tools/list', {}),
    await modernLoad('read_files of package.json', url, 'tools/call', read),
  ];
  await interleave(3, loads.map(turn));
  console.log(
    `\nhttp: calls/s of octant itself, 2026, ${connections} connections, 3 rounds of ${seconds} s each (no goal)`,
  );
  printTable(
    ['call', 'median', 'min', 'max'],
    loads.map((load) => [load.name, ...formatSpread(spreadOf(load.rates))]),
  );
}

function turn(load: Load) {
  return async () => {
    load.rates.push(await fire(load, seconds));
  };
}

/** Load from a process of its own; any failed request makes the figure void. */
async function fire({ name, url, headers, body }: Load, duration: number): Promise<number> {
  const headerFlags = Object.entries(headers).flatMap(([header, value]) => ['-H', `${header}=${value}`]);
  const flags = ['-j', '-n', '-I', '-c', String(connections), '-d', String(duration), '-m', 'POST'];
  const { stdout } = await run(process.execPath, [autocannon, ...flags, ...headerFlags, '-b', body, url]);
  const { requests, errors, non2xx } = autocannonResult.parse(JSON.parse(stdout));
  if (errors + non2xx > 0) throw new Error(`${name}: ${errors} errors, ${non2xx} refusals`);
  return requests.average;
}
