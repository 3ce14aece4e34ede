import { expect, it } from 'vitest';
import { drawTokenTree } from '../../src/packing/token-tree.ts';

it('opens the heaviest folders first, within its lines', () => {
  const files = [
    { path: 'a/one.ts', tokens: 10 },
    { path: 'a/b/two.ts', tokens: 30 },
    { path: 'c/three.ts', tokens: 20 },
  ];
  expect(drawTokenTree(files, 4)).toBe('60 tokens in 3 files\na/ 40\n  b/ 30 (1 file)\n  one.ts 10\nc/ 20 (1 file)');
  expect(drawTokenTree(files, 1)).toBe('60 tokens in 3 files\na/ 40 (2 files)\nc/ 20 (1 file)');
});

it('draws a large project at once', () => {
  const flat = Array.from({ length: 50_000 }, (_, at) => ({ path: `f${at}`, tokens: at % 97 }));
  const deep = Array.from({ length: 300 }, (_, depth) => ({ path: `${'d/'.repeat(depth + 1)}x`, tokens: 100_000 }));
  const begun = performance.now();
  expect(drawTokenTree([...flat, ...deep], 400).split('\n').length).toBeGreaterThan(300);
  expect(performance.now() - begun).toBeLessThan(2000);
});
