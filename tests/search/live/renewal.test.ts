import { readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { createJobControl } from '../../../src/projects/job-control.ts';
import { createIndexCache } from '../../../src/search/live/index-cache.ts';
import { createLiveText, type LiveText } from '../../../src/search/live/live-text.ts';
import { openStoredIndex } from '../../../src/search/live/stored-index.ts';
import { createTextKeeper } from '../../../src/search/live/text-keeper.ts';
import { type FindTextInput, findText } from '../../../src/search/text/find-text.ts';
import { tempProject, writeFiles } from '../../helpers/temp-project.ts';

const megabyte = 1024 * 1024;
const count = 200;
const pathOf = (file: number) => `src/f${String(file).padStart(3, '0')}.ts`;

function control() {
  return createJobControl({ budgetMs: 20_000, stopFlag: new Int32Array(new SharedArrayBuffer(4)), report() {} });
}

function project() {
  const files = Object.fromEntries(Array.from({ length: count }, (_, file) => [pathOf(file), `before ${file}\n`]));
  return { folder: tempProject(files), refuseHardLinks: false };
}

function question(root: FindTextInput['root'], query: string): FindTextInput {
  const page = { order: 'path', include: [], exclude: [], context: 0, limit: 10_000, maxCharacters: 1e7 } as const;
  return { root, query, mode: 'text', letterCase: 'smart', ...page };
}

async function expectRight(live: LiveText, root: FindTextInput['root']) {
  for (const query of ['before', 'after', 'meanwhile', 'new']) {
    const found = await live.find(question(root, query), control());
    expect(found, query).toEqual(findText(question(root, query), control()));
  }
}

/** Files that the next start would read again. */
async function unknownFiles(root: FindTextInput['root'], cacheFolder: string): Promise<number | undefined> {
  const stored = await openStoredIndex(createIndexCache(cacheFolder), root, 64 * megabyte);
  await stored?.load();
  return stored?.tree.files.filter(({ size }) => size < 0).length;
}

it('A worn index is read anew while the one before answers, with what happens meanwhile, and stored', async () => {
  const root = project();
  const cacheFolder = tempProject();
  const cache = createIndexCache(join(cacheFolder, 'index'));
  const live = createLiveText(root, { textBytes: 16 * megabyte, arenaBytes: 64 * megabyte }, cache);
  onTestFinished(live.close);
  await live.build(control(), async () => true);
  await live.settle(control(), async () => true, Number.MAX_SAFE_INTEGER);
  writeFiles(root.folder, Object.fromEntries(Array.from({ length: 90 }, (_, at) => [pathOf(at), `after ${at}\n`])));
  rmSync(join(root.folder, pathOf(150)));
  await expectRight(live, root);
  expect(await unknownFiles(root, join(cacheFolder, 'index'))).toBe(0); // it knows nothing of all that

  let pauses = 0;
  const disturb = async () => {
    if (pauses++ === 0) {
      writeFiles(root.folder, { [pathOf(5)]: 'meanwhile\n', 'src/new.ts': 'new\n' });
      rmSync(join(root.folder, pathOf(160)));
      await expectRight(live, root); // by which the index before has taken it in
      writeFiles(root.folder, { [pathOf(6)]: 'meanwhile\n' });
    }
    return true;
  };
  // read in steps of some milliseconds: files that take time to read, so that there is a step
  for (let file = 0; file < 30; file++)
    writeFileSync(join(root.folder, `src/z${file}.txt`), 'filler\n'.repeat(100_000));
  await live.renew(control(), disturb, 64 * megabyte);
  expect(pauses).toBeGreaterThan(0);
  await expectRight(live, root);

  const next = createLiveText(root, { textBytes: 16 * megabyte, arenaBytes: 64 * megabyte }, cache);
  onTestFinished(next.close);
  expect(await next.restore(control())).toBe(true);
  await expectRight(next, root);
  expect(await unknownFiles(root, join(cacheFolder, 'index'))).toBeLessThan(6);
}, 30_000);

it('An index is read anew once nobody asks, if much has changed, and else left as it is', async () => {
  const root = project();
  const indexFolder = join(tempProject(), 'index');
  const keeper = createTextKeeper(100);
  const ask = async () => (await keeper.findKeptText(question(root, 'after'), control())).found?.files.length;
  const written = () => readdirSync(indexFolder).map((name) => statSync(join(indexFolder, name)).mtimeMs);
  keeper.keepText({ root, indexFolder });
  await expect.poll(ask).toBe(0);
  await expect.poll(() => keeper.isAtWork({}), { timeout: 10_000 }).toBe(false);
  const [first] = written();

  const change = (files: number) => {
    for (let at = 0; at < files; at++) {
      writeFileSync(join(root.folder, pathOf(at)), `after ${at}\n`);
      utimesSync(join(root.folder, pathOf(at)), 1, at);
    }
  };
  change(3);
  expect(await ask()).toBe(3);
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(written()).toEqual([first]);

  change(100);
  expect(await ask()).toBe(100);
  await expect.poll(() => written()[0], { timeout: 15_000 }).toBeGreaterThan(first ?? 0);
  expect(await unknownFiles(root, indexFolder)).toBe(0);
  expect(await ask()).toBe(100);
}, 40_000);
