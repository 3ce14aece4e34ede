import * as z from 'zod';

/** Fields that several tools share. */

export const project = z
  .string()
  .min(1)
  .max(4096)
  .optional()
  .describe('Project id, name or path, as get_project shows it. Default: the first project');

const globs = z.array(z.string().min(1).max(256)).max(20).default([]);
export const include = globs.describe(
  'Only paths that match one of these globs, e.g. ["src/**/*.ts", "*.md", "docs/"]',
);
export const exclude = globs.describe('No paths that match one of these globs, e.g. ["*.test.ts", "dist/"]');

export const maxCharacters = z
  .int()
  .min(1000)
  .max(200_000)
  .default(10_000)
  .describe('Most characters in the answer (1000 to 200000, default 10000)');

export const cursor = z
  .string()
  .min(1)
  .max(4096)
  .optional()
  .describe('next_cursor of the last answer, with all other arguments unchanged');
