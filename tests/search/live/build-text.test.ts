import { describe, expect, it } from 'vitest';
import { createCatalogue } from '../../../src/projects/catalogue.ts';
import { createJobControl } from '../../../src/projects/job-control.ts';
import { createArena } from '../../../src/search/engine/arena.ts';
import { planQuery } from '../../../src/search/engine/query-plan.ts';
import { searchText } from '../../../src/search/engine/search-text.ts';
import { createTextBuilder } from '../../../src/search/live/build-text.ts';
import { limitTexts } from '../../../src/search/live/limit-texts.ts';
import { blocksOf, planSlices } from '../../../src/search/live/plan-slices.ts';
import { startSliceThreads } from '../../../src/search/live/slice-threads.ts';
import { compilePattern } from '../../../src/search/regex/compile-pattern.ts';
import { tempProject, writeFiles } from '../../helpers/temp-project.ts';

const megabyte = 1024 * 1024;
const limits = { textBytes: megabyte, arenaBytes: 64 * megabyte };
const isWanted = async () => true;

function control(report = () => {}) {
  return createJobControl({ budgetMs: 60_000, stopFlag: new Int32Array(new SharedArrayBuffer(4)), report });
}

function projectOf(count: number) {
  const folder = tempProject();
  const names = Array.from({ length: count }, (_, file) => `d${file % 7}/f${String(file).padStart(5, '0')}.txt`).sort();
  writeFiles(folder, Object.fromEntries(names.map((name) => [name, `this is ${name}, and no other\n`])));
  return { root: { folder, refuseHardLinks: false }, names };
}

describe('An index of many files', () => {
  it('has each of them once, whether it was begun while they were listed or after that', async () => {
    const { root, names } = projectOf(9000);
    for (const isFollowed of [true, false]) {
      const catalogue = createCatalogue(root);
      const builder = createTextBuilder(root, catalogue, { textBytes: 64 * megabyte, arenaBytes: 128 * megabyte });
      await catalogue.refresh(isFollowed ? builder.followed(control()) : control());
      const built = await builder.build(isWanted);
      builder.close();
      catalogue.close();
      if (typeof built === 'string') throw new Error(`It is ${built}.`);
      const { index, entries } = built;
      expect(entries.map(({ path }) => path)).toEqual(names);
      expect(Array.from(names, (_, file) => index.files.path(file))).toEqual(names);
      const find = (query: string) =>
        [...searchText(index, planQuery(compilePattern({ query, mode: 'text', letterCase: 'sensitive' }), index))].map(
          ({ path }) => path,
        );
      for (const name of names.filter((_, file) => file % 500 === 0)) expect(find(name)).toEqual([name]);
      expect(find('and no other')).toEqual(names);
    }
  });

  it('is not made of what was listed otherwise before', async () => {
    const { root } = projectOf(5000);
    const catalogue = createCatalogue(root);
    const builder = createTextBuilder(root, catalogue, { textBytes: 64 * megabyte, arenaBytes: 128 * megabyte });
    await catalogue.refresh(builder.followed(control()));
    writeFiles(root.folder, { 'a-first.txt': 'new\n' });
    await catalogue.refresh(control());
    expect(await builder.build(isWanted)).toBe('stopped');
    builder.close();
    catalogue.close();
  });
});

describe('Threads that make slices', () => {
  it('make those that were begun and all others once, and give them in order', async () => {
    const { root, names } = projectOf(60);
    const plans = Array.from({ length: 6 }, (_, slice) => {
      return { first: slice * 10, paths: names.slice(slice * 10, slice * 10 + 10), limits };
    });
    const threads = startSliceThreads({ root, arena: createArena(64 * megabyte).handle });
    const later = plans.slice(3);
    for (const plan of plans.slice(0, 3)) threads.begin(plan);
    const slices = await threads.finish(() => later.shift(), isWanted);
    threads.close();
    if (typeof slices === 'string') throw new Error(`They are ${slices}.`);
    expect(slices.map(({ slice }) => slice.first)).toEqual([0, 10, 20, 30, 40, 50]);
    expect(slices.flatMap(({ entries }) => entries.map(({ path }) => path))).toEqual(names);
  });

  it('stop between slices when nobody wants them any more', async () => {
    const { root, names } = projectOf(20);
    const threads = startSliceThreads({ root, arena: createArena(64 * megabyte).handle });
    const plans = names.map((path, first) => ({ first, paths: [path], limits }));
    let asked = 0;
    const ended = await threads.finish(
      () => plans.shift(),
      async () => ++asked < 5,
    );
    threads.close();
    expect(ended).toBe('stopped');
    expect(plans.length).toBeGreaterThan(10);
  });
});

describe('The plan of slices', () => {
  it('has all files in order, in slices of at most 4,096 blocks that get smaller', () => {
    const files = Array.from({ length: 30_000 }, (_, file) => ({
      path: `${file}`,
      size: file % 5000 === 0 ? 30 * megabyte : (file * 37) % 20_000,
    }));
    const next = planSlices(files, 100, limits);
    const paths: string[] = [];
    const weights: number[] = [];
    for (let plan = next(); plan; plan = next()) {
      expect(plan.first).toBe(100 + paths.length);
      paths.push(...plan.paths);
      weights.push(plan.paths.reduce((sum, path) => sum + blocksOf(files[Number(path)] ?? { path, size: 0 }), 0));
    }
    expect(paths).toEqual(files.map(({ path }) => path));
    expect(Math.max(...weights)).toBeLessThanOrEqual(4096);
    expect(Math.max(...weights.slice(-3))).toBeLessThanOrEqual(1024);
  });
});

describe('The limit of texts', () => {
  it('counts those that were read before it was known', () => {
    const budget = { textBytes: 1000, arenaBytes: 100 * megabyte };
    const files = [{ size: 500 }, { size: 100 }, { size: 300 }];
    expect(limitTexts(files, budget)?.textBytes).toBe(500);
    expect(limitTexts(files, budget, [{ size: 200 }])?.textBytes).toBe(300);
    expect(limitTexts(files, budget, [{ size: 1000 }])?.textBytes).toBe(0);
  });
});
