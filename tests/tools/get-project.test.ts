import { execFileSync } from 'node:child_process';
import { renameSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { connect } from '../helpers/connect.ts';
import { cleanEnvironment } from '../helpers/program.ts';
import { tempProject } from '../helpers/temp-project.ts';

const files = {
  'README.md': '# Shop\n\nSells things.\n',
  'package.json': JSON.stringify({
    name: 'shop',
    bin: { shop: './bin/shop.js' },
    scripts: { test: 'vitest run', build: 'tsc' },
  }),
  Makefile: 'all: build\n\ttrue\nVERSION := 1\n',
  'bin/shop.js': '#!/usr/bin/env node\n',
  'src/index.ts': 'export {};\n',
  'src/a/b/c/deep.ts': 'export {};\n',
};

function commit(folder: string) {
  const env = cleanEnvironment({ GIT_AUTHOR_DATE: '2026-01-02T03:04:05Z', GIT_COMMITTER_DATE: '2026-01-02T03:04:05Z' });
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=Ada', '-c', 'user.email=a@b', ...args], { cwd: folder, env });
  git('init', '-q', '-b', 'main');
  git('add', '-A');
  git('commit', '-q', '-m', 'Open the shop');
}

describe('get_project', () => {
  it('tells what a project is', async () => {
    const folder = tempProject(files);
    commit(folder);
    const client = await connect('v2-2026', { args: ['--project', folder] });
    const { data, text } = await client.callTool('get_project', { depth: 2 });
    await client.close();
    expect(data).toMatchObject({
      root: folder,
      files: 6,
      complete: true,
      entry_points: ['bin/shop.js', 'src/index.ts'],
      scripts: [
        { run: 'npm run test', command: 'vitest run' },
        { run: 'npm run build', command: 'tsc' },
        { run: 'make all', command: '' },
      ],
      readme: '# Shop\n\nSells things.\n',
      readme_file: 'README.md',
      commits: [{ date: '2026-01-02', author: 'Ada', subject: 'Open the shop' }],
    });
    expect(data?.tree).toBe('bin/\n  shop.js\nsrc/\n  a/ (1 file)\n  index.ts\nMakefile\nREADME.md\npackage.json');
    for (const fact of ['Sells things', 'npm run test: vitest run', 'src/index.ts', 'Open the shop', 'TypeScript 2']) {
      expect(text).toContain(fact);
    }
  });

  it('stays small for a project of ten thousand files', async () => {
    const many = Object.fromEntries(
      Array.from({ length: 10_000 }, (_, index) => [`d${index % 97}/e${index % 13}/file${index}.txt`, '']),
    );
    const client = await connect('v2-2026', { args: ['--project', tempProject(many)] });
    const { data, text } = await client.callTool('get_project', { depth: 8, commits: 20 });
    await client.close();
    expect(data).toMatchObject({ files: 10_000, complete: true });
    expect(JSON.stringify(data).length).toBeLessThan(10_000);
    expect(text.length).toBeLessThan(10_000);
  });

  it('maps the files that most imports lead to, with what they define, within a budget', async () => {
    const users = Object.fromEntries(
      Array.from({ length: 30 }, (_, at) => [
        `src/use${at}.ts`,
        `import { Cart } from './cart.ts';\n${at % 2 ? "import './money.ts';\n" : ''}export const use${at} = 1;\n`,
      ]),
    );
    const folder = tempProject({
      ...users,
      'src/cart.ts': 'export class Cart {\n  total() {\n    return 1;\n  }\n}\n',
      'src/money.ts': 'export function toCents() {}\n',
      'src/cart.test.ts': "import './cart.ts';\n",
    });
    const client = await connect('v2-2026', { args: ['--project', folder] });
    const { data, text } = await client.callTool('get_project', { map_tokens: 13 });
    const none = await client.callTool('get_project', { map_tokens: 0 });
    const large = await client.callTool('get_project', { map_tokens: 1500 });
    await client.close();
    expect(data?.map).toEqual([
      { path: 'src/cart.ts', symbols: ['Cart', 'total'] },
      { path: 'src/money.ts', symbols: ['toCents'] },
    ]);
    expect(data).not.toHaveProperty('map_incomplete');
    expect(text).toContain(
      'Map, the most central files and what they define:\n  src/cart.ts: Cart, total\n  src/money.ts: toCents',
    );
    expect(none.data).not.toHaveProperty('map');
    expect(none.text).not.toContain('Map');
    expect(JSON.stringify(large.data).length).toBeLessThan(10_000);
    expect(JSON.stringify(large.data?.map)).not.toContain('cart.test.ts');
  });

  it('names the other projects', async () => {
    const [one, two] = [tempProject(), tempProject()];
    const client = await connect('v2-2026', { args: ['--project', one, '--project', two] });
    const { data } = await client.callTool('get_project', {});
    expect(data).toMatchObject({ root: one, other_projects: [expect.stringContaining('octant-')] });
    expect((await client.callTool('get_project', { project: two })).data).toMatchObject({ root: two });
    await client.close();
  });

  it('says so when its folder is gone or was replaced by a link, instead of showing an empty one', async () => {
    const folder = tempProject({ 'shop/a.txt': '', 'other/b.txt': '' });
    const client = await connect('v2-2026', { args: ['--project', join(folder, 'shop')] });
    expect((await client.callTool('get_project', {})).data).toMatchObject({ files: 1 });
    renameSync(join(folder, 'shop'), join(folder, 'moved'));
    expect((await client.callTool('get_project', {})).text).toMatch(/^not_found: The project's folder is gone/);
    symlinkSync(join(folder, 'other'), join(folder, 'shop'));
    expect((await client.callTool('search_files', { query: 'x' })).text).toMatch(/^denied: The project was replaced/);
    await client.close();
  });

  it('says how to name a project when there is none', async () => {
    const client = await connect('v2-2026', { args: [], cwd: '/' });
    const { isError, text } = await client.callTool('get_project', {});
    await client.close();
    expect([isError, text]).toEqual([true, expect.stringContaining('start it with "--project PATH"')]);
  });
});
