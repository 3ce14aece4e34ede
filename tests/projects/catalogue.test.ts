import { mkdirSync, renameSync, rmSync, symlinkSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { createCatalogue } from '../../src/projects/catalogue.ts';
import { createJobControl } from '../../src/projects/job-control.ts';
import { tempProject, writeFiles } from '../helpers/temp-project.ts';

function control(budgetMs = 10_000) {
  return createJobControl({ budgetMs, stopFlag: new Int32Array(new SharedArrayBuffer(4)), report() {} });
}

async function open(files: Record<string, string>) {
  const folder = tempProject(files);
  const catalogue = createCatalogue({ folder, refuseHardLinks: false });
  onTestFinished(() => catalogue.close());
  const refresh = async () => {
    const { changed, removed, cut } = await catalogue.refresh(control());
    return { changed: changed.map(({ path }) => path).sort(), removed: [...removed].sort(), ...(cut && { cut }) };
  };
  return { folder, catalogue, refresh, paths: () => [...catalogue.list().keys()].sort() };
}

const nothing = { changed: [], removed: [] };

it('lists a project once and then says what has changed', async () => {
  const { folder, refresh, paths } = await open({
    'a.ts': '1',
    'src/b.ts': '2',
    '.gitignore': 'out/\n',
    'out/c.ts': '3',
  });
  expect(await refresh()).toEqual({ changed: ['.gitignore', 'a.ts', 'src/b.ts'], removed: [] });
  expect(await refresh()).toEqual(nothing);
  writeFileSync(join(folder, 'src/b.ts'), 'another');
  expect(await refresh()).toEqual({ changed: ['src/b.ts'], removed: [] });
  writeFiles(folder, { 'new/deep/d.ts': '4', 'out/e.ts': '5' });
  expect(await refresh()).toEqual({ changed: ['new/deep/d.ts'], removed: [] });
  writeFiles(folder, { 'new/deep/er/f.ts': '6' });
  expect(await refresh()).toEqual({ changed: ['new/deep/er/f.ts'], removed: [] });
  unlinkSync(join(folder, 'a.ts'));
  rmSync(join(folder, 'new'), { recursive: true });
  expect(await refresh()).toEqual({ changed: [], removed: ['a.ts', 'new/deep/d.ts', 'new/deep/er/f.ts'] });
  expect(paths()).toEqual(['.gitignore', 'src/b.ts']);
  expect(await refresh()).toEqual(nothing);
});

it('sees a folder that moved, came back as another, or became a link', async () => {
  const { folder, refresh, paths } = await open({ 'one/a.ts': '1', 'two/b.ts': '2', 'three/c.ts': '3' });
  await refresh();
  renameSync(join(folder, 'one'), join(folder, 'four'));
  expect(await refresh()).toEqual({ changed: ['four/a.ts'], removed: ['one/a.ts'] });
  writeFiles(folder, { 'four/z.ts': '' });
  expect(await refresh()).toEqual({ changed: ['four/z.ts'], removed: [] });
  rmSync(join(folder, 'two'), { recursive: true });
  mkdirSync(join(folder, 'two'));
  writeFiles(folder, { 'two/x.ts': '' });
  expect(await refresh()).toEqual({ changed: ['two/x.ts'], removed: ['two/b.ts'] });
  writeFiles(folder, { 'two/y.ts': '' });
  expect(await refresh()).toEqual({ changed: ['two/y.ts'], removed: [] });
  rmSync(join(folder, 'three'), { recursive: true });
  symlinkSync(join(folder, 'four'), join(folder, 'three'));
  expect(await refresh()).toEqual({ changed: [], removed: ['three/c.ts'] });
  expect(paths()).toEqual(['four/a.ts', 'four/z.ts', 'two/x.ts', 'two/y.ts']);
});

it('follows the ignore files', async () => {
  const { folder, refresh, paths } = await open({ 'a.log': '', 'src/b.log': '' });
  await refresh();
  writeFileSync(join(folder, '.gitignore'), '*.log\n');
  expect(await refresh()).toEqual({ changed: ['.gitignore'], removed: ['a.log', 'src/b.log'] });
  unlinkSync(join(folder, '.gitignore'));
  expect(await refresh()).toEqual({ changed: ['a.log', 'src/b.log'], removed: ['.gitignore'] });
  expect(paths()).toEqual(['a.log', 'src/b.log']);
});

it('looks again at what is doubted, and starts again when the whole folder is another', async () => {
  const { folder, catalogue, refresh } = await open({ 'a.ts': '1' });
  await refresh();
  utimesSync(join(folder, 'a.ts'), 1, 1);
  catalogue.doubt('a.ts');
  expect(await refresh()).toEqual({ changed: ['a.ts'], removed: [] });
  rmSync(folder, { recursive: true });
  writeFiles(folder, { 'b.ts': '' });
  expect(await refresh()).toEqual({ changed: ['b.ts'], removed: ['a.ts'] });
  writeFiles(folder, { 'c.ts': '' });
  expect(await refresh()).toEqual({ changed: ['c.ts'], removed: [] });
});

it('says when time was too short, and goes on at the next call', async () => {
  const { catalogue, refresh } = await open({ 'a.ts': '', 'b/c.ts': '' });
  expect(await catalogue.refresh(control(-1))).toMatchObject({ cut: 'time' });
  expect(await refresh()).toMatchObject({ changed: expect.arrayContaining(['b/c.ts']) });
  expect(await refresh()).toEqual(nothing);
  expect([...catalogue.list().keys()].sort()).toEqual(['a.ts', 'b/c.ts']);
});
