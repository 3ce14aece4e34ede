import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { type ModelServer, startModelServer } from '../tests/helpers/model-server.ts';
import { cleanEnvironment, program } from '../tests/helpers/program.ts';
import { makeTempFolder, removeFolder, writeFiles } from '../tests/helpers/temp-project.ts';
import { printGoal, printTable } from './report.ts';
import { modernVersion } from './wire.ts';

const files = 500;
const parallel = 8;
const modelMs = 200;
const idealMs = (files / parallel) * modelMs;
const question = { paths: ['*.ts'], model: 'low', detail: 'brief' };
const memoryEveryMs = 250;

/** A batch of summaries with a scripted model: its time beside the ideal one, its memory and CPU, its cancel, its cache. */
export async function benchSummaries() {
  console.log(`\nsummaries: ${files} files, a scripted model that takes ${modelMs} ms, ${parallel} at a time`);
  const folder = makeTempFolder();
  writeFiles(folder, Object.fromEntries(Array.from({ length: files }, (_, at) => [`file-${at}.ts`, sourceOf(at)])));
  const server = await startModelServer();
  const answer = { purpose: 'Adds up.', responsibilities: ['Sums.'], api: [], gotchas: [], depends_on: [] };
  await server.play({ chat: [{ kind: 'answer', pieces: [JSON.stringify(answer)], afterMs: modelMs }] });
  const { client, pid, close } = await open(folder, server.url);
  try {
    await client.callTool({ name: 'summarize_files', arguments: { ...question, model: 'none' } });
    await measureCancel(client, server);
    const asked = (await asks(server)).length;
    const memory = watchMemory(pid);
    const [cpuBefore, begun] = [cpuMs(pid), performance.now()];
    await summarizeAll(client);
    const [took, cpu] = [performance.now() - begun, cpuMs(pid) - cpuBefore];
    const quarters = memory.stop();
    const calls = (await asks(server)).length - asked;
    const again = performance.now();
    await summarizeAll(client);
    const cachedMs = performance.now() - again;
    const askedAgain = (await asks(server)).length - asked - calls;
    const ratio = took / ((calls / parallel) * modelMs);
    printTable(
      ['', 'questions', 'ms', 'ms of CPU a question', 'MB at most, by quarter'],
      [
        [
          'first',
          String(calls),
          took.toFixed(0),
          (cpu / calls).toFixed(1),
          quarters.map((mb) => mb.toFixed(0)).join(' '),
        ],
        ['again', String(askedAgain), cachedMs.toFixed(0), '', ''],
      ],
    );
    printGoal('within 1.15x of the ideal time', `${ratio.toFixed(3)}x of ${idealMs} ms for all`, ratio <= 1.15);
    const growth = (quarters[3] ?? 0) / (quarters[1] ?? 1);
    printGoal('flat memory', `${growth.toFixed(2)}x from the second quarter to the last`, growth <= 1.15);
    printGoal('a second run asks nothing', `${askedAgain} questions`, askedAgain === 0);
  } finally {
    await close();
    await server.stop();
    removeFolder(folder);
  }
}

async function summarizeAll(client: Client) {
  const { structuredContent } = await client.callTool(
    { name: 'summarize_files', arguments: question },
    { timeout: 60_000 },
  );
  if (!/"mode":"model"/.test(JSON.stringify(structuredContent)) || /"reason"/.test(JSON.stringify(structuredContent))) {
    throw new Error(`not all was summarized: ${JSON.stringify(structuredContent).slice(0, 400)}`);
  }
}

/** From the caller's word until the last request to the provider is given up. */
async function measureCancel(client: Client, server: ModelServer) {
  const caller = new AbortController();
  const call = client
    .callTool({ name: 'summarize_files', arguments: question }, { signal: caller.signal })
    .catch(() => {});
  while ((await asks(server)).length < 2 * parallel) await delay(20);
  await delay(modelMs / 2);
  const cancelled = performance.now();
  caller.abort();
  await call;
  const answered = performance.now() - cancelled;
  while ((await givenUp(server)) === 0 && performance.now() - cancelled < 2000) await delay(5);
  const stopped = performance.now() - cancelled;
  const begun = (await asks(server)).length;
  await delay(2 * modelMs);
  const later = (await asks(server)).length - begun;
  printGoal(
    'cancelled within 250 ms, down to the provider',
    `the caller after ${answered.toFixed(0)} ms, ${await givenUp(server)} requests after ${stopped.toFixed(0)} ms, ${later} begun later`,
    answered < 250 && stopped < 250 && later === 0,
  );
}

async function givenUp(server: ModelServer): Promise<number> {
  return (await asks(server)).filter(({ abortedAfterMs }) => abortedAfterMs !== undefined).length;
}

async function asks(server: ModelServer) {
  return (await server.journal()).filter(({ path }) => path.endsWith('/completions'));
}

async function open(folder: string, url: string) {
  const client = new Client(
    { name: 'octant-bench', version: '1.0.0' },
    { versionNegotiation: { mode: { pin: modernVersion } } },
  );
  const dataDir = makeTempFolder();
  const options = [
    '--log-level',
    'error',
    '--models',
    'low=shop/small',
    '--parallel',
    String(parallel),
    '--data-dir',
    dataDir,
  ];
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [program, ...options, '--project', folder],
    env: cleanEnvironment({ OCTANT_PROVIDERS: `shop=${url}/v1,lmstudio=off,ollama=off`, SHOP_API_KEY: 'sk-bench' }),
    stderr: 'inherit',
  });
  await client.connect(transport);
  const close = async () => {
    await client.close();
    removeFolder(dataDir);
  };
  return { client, pid: transport.pid ?? 0, close };
}

/** The most memory that a process has in each quarter of the time. */
function watchMemory(pid: number) {
  const seen: number[] = [];
  const timer = setInterval(() => seen.push(memoryMb(pid)), memoryEveryMs);
  return {
    stop() {
      clearInterval(timer);
      const quarter = Math.ceil(seen.length / 4);
      return [0, 1, 2, 3].map((at) => Math.max(...seen.slice(at * quarter, (at + 1) * quarter)));
    },
  };
}

/** Of Linux; 0 elsewhere. */
function memoryMb(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readProc(pid, 'status'))?.[1] ?? 0) / 1024;
}

/** User and system time so far, in ticks of 10 ms. */
function cpuMs(pid: number): number {
  const fields = readProc(pid, 'stat').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) * 10;
}

function readProc(pid: number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch {
    return '';
  }
}

function sourceOf(number: number): string {
  const functions = Array.from({ length: 12 }, (_, at) => {
    return `/** Adds ${at}. */\nexport function add${number}x${at}(one: number, two: number): number {\n  return one + two + ${at};\n}\n`;
  });
  return `import { other } from './file-${number + 1}.ts';\n\n${functions.join('\n')}`;
}
