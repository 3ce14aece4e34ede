import { linkSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { FileFinder } from '@ff-labs/fff-node';
import type { PatternQuery } from '../src/search/regex/compile-pattern.ts';

/** The finder of `@ff-labs/fff-node` over a folder, warmed up, its index of contents included. */
export interface Fff {
  /** How many lines of the first `limit`, whole files of them, match with regard to case. */
  countLines(query: PatternQuery, limit: number): number;
  findPaths(query: string, limit: number): string[];
  close(): void;
}

const patienceMs = 120_000;

/** Undefined where its binary does not run here. */
export async function openFff(folder: string, content: 'contents' | 'names'): Promise<Fff | undefined> {
  const finder = await createFinder(folder, content === 'names');
  if (!finder) return undefined;
  await finder.waitForIndexReady(patienceMs);
  return {
    countLines({ query, mode }, limit) {
      const kind = mode === 'text' ? 'plain' : 'regex';
      const found = finder.grep(query, { mode: kind, pageSize: limit, smartCase: false, maxMatchesPerFile: 0 });
      if (!found.ok) throw new Error(found.error);
      return found.value.items.length;
    },
    findPaths(query, limit) {
      const found = finder.fileSearch(query, { pageSize: limit });
      return found.ok ? found.value.items.map(({ relativePath }) => relativePath) : [];
    },
    close: () => finder.destroy(),
  };
}

/** It has binaries for common systems only. */
async function createFinder(basePath: string, disableContentIndexing: boolean): Promise<FileFinder | undefined> {
  try {
    const { FileFinder } = await import('@ff-labs/fff-node');
    const created = FileFinder.create({ basePath, disableWatch: true, disableContentIndexing });
    return created.ok ? created.value : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Makes a folder with these files and no ignore rules, since fff leaves out what they name even where git tracks it.
 *
 * @param from where the files are, to be linked to; without it they are empty
 */
export function layOut(folder: string, paths: readonly string[], from?: string) {
  for (const parent of new Set(paths.map((path) => dirname(path))))
    mkdirSync(join(folder, parent), { recursive: true });
  for (const path of paths) {
    if (from === undefined) writeFileSync(join(folder, path), '');
    else if (!/(?:^|\/)\.(?:git)?ignore$/.test(path)) linkSync(join(from, path), join(folder, path));
  }
}
