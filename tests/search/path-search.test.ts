import { spawnSync } from 'node:child_process';
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createJobControl } from '../../src/projects/job-control.ts';
import { createPathFinder } from '../../src/search/paths/find-paths.ts';
import { openLogged } from '../helpers/logged-search.ts';
import { tempProject } from '../helpers/temp-project.ts';

it('sees whatever changes what git lists, with an index as without', async () => {
  const folder = tempProject({ 'src/cart.ts': '', 'src/deep/er/price.ts': '', 'docs/cart.md': '', 'log/a.log': '' });
  const git = (...args: string[]) => expect(spawnSync('git', ['-C', folder, ...args]).status).toBe(0);
  const at = (path: string) => join(folder, path);
  git('init', '-q');
  const [warm, cold] = [await openLogged(folder), await openLogged(folder, '--refuse-hard-links')];
  expect(await warm.warmUp()).toBe(true);
  const changes: Array<[string, () => void]> = [
    ['nothing', () => undefined],
    ['a new file', () => writeFileSync(at('src/cartoon.ts'), '')],
    ['new folders', () => mkdirSync(at('a/b'), { recursive: true })],
    ['a new file in them', () => writeFileSync(at('a/b/cart'), '')],
    ['a link', () => symlinkSync('cart.ts', at('src/cart-link'))],
    ['a link to a folder', () => symlinkSync('src', at('cart-folder'))],
    ['a file renamed', () => renameSync(at('docs/cart.md'), at('docs/shopping-cart.md'))],
    ['a folder renamed', () => renameSync(at('src/deep'), at('src/cart-deep'))],
    ['a file removed', () => rmSync(at('src/cart.ts'))],
    ['a link removed', () => rmSync(at('src/cart-link'))],
    ['an ignore file', () => writeFileSync(at('.gitignore'), 'docs/\n')],
    ['other rules', () => writeFileSync(at('.gitignore'), '*.log\n')],
    ['an ignore file of our own', () => writeFileSync(at('.octantignore'), 'a/\n')],
    ['an ignored file in the index of git', () => git('add', '-f', 'log/a.log')],
    ['rules that git has for itself', () => writeFileSync(at('.git/info/exclude'), 'cart-folder\n')],
    ['a folder removed', () => rmSync(at('src/cart-deep'), { recursive: true })],
    ['no repository any more', () => rmSync(at('.git'), { recursive: true })],
  ];
  for (const [name, change] of changes) {
    change();
    for (const query of ['cart', 'log', '']) {
      const question = { mode: 'path', query };
      expect({ name, found: await warm.search(question) }).toEqual({ name, found: await cold.search(question) });
    }
  }
  for (let write = 0; write < 200; write++) {
    writeFileSync(at(`src/written-${write}.ts`), '');
    expect(await warm.search({ mode: 'path', query: `written-${write}.ts`, limit: 1 })).toMatchObject({
      files: [{ path: `src/written-${write}.ts` }],
    });
  }
  await Promise.all([warm.client.close(), cold.client.close()]);
});

it('lists a project again only after a change', () => {
  const folder = tempProject({ 'a.ts': '' });
  const find = createPathFinder();
  const stopFlag = new Int32Array(new SharedArrayBuffer(4));
  const control = createJobControl({ budgetMs: 10_000, stopFlag, report() {} });
  const root = { folder, refuseHardLinks: false };
  const count = (listing: string | undefined) =>
    find({ root, query: 'ts', include: [], exclude: [], limit: 10, listing }, control).total;
  expect(count('1')).toBe(1);
  writeFileSync(join(folder, 'b.ts'), '');
  expect([count('1'), count('2'), count('2')]).toEqual([1, 2, 2]);
  writeFileSync(join(folder, 'c.ts'), '');
  expect([count(undefined), count('2')]).toEqual([3, 3]);
});
