import { expect, it } from 'vitest';
import { createJobControl } from '../../../src/projects/job-control.ts';
import { mentionedPaths } from '../../../src/search/task/mentioned-paths.ts';
import { createFileSuggester } from '../../../src/search/task/suggest-files.ts';
import { createTaskIndex } from '../../../src/search/task/task-index.ts';
import { createTaskIndexes } from '../../../src/search/task/task-indexes.ts';
import { tempProject } from '../../helpers/temp-project.ts';

it('answers from what it knows when time is short, says so, and goes on at the next call', async () => {
  const suggest = createFileSuggester(createTaskIndexes());
  const files = Object.fromEntries(
    Array.from({ length: 300 }, (_, at) => [`src/part${at}.ts`, 'export const cart = 1;\n']),
  );
  const root = { folder: tempProject(files), refuseHardLinks: false };
  const input = { root, task: 'cart', limit: 3, near: [], include: [], exclude: [] };
  const call = (budgetMs: number, stop = 0) =>
    suggest(
      input,
      createJobControl({ budgetMs, stopFlag: new Int32Array(new SharedArrayBuffer(4)).fill(stop), report() {} }),
    );

  expect(await call(-1)).toEqual({ files: [], incompleteBecause: expect.stringMatching(/^the time was too short/) });
  expect((await call(10_000, 1)).incompleteBecause).toMatch(/^the call was cancelled/);
  const { files: found, incompleteBecause } = await call(10_000);
  expect([found.length, incompleteBecause]).toEqual([3, undefined]);
});

it('reads first what the paths speak for, then code, when there is no time for all', async () => {
  const names = Array.from({ length: 200 }, (_, at) => [`docs/a${at}.md`, `src/b${at}.ts`]).flat();
  const files = Object.fromEntries([...names, 'docs/zebra.md'].map((path) => [path, 'quagga\n']));
  const index = createTaskIndex({ folder: tempProject(files), refuseHardLinks: false });
  const read: string[] = [];
  const stopFlag = new Int32Array(new SharedArrayBuffer(4));
  const control = createJobControl({ budgetMs: 10_000, stopFlag, report() {} });
  let isListed = false;
  const hints = {
    readingMs: 10_000,
    mentioned: (paths: Iterable<string>) => mentionedPaths('feed the zebras', paths, 10),
    inOrder: () => {
      isListed = true;
      return index.knowledge().documents.map(({ path }) => path);
    },
  };
  const gaps = await index.refresh(
    {
      ...control,
      progress: (_, path) => void (isListed && read.push(path)),
      shouldStop: () => read.length >= 100,
    },
    hints,
  );
  expect([read.length, read[0]]).toEqual([100, 'docs/zebra.md']);
  expect(read.slice(1).every((path) => path.startsWith('src/'))).toBe(true);
  expect(gaps.unread).toBe(301);
  expect((await index.refresh(control, { ...hints, readingMs: -1 })).unread).toBe(301);
  await index.goOn(() => true);
  expect((await index.refresh(control, hints)).unread).toBe(0);
  expect(index.knowledge().documents.length).toBe(401);
  index.close();
});

it('finds the words of a task in paths, the paths with most of them first', () => {
  const paths = ['a/b.ts', 'src/retry.ts', 'src/fetchRetry.ts', 'docs/fetched.md'];
  expect(mentionedPaths('Retrying to fetch', paths, 2)).toEqual(['src/fetchRetry.ts', 'src/retry.ts']);
});
