import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { Reply } from './helpers/model-server-program.ts';
import { cleanEnvironment, program, repository } from './helpers/program.ts';
import { sharedModelServer } from './helpers/shared-server.ts';
import { tempProject } from './helpers/temp-project.ts';

const server = sharedModelServer();

async function run(name: string, chat: readonly Reply[]): Promise<string> {
  await server.play({ chat });
  const env = cleanEnvironment({
    OCTANT_COMMAND: `${process.execPath} ${program}`,
    OCTANT_DATA_DIR: tempProject(),
    OCTANT_PROVIDERS: [`shop=${server.url}/v1`, 'lmstudio=off', 'ollama=off'].join(),
    OCTANT_MODELS: 'medium=shop/small',
    SHOP_API_KEY: 'sk-canary-8888',
  });
  const folder = tempProject({ 'README.md': '# Shop\n' });
  const { stdout } = await promisify(execFile)(process.execPath, [join(repository, 'examples', `${name}.ts`), folder], {
    env,
  });
  return stdout;
}

const says = (...pieces: string[]): Reply => ({ kind: 'answer', pieces, everyMs: 5 });

describe('The example', () => {
  it('basic has two answers and the conversation', async () => {
    const out = await run('basic', [says('A table of keys.'), says('When order matters.')]);
    expect(out).toMatch(/^A table of keys\.\nWhen order matters\.\n[\s\S]*C-1/);
    expect(out).toContain('And when is it a bad choice?');
  });

  it('streaming writes the text as it comes', async () => {
    const out = await run('streaming', [says('Once ', 'upon ', 'a reef.')]);
    expect(out).toBe('Once upon a reef.\n\n17 characters by shop/small: {"input":7,"output":3}\n');
  });

  it('branching shows the tree and merges', async () => {
    const replies = [
      says('Two.'),
      says('Redis is fast.'),
      says('PostgreSQL is there.'),
      says('Redis costs memory.'),
      says('PostgreSQL.'),
    ];
    const out = await run('branching', replies);
    expect(out).toContain('redis');
    expect(out).toMatch(/"redis" is merged into "main" of C-1 \(summary/);
    expect(out).toMatch(/PostgreSQL\.\n$/);
  });

  it('errors asks again when it is told to, under the same request', async () => {
    const out = await run('errors', [{ kind: 'answer', pieces: [] }, says('Hello.')]);
    expect(out).toMatch(/^true not_found: .*\n/);
    expect(out).toContain('has written nothing. It can be asked again at once.');
    expect(out).toMatch(/answered Hello\.\n$/);
  });
});
