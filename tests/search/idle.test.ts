import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { connect } from '../helpers/connect.ts';
import { startHttp } from '../helpers/program.ts';
import { tempProject } from '../helpers/temp-project.ts';

const megabytes = 48;
const idleMs = 1500;

it.skipIf(process.platform !== 'linux')(
  'the index is given up after its idle time',
  async () => {
    const line = (at: number) => `const value_${at} = compute(${at * 7}); // ${(at * 2_654_435_761) % 4_294_967_296}\n`;
    const text = Array.from({ length: 16_384 }, (_, at) => line(at)).join('');
    const folder = tempProject(
      Object.fromEntries(Array.from({ length: megabytes }, (_, at) => [`file${at}.ts`, `${at}\n${text}`])),
    );
    const server = await startHttp([
      '--project',
      folder,
      '--index-minutes',
      `${idleMs / 60_000}`,
      '--log-level',
      'debug',
    ]);
    onTestFinished(() => void server.stop());
    const client = await connect('v1', { url: server.url });
    onTestFinished(() => client.close());
    const before = residentMegabytes(server.process.pid);
    const search = async () => (await client.callTool('search_files', { query: 'value_77 =' })).data?.match_count;
    const isFromIndex = () => server.log().includes('a search was answered from the index');
    await expect
      .poll(async () => [await search(), isFromIndex()], { timeout: 20_000, interval: 100 })
      .toEqual([megabytes, true]);
    const resident = () => residentMegabytes(server.process.pid);
    expect(resident()).toBeGreaterThan(before + megabytes);
    await expect.poll(resident, { timeout: 8 * idleMs, interval: 100 }).toBeLessThan(before + megabytes);
    expect(await search()).toBe(megabytes);
  },
  60_000,
);

it('an idle time that is shorter than making and storing an index does not end it', async () => {
  const [folder, data] = [tempProject({ 'a.ts': 'needle\n' }), tempProject()];
  const args = ['--project', folder, '--data-dir', data, '--index-minutes', `${300 / 60_000}`];
  const server = await startHttp(args);
  onTestFinished(async () => void (await server.stop()));
  const client = await connect('v1', { url: server.url });
  onTestFinished(() => client.close());
  await client.callTool('search_files', { query: 'needle' });
  const indexFolder = join(data, 'cache', 'index');
  const stored = () => existsSync(indexFolder) && readdirSync(indexFolder).some((name) => name.endsWith('.index'));
  await expect.poll(stored, { timeout: 15_000, interval: 100 }).toBe(true);
}, 30_000);

function residentMegabytes(pid: number | undefined): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) / 1024;
}
