import { expect, it } from 'vitest';
import { createJobControl } from '../../src/projects/job-control.ts';
import { createFileSuggester } from '../../src/search/suggest-files.ts';
import { tempProject } from '../helpers/temp-project.ts';

it('answers from what it knows when time is short, says so, and goes on at the next call', async () => {
  const suggest = createFileSuggester();
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
