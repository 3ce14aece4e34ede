import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { cleanEnvironment, program, startHttp } from './helpers/program.ts';
import { tempProject } from './helpers/temp-project.ts';

const opening = [
  {
    jsonrpc: '2.0',
    id: 1,
    method: 'initialize',
    params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 't', version: '1' } },
  },
  { jsonrpc: '2.0', method: 'notifications/initialized' },
  { jsonrpc: '2.0', id: 2, method: 'tools/call', params: { name: 'search_files', arguments: { query: 'hello' } } },
];

/** A server that has answered a search, so that its worker threads run. */
async function startStdio(): Promise<{
  child: ChildProcess;
  ended: Promise<{ code: number | null; ms: number }>;
  watchFrom(): void;
}> {
  const folder = tempProject({ 'a.txt': 'hello\n' });
  const child = spawn(process.execPath, [program, '--project', folder], {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: cleanEnvironment(),
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let started = 0;
  const ended = new Promise<{ code: number | null; ms: number }>((resolve) => {
    child.once('exit', (code) => resolve({ code, ms: performance.now() - started }));
  });
  child.stdin?.write(opening.map((message) => `${JSON.stringify(message)}\n`).join(''));
  await new Promise<void>((resolve) => {
    let text = '';
    child.stdout?.on('data', (chunk) => {
      text += chunk;
      if (text.includes('"id":2')) resolve();
    });
  });
  const watchFrom = () => {
    started = performance.now();
  };
  return { child, ended, watchFrom };
}

describe('A stdio server ends with status 0 within 2 s', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('at %s', async (signal) => {
    const { child, ended, watchFrom } = await startStdio();
    watchFrom();
    child.kill(signal);
    const { code, ms } = await ended;
    expect(code).toBe(0);
    expect(ms).toBeLessThan(2000);
  });

  it('when stdin ends', async () => {
    const { child, ended, watchFrom } = await startStdio();
    watchFrom();
    child.stdin?.end();
    const { code, ms } = await ended;
    expect(code).toBe(0);
    expect(ms).toBeLessThan(2000);
  });

  it('when its client no longer reads', async () => {
    const { child, ended, watchFrom } = await startStdio();
    watchFrom();
    child.stdout?.destroy();
    for (let id = 10; id < 60; id++)
      child.stdin?.write(`${JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/list' })}\n`);
    child.stdin?.on('error', () => {});
    const { code, ms } = await ended;
    expect(code).toBe(0);
    expect(ms).toBeLessThan(2000);
  });
});

describe('A stdio server whose parent is killed', () => {
  it('does not stay behind, even when something else holds its stdin open', async () => {
    const folder = tempProject();
    const wrapper = spawn(
      process.execPath,
      [
        '-e',
        `const c = require('child_process').spawn(process.execPath, ${JSON.stringify([program, '--project', folder])}, { stdio: ['inherit', 'ignore', 'ignore'] }); console.log(c.pid); setInterval(() => {}, 1000);`,
      ],
      { stdio: ['pipe', 'pipe', 'ignore'], env: cleanEnvironment() },
    );
    const pid = await new Promise<number>((resolve) => wrapper.stdout.once('data', (chunk) => resolve(Number(chunk))));
    onTestFinished(() => {
      if (isAlive(pid)) process.kill(pid, 'SIGKILL');
    });
    await delay(700);
    wrapper.kill('SIGKILL');
    const deadline = performance.now() + 5000;
    while (isAlive(pid) && performance.now() < deadline) await delay(50);
    expect(isAlive(pid)).toBe(false);
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const status = `/proc/${pid}/status`;
  return !(existsSync(status) && /State:\s+Z/.test(readFileSync(status, 'utf8')));
}

describe('An HTTP server', () => {
  it('finishes the calls that run, ends with status 0 and leaves no process behind', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 3000 }, (_, index) => [`f${index}.txt`, `row ${index}\n`.repeat(50)]),
    );
    const http = await startHttp(['--project', tempProject(files)]);
    const answer = fetch(http.url, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        Accept: 'application/json, text/event-stream',
        'MCP-Protocol-Version': '2026-07-28',
        'Mcp-Method': 'tools/call',
        'Mcp-Name': 'search_files',
      },
      body: JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method: 'tools/call',
        params: {
          name: 'search_files',
          arguments: { query: 'not there at all' },
          _meta: {
            'io.modelcontextprotocol/protocolVersion': '2026-07-28',
            'io.modelcontextprotocol/clientInfo': { name: 't', version: '1' },
            'io.modelcontextprotocol/clientCapabilities': {},
          },
        },
      }),
    });
    await delay(150);
    const started = performance.now();
    const [response, code] = await Promise.all([answer, http.stop()]);
    expect(await response.text()).toContain('No match in 3000 files');
    expect(code).toBe(0);
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  it('says plainly that its port is taken', async () => {
    const http = await startHttp(['--project', tempProject()]);
    onTestFinished(() => void http.stop());
    const port = new URL(http.url).port;
    const second = () =>
      execFileSync(process.execPath, [program, 'http', '--port', port], {
        encoding: 'utf8',
        stdio: 'pipe',
        env: cleanEnvironment(),
      });
    expect(second).toThrow(`Cannot listen on port ${port} of 127.0.0.1: it is in use. Choose another with --port.`);
  });
});

describe('The compiled program', () => {
  const version = (home: string) => {
    const { OCTANT_DATA_DIR: _, NODE_COMPILE_CACHE: __, XDG_DATA_HOME: ___, ...env } = cleanEnvironment({ HOME: home });
    return execFileSync(process.execPath, [program, '--version'], { env, encoding: 'utf8' });
  };
  const cache = (home: string) => join(home, '.local', 'share', 'octant', 'cache', 'code');

  it.skipIf(process.platform !== 'linux')('is kept in a folder that only its user can write to', () => {
    const home = tempProject();
    version(home);
    expect(statSync(cache(home)).mode & 0o777).toBe(0o700);
    expect(readdirSync(cache(home), { recursive: true }).length).toBeGreaterThan(1);
  });

  it('starts from a damaged cache, and where none can be', () => {
    const home = tempProject();
    const wanted = version(home);
    const kept = readdirSync(cache(home), { recursive: true, withFileTypes: true }).filter((each) => each.isFile());
    for (const { parentPath, name } of kept) writeFileSync(join(parentPath, name), 'no code');
    expect(version(home)).toBe(wanted);
    expect(version(tempProject({ '.local': 'a file' }))).toBe(wanted);
  });
});
