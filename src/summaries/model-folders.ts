import type { JobCall } from '../projects/worker-job.ts';
import { runBatch } from './batch.ts';
import type { StoredSummary } from './model-answer.ts';
import {
  askOnce,
  type KnownFile,
  lanesOf,
  type Missing,
  type ModelServices,
  type ModelWish,
  reasonOf,
} from './model-files.ts';
import { keyOfFolder } from './summary-cache.ts';

/** A folder with files that have summaries. */
interface SummedFolder {
  path: string;
  files: KnownFile[];
  folders: SummedFolder[];
  /** Of all that the summary is made of. */
  key: string;
  summary?: StoredSummary | undefined;
}

/**
 * Summaries of a folder and of those below it, from those of what lies in them, the deepest first. A folder is asked for
 * anew only when something in it has changed.
 *
 * @param files all with summaries that lie in the folder
 * @param found gets the summaries by path, `''` for the project
 */
export async function rollUp(
  folder: string,
  files: readonly KnownFile[],
  wish: ModelWish,
  services: ModelServices,
  job: JobCall,
  found: Map<string, StoredSummary>,
): Promise<Missing> {
  const top = treeOf(folder, files);
  const levels = levelsOf(top);
  for (const level of levels.toReversed()) {
    for (const each of level) each.key = keyOf(each, wish);
    const known = await services.cache.find(
      level.map(({ key }) => key),
      wish.notBefore,
    );
    for (const [index, each] of level.entries()) each.summary = known[index] ?? onlyPart(each);
    const missing = level.filter(({ summary }) => !summary);
    const { failure } = await runBatch(
      missing,
      async (each) => {
        each.summary = await askOnce(each.key, materialOf(each), wish, services, job.signal);
      },
      { parallel: lanesOf(services), until: wish.until, signal: job.signal, onDone: () => {} },
    );
    if (failure !== undefined) return { reason: reasonOf(failure), canGoOn: false };
    for (const each of level) if (each.summary) found.set(each.path, each.summary);
    const left = level.filter(({ summary }) => !summary).length;
    if (left > 0) return { reason: `${left} folders are not summarized by a model yet`, canGoOn: true };
  }
  return undefined;
}

function treeOf(top: string, files: readonly KnownFile[]): SummedFolder {
  const root: SummedFolder = { path: top, files: [], folders: [], key: '' };
  const byPath = new Map([[top, root]]);
  const folderAt = (path: string): SummedFolder => {
    const known = byPath.get(path);
    if (known) return known;
    const folder: SummedFolder = { path, files: [], folders: [], key: '' };
    byPath.set(path, folder);
    folderAt(parentOf(path)).folders.push(folder);
    return folder;
  };
  for (const file of files) folderAt(parentOf(file.path)).files.push(file);
  return root;
}

/** From the top down. */
function levelsOf(top: SummedFolder): SummedFolder[][] {
  const levels: SummedFolder[][] = [];
  for (let level = [top]; level.length > 0; level = level.flatMap(({ folders }) => folders)) levels.push(level);
  return levels;
}

function keyOf({ path, files, folders }: SummedFolder, { kind }: ModelWish): string {
  const children = [...files, ...folders].map((each): [string, string] => [each.path.slice(path.length), each.key]);
  return keyOfFolder(
    kind,
    path,
    children.sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

/** A folder with one thing in it is for what that is for. */
function onlyPart({ files, folders }: SummedFolder): StoredSummary | undefined {
  return files.length + folders.length === 1 ? (files[0] ?? folders[0])?.summary : undefined;
}

function materialOf({ path, files, folders }: SummedFolder) {
  const lines = [
    ...folders.map((each) => lineOf(`${each.path}/`, each.summary)),
    ...files.map((each) => lineOf(each.path, each.summary)),
  ];
  return {
    ...{ kind: 'folder' as const, path: path === '' ? 'the whole project' : `${path}/`, text: lines.join('\n') },
    about: `${files.length} files, ${folders.length} folders`,
    starts: lines.map((_, index) => index + 1),
  };
}

function lineOf(name: string, summary: StoredSummary | undefined): string {
  const { purpose = '', api = [] } = summary?.answer ?? {};
  const names = api.slice(0, 6).map((each) => each.name);
  return `- ${name}: ${purpose}${names.length > 0 ? ` (has ${names.join(', ')})` : ''}`;
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}
