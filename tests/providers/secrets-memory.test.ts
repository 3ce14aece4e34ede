import { performance } from 'node:perf_hooks';
import { expect, it } from 'vitest';
import { findSecrets } from '../../src/providers/secrets.ts';

it('Looking for secrets keeps nothing in memory', async () => {
  for (let times = 0; times < 5; times++) await findSecrets('a text without any', []);
  expect(performance.getEntries().filter(({ name }) => name.includes('secretlint'))).toEqual([]);
});
