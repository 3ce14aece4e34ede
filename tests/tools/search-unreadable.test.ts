import { chmodSync, chownSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { connect } from '../helpers/connect.ts';
import { startHttp } from '../helpers/program.ts';
import { tempProject } from '../helpers/temp-project.ts';

/** Root may read everything, so then the server runs as somebody else. */
const uid = process.getuid?.() === 0 ? 65_534 : undefined;

function giveAway(folder: string): string {
  const all = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  if (uid !== undefined) for (const path of ['', ...all]) chownSync(join(folder, path), uid, uid);
  return folder;
}

async function serve(folder: string) {
  const args = ['--project', folder, '--data-dir', giveAway(tempProject()), '--log-level', 'debug'];
  const server = await startHttp(args, uid === undefined ? {} : { uid });
  onTestFinished(async () => void (await server.stop()));
  const client = await connect('v2-2026', { url: server.url });
  onTestFinished(() => client.close());
  const answered = () => server.log().split('a search was answered from the index').length - 1;
  return {
    search: (args: Record<string, unknown>) => client.callTool('search_files', args),
    async warmUp() {
      for (const end = performance.now() + 10_000; answered() === 0 && performance.now() < end; ) {
        await client.callTool('search_files', { query: 'warm' });
        await setTimeout(50);
      }
      expect(answered()).toBeGreaterThan(0);
    },
  };
}

describe('What the system refuses to open', () => {
  it('is counted by every search, from the files and from the index, and found once it may be read', async () => {
    const folder = giveAway(
      tempProject({
        'open.ts': 'const needle = 1;\n',
        'shut.ts': 'const needle = 2;\n',
        'closed/in.ts': 'const needle = 3;\n',
        'names/only.ts': 'const needle = 4;\n',
      }),
    );
    const shut = { 'shut.ts': 0o644, closed: 0o755, names: 0o755 };
    chmodSync(join(folder, 'shut.ts'), 0);
    chmodSync(join(folder, 'closed'), 0o311);
    chmodSync(join(folder, 'names'), 0o444);
    const { search, warmUp } = await serve(folder);

    const some = { match_count: 1, skipped_unreadable: 3, complete: false };
    const all = { match_count: 4, skipped_unreadable: 0, complete: true };
    const { data, text } = await search({ query: 'needle' });
    expect(data).toMatchObject(some);
    expect(text.split('\n').slice(-2)).toEqual([
      'Skipped: 3 unreadable.',
      'Not complete: the system refuses to open 3 files or folders.',
    ]);
    expect((await search({ query: 'needle', mode: 'symbol' })).data).toMatchObject(some);
    await warmUp();
    for (const mode of ['text', 'regex', 'symbol', 'references']) {
      expect((await search({ query: 'needle', mode })).data).toMatchObject(some);
    }
    expect((await search({ query: 'needle', multiline: true })).data).toMatchObject(some);
    expect((await search({ query: 'only', mode: 'path' })).data).toMatchObject({ ...some, skipped_unreadable: 1 });

    for (const [path, mode] of Object.entries(shut)) chmodSync(join(folder, path), mode);
    for (const mode of ['text', 'symbol']) expect((await search({ query: 'needle', mode })).data).toMatchObject(all);
    chmodSync(join(folder, 'closed'), 0o311);
    expect((await search({ query: 'needle' })).data).toMatchObject({ ...some, match_count: 3, skipped_unreadable: 1 });
    chmodSync(join(folder, 'closed'), 0o755); // or it could not be removed
  });
});
