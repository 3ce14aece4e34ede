import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    // A shared machine can be too busy for a bound once; what fails twice there is broken. Locally nothing is tried again.
    retry: process.env.CI ? 1 : 0,
    reporters: ['default'],
  },
});
