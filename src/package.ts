import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';

/** Octant's own folder: the one with its package.json, above `dist/` in a release and above `src/` in a checkout. */
export const packageFolder = findPackageFolder(dirname(fileURLToPath(import.meta.url)));

const manifest = z
  .object({ name: z.string(), version: z.string(), description: z.string() })
  .parse(JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8')));

export const { name: packageName, version: packageVersion, description: packageDescription } = manifest;

function findPackageFolder(folder: string): string {
  return existsSync(join(folder, 'package.json')) ? folder : findPackageFolder(dirname(folder));
}
