import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

const stress = 'tests/stress/**/*.test.ts';

export default defineConfig({
  test: {
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // A shared machine can be too busy for a bound once; what fails twice there is broken. Locally nothing is tried again.
    retry: process.env.CI ? 1 : 0,
    reporters: ['default'],
    // The programs that tests start are compiled once, and not at each of thousands of starts.
    env: { NODE_COMPILE_CACHE: join(import.meta.dirname, 'node_modules', '.cache', 'octant') },
    projects: [
      // One more than cores: much of their time they wait for servers.
      { extends: true, test: { name: 'tests', include: ['tests/**/*.test.ts'], exclude: [stress], maxWorkers: 3 } },
      // Last, and one file at a time: they load every core, and would make the others late.
      {
        extends: true,
        test: { name: 'stress', include: [stress], sequence: { groupOrder: 1 }, maxWorkers: 1, testTimeout: 300_000 },
      },
    ],
  },
});
