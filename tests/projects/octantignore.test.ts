import { execFileSync } from 'node:child_process';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { connect } from '../helpers/connect.ts';
import { cleanEnvironment } from '../helpers/program.ts';
import { sharedFolder, sharedServer } from '../helpers/shared-server.ts';
import { tempProject, writeFiles } from '../helpers/temp-project.ts';

function fill(folder: string) {
  writeFiles(folder, {
    '.gitignore': 'dist/\n',
    '.octantignore': 'fixtures/\n!dist/\n',
    'src/cart.ts': "import { total } from '../dist/total.js';\nexport const cart = () => total(needle);\n",
    'dist/total.js': 'export function total(needle) {}\n',
    'fixtures/total.ts': 'export function total(needle: number) {}\n',
  });
  const git = (...args: string[]) => execFileSync('git', args, { cwd: folder, env: cleanEnvironment() });
  git('init', '-q');
  git('add', '.');
  git('-c', 'user.name=t', '-c', 'user.email=t@t', 'commit', '-q', '-m', 'total needle');
}

describe('A project with a file .octantignore', () => {
  const project = sharedFolder();
  beforeAll(() => fill(project()));
  const served = sharedServer(() => ({ project: project() }));

  it.each([
    ['search_files', { query: 'needle' }],
    ['search_files', { query: 'needle', mode: 'regex', sort: 'path', multiline: true }],
    ['search_files', { query: 'total', mode: 'path' }],
    ['search_files', { query: 'total', mode: 'symbol' }],
    ['search_files', { query: 'total', mode: 'references' }],
    ['suggest_files', { task: 'the total needle' }],
    ['get_project', {}],
  ])('shows what it brings back and not what it hides: %s %j', async (tool, args) => {
    const { text, data } = await served().callTool(tool, args);
    const answer = `${text} ${JSON.stringify(data)}`;
    expect(answer).toContain(tool === 'get_project' ? 'dist' : 'dist/total.js');
    expect(answer).not.toContain('fixtures');
  });

  it('lists resources so, and still reads a hidden file by its path', async () => {
    const client = served();
    const { resources } = await client.listResources();
    const names = resources.map(({ uri }) => uri).join();
    expect(names).toContain('dist/total.js');
    expect(names).not.toContain('fixtures');
    const { text } = await client.callTool('read_files', { paths: ['fixtures/total.ts'] });
    expect(text).toContain('export function total');
  });

  it('is heeded at once when it changes', async () => {
    const folder = tempProject();
    fill(folder);
    const client = await connect('v2-2026', { args: ['--project', folder] });
    onTestFinished(() => client.close());
    const found = async () => JSON.stringify((await client.callTool('search_files', { query: 'needle' })).data);
    for (let time = 0; time < 5; time++) {
      writeFiles(folder, { 'src/.octantignore': time % 2 ? 'cart.ts\n' : '' });
      expect((await found()).includes('src/cart.ts')).toBe(time % 2 === 0);
    }
  });
});
