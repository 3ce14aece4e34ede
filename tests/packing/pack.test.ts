import { expect, it, onTestFinished } from 'vitest';
import { createFileReader } from '../../src/packing/file-reader.ts';
import { pack } from '../../src/packing/pack.ts';
import { tokenizerOf } from '../../src/text/tokens.ts';
import { makeTempFolder, removeFolder, writeFiles } from '../helpers/temp-project.ts';

it('leaves out what is least wanted where the time is not enough to weigh all', async () => {
  const folder = makeTempFolder();
  onTestFinished(() => removeFolder(folder));
  const names = Array.from({ length: 100 }, (_, at) => `src/f${String(at).padStart(3, '0')}.ts`);
  writeFiles(folder, Object.fromEntries(names.map((name) => [name, `export const of = '${name}';\n`])));
  const slowly = (text: string) => {
    const until = performance.now() + 10;
    while (performance.now() < until);
    return Math.ceil(text.length / 4);
  };
  const files = names.map((path, at) => ({ path, weight: at + 1, why: 'x' })).reverse();
  const begun = performance.now();
  const { items, missed, text } = await pack(
    {
      ...{
        root: { folder, refuseHardLinks: false },
        tokenizer: tokenizerOf('gpt-5'),
        budget: 1_000_000,
        format: 'markdown',
      },
      ...{ task: '', texts: [], files, withinMs: 1000 },
    },
    { counter: slowly, counterOf: async () => slowly, reader: createFileReader() },
    {
      shouldStop: () => false,
      progress: () => {},
      walkBudget: { maxDepth: 9, maxEntries: 9, deadline: 0, shouldStop: () => false },
    },
  );
  expect(performance.now() - begun).toBeLessThan(2000);
  expect(items.map(({ name }) => name)).toContain('src/f099.ts');
  expect(text).toContain("export const of = 'src/f099.ts'");
  expect(missed.map(({ name }) => name)).toContain('src/f000.ts');
});

it('shows what was fitted already before any file, however short', async () => {
  const folder = makeTempFolder();
  onTestFinished(() => removeFolder(folder));
  const names = Array.from({ length: 100 }, (_, at) => `f${at}.ts`);
  writeFiles(folder, Object.fromEntries(names.map((name) => [name, 'export {};\n'])));
  const count = (text: string) => Math.ceil(text.length / 4);
  const said = 'What was said. '.repeat(80);
  const levels = [{ name: 'full' as const, text: said, worth: 1 }];
  const { items } = await pack(
    {
      ...{ root: { folder, refuseHardLinks: false }, tokenizer: tokenizerOf('gpt-5'), budget: 600 },
      ...{ format: 'markdown', task: '', withinMs: 5000 },
      texts: [{ kind: 'conversation', name: 'C-1', text: said, redactions: 0, levels }],
      files: names.map((path) => ({ path, weight: 0.6, why: 'matches' })),
    },
    { counter: count, counterOf: async () => count, reader: createFileReader() },
    {
      shouldStop: () => false,
      progress: () => {},
      walkBudget: { maxDepth: 9, maxEntries: 9, deadline: 0, shouldStop: () => false },
    },
  );
  expect(items.map(({ name }) => name)).toContain('C-1');
  expect(items.length).toBeGreaterThan(1);
});
