import { readdirSync, readFileSync } from 'node:fs';
import type { TestClient } from '../helpers/connect.ts';
import { program } from '../helpers/program.ts';

/** What became of a read: a state of read_files, or the code at the start of an error. */
export interface Outcome {
  kind: string;
  /** Everything that the caller got to see. */
  seen: string;
  ms: number;
}

/** One outcome a path, or a single one when the whole call was refused. */
export async function readWithTool(client: TestClient, args: Record<string, unknown>): Promise<Outcome[]> {
  const start = performance.now();
  const result = await client.callTool('read_files', args).catch(toError);
  const ms = performance.now() - start;
  if (result instanceof Error) return [{ kind: codeOf(result.message), seen: describeError(result), ms }];
  const seen = `${result.text}\n${JSON.stringify(result.data)}`;
  const files = result.data?.files;
  if (result.isError || !Array.isArray(files)) return [{ kind: codeOf(result.text), seen, ms }];
  return files.map((file) => ({ kind: file.state === 'error' ? codeOf(file.error) : String(file.state), seen, ms }));
}

export async function readAsResource(client: TestClient, uri: string): Promise<Outcome> {
  const start = performance.now();
  const contents = await client.readResource(uri).catch(toError);
  const ms = performance.now() - start;
  if (contents instanceof Error) return { kind: codeOf(contents.message), seen: describeError(contents), ms };
  const [first] = contents;
  const decoded = Buffer.from(first?.blob ?? '', 'base64').toString('latin1');
  return { kind: first?.blob === undefined ? 'whole' : 'binary', seen: JSON.stringify(contents) + decoded, ms };
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

function describeError(error: Error): string {
  return `${error.message} ${JSON.stringify('data' in error ? error.data : undefined)}`;
}

/** The code of an error's text; clients of the old package put their own words before it. */
function codeOf(text: string): string {
  const [, code] = /^(?:MCP error -\d+: )?([a-z_]+):/.exec(text) ?? [];
  if (code) return code;
  if (/Error POSTing to endpoint/.test(text)) return 'http';
  return /not found/i.test(text) ? 'not_found' : `other: ${text.slice(0, 200)}`;
}

export interface Pinger {
  /** Milliseconds of each ping since the last look. */
  take(): number[];
  /** Milliseconds of all pings. */
  stop(): Promise<number[]>;
}

/** Calls tools/list over and over, beside whatever else goes on. */
export function startPinger(client: TestClient): Pinger {
  const all: number[] = [];
  let taken = 0;
  let goesOn = true;
  const done = (async () => {
    while (goesOn) {
      const start = performance.now();
      await client.listTools();
      all.push(performance.now() - start);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  })();
  return {
    take() {
      const fresh = all.slice(taken);
      taken = all.length;
      return fresh;
    },
    async stop() {
      goesOn = false;
      await done;
      return all;
    },
  };
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

/** The process that serves a folder over stdio: the clients do not tell. */
export function findServer(root: string): number {
  const pid = readdirSync('/proc').find((name) => /^\d+$/.test(name) && isServerOf(name, root));
  if (pid === undefined) throw new Error(`no server of ${root} runs`);
  return Number(pid);
}

function isServerOf(pid: string, root: string): boolean {
  const args = readProc(pid, 'cmdline').split('\0');
  return args.includes(program) && args.includes(root);
}

export function isAlive(pid: number): boolean {
  return /^State:\s+[RSD]/m.test(readProc(String(pid), 'status'));
}

export function residentMegabytes(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readProc(String(pid), 'status'))?.[1]) / 1024;
}

/** Seconds of CPU time that a process and its threads have used. */
export function cpuSeconds(pid: number): number {
  const fields = readProc(String(pid), 'stat')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

function readProc(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}

/** Prints a measured figure beside the tests' own lines. */
export function report(line: string): void {
  process.stderr.write(`    ${line}\n`);
}
