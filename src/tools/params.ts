import * as z from 'zod';

/** Fields that several tools share. */

export const project = z.string().min(1).max(4096).optional().describe('Id or path');

const globs = z.array(z.string().min(1).max(256)).max(20).default([]);
export const include = globs.describe('Only these paths, e.g. ["src/**/*.ts"]');
export const exclude = globs.describe('No paths, e.g. ["*.test.ts"]');

export const maxCharacters = z.int().min(1000).max(200_000).default(10_000).describe('Most, 1000 to 200000');

export const cursor = z.string().min(1).max(4096).optional().describe('next_cursor of the last answer');
