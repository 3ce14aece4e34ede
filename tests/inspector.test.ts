import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cleanEnvironment, program, type RunningHttp, repository, startHttp } from './helpers/program.ts';

/** The Inspector's own command line, in both eras; `--strict` fails on a schema that other clients could not use. */

const inspector = join(repository, 'node_modules', '.bin', 'mcp-inspector');
const run = promisify(execFile);
let http: RunningHttp;

beforeAll(async () => {
  http = await startHttp([]);
});
afterAll(() => http.stop());

async function inspect(target: readonly string[], era: string, ...args: readonly string[]): Promise<string> {
  const env = cleanEnvironment({ MCP_INSPECTOR_SECRET_STORE: 'memory' });
  const flags = ['--protocol-era', era, '--format', 'json', ...args];
  const { stdout } = await run(inspector, ['--cli', ...target, ...flags], { cwd: repository, env, timeout: 30_000 });
  return stdout;
}

const cases = ['legacy', 'modern'].flatMap((era) => ['stdio', 'http'].map((transport) => ({ era, transport })));

describe.each(cases)('The Inspector, $era era, over $transport', ({ era, transport }) => {
  const target = () => (transport === 'http' ? [http.url] : [process.execPath, program, '--project', repository]);

  it('lists tools whose schemas every client can use', async () => {
    expect(await inspect(target(), era, '--method', 'tools/list', '--strict')).toContain('search_files');
  });

  it('calls a tool', async () => {
    const args = ['--method', 'tools/call', '--tool-name', 'read_files', '--tool-arg', 'paths=["LICENSE:1"]'];
    expect(await inspect(target(), era, ...args)).toContain('MIT License');
  });

  it('lists resources and prompts', async () => {
    expect(await inspect(target(), era, '--method', 'resources/list')).toContain('/overview');
    expect(await inspect(target(), era, '--method', 'prompts/list')).toContain('plan-feature');
  });

  it('gets a prompt with its arguments', async () => {
    const args = ['--method', 'prompts/get', '--prompt-name', 'find-files', '--prompt-args', 'task=Fix {{limit}}'];
    expect(await inspect(target(), era, ...args)).toContain('Task: Fix {{limit}}');
  });
});
