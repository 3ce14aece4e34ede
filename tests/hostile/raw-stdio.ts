import { spawn } from 'node:child_process';
import { cleanEnvironment, program } from '../helpers/program.ts';

export interface RawMessage {
  id?: unknown;
  result?: Record<string, unknown>;
  error?: { code: number; message: string };
}

/** A server on pipes, without a client in between. */
export interface RawStdio {
  pid: number;
  write(bytes: string | Buffer): Promise<void>;
  /** Sends a request and waits for the answer to its id. */
  request(method: string, params?: unknown, timeoutMs?: number): Promise<RawMessage>;
  /** Waits until a message comes that the test looks for, or has come after this many lines. */
  waitFor(isWanted: (message: RawMessage) => boolean, timeoutMs?: number, after?: number): Promise<RawMessage>;
  /** Every line on stdout so far, as it came. */
  lines(): string[];
  stderr(): string;
  exited: Promise<number | null>;
  stop(): Promise<number | null>;
}

export const initializeParams = {
  protocolVersion: '2025-06-18',
  capabilities: {},
  clientInfo: { name: 'octant-tests', version: '1.0.0' },
};

export async function startRawStdio(args: readonly string[], env: Record<string, string> = {}): Promise<RawStdio> {
  const raw = spawnRaw(args, env);
  await raw.request('initialize', initializeParams);
  await raw.write('{"jsonrpc":"2.0","method":"notifications/initialized"}\n');
  return raw;
}

/** The same without the handshake. */
export function spawnRaw(args: readonly string[], env: Record<string, string> = {}): RawStdio {
  const child = spawn(process.execPath, [program, ...args], { env: cleanEnvironment(env), stdio: 'pipe' });
  const exited = new Promise<number | null>((resolve) => child.once('close', resolve));
  const output = collectLines();
  let log = '';
  let nextId = 1_000_000;
  child.stdout.setEncoding('utf8').on('data', output.add);
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    log += chunk;
  });
  child.stdin.on('error', () => {}); // the server may end first

  const write = (bytes: string | Buffer) => new Promise<void>((resolve) => child.stdin.write(bytes, () => resolve()));
  return {
    pid: child.pid ?? 0,
    write,
    async request(method, params, timeoutMs) {
      const id = nextId++;
      const answer = output.waitFor((message) => message.id === id, timeoutMs);
      await write(`${JSON.stringify({ jsonrpc: '2.0', id, method, ...(params !== undefined && { params }) })}\n`);
      return answer;
    },
    waitFor: output.waitFor,
    lines: output.lines,
    stderr: () => log,
    exited,
    async stop() {
      child.stdin.end();
      return exited;
    },
  };
}

function collectLines() {
  const lines: string[] = [];
  const messages: RawMessage[] = [];
  const watchers = new Set<() => void>();
  let rest = '';
  return {
    lines: () => (rest === '' ? lines : [...lines, rest]),
    add(chunk: string) {
      const parts = (rest + chunk).split('\n');
      rest = parts.pop() ?? '';
      lines.push(...parts);
      messages.push(...parts.map(parseLine));
      for (const watcher of watchers) watcher();
    },
    waitFor(isWanted: (message: RawMessage) => boolean, timeoutMs = 10_000, after = 0): Promise<RawMessage> {
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => finish(() => reject(new Error('no answer came'))), timeoutMs);
        const look = () => {
          const found = messages.slice(after).find(isWanted);
          if (found) finish(() => resolve(found));
        };
        const finish = (settle: () => void) => {
          clearTimeout(timer);
          watchers.delete(look);
          settle();
        };
        watchers.add(look);
        look();
      });
    },
  };
}

function parseLine(line: string): RawMessage {
  try {
    return JSON.parse(line);
  } catch {
    return {};
  }
}

/** Lines of stdout that are no JSON-RPC message; there must be none. */
export function strayLines(lines: readonly string[]): string[] {
  return lines.filter((line) => {
    const message: unknown = tryParse(line);
    return typeof message !== 'object' || message === null || !('jsonrpc' in message);
  });
}

function tryParse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
