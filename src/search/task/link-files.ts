import type { Root } from '../../projects/door.ts';
import type { JobControl } from '../../projects/job-control.ts';
import { createImportResolver, type ImportResolver } from './imports.ts';
import type { TaskKnowledge } from './rank-task.ts';
import type { TaskDocument } from './task-document.ts';
import { describeGaps, hurry, type TaskIndexes } from './task-indexes.ts';

export interface LinkFilesInput {
  root: Root;
  /** Files whose links are wanted. */
  paths: readonly string[];
  /** Folders whose most central files are wanted, `''` for the project. */
  folders: readonly string[];
}

export interface FileLinks {
  path: string;
  /** Files of the project. */
  imports: string[];
  /** Imports that are no file of the project, as written there. */
  external: string[];
  /** The most central first; missing before most files are read. */
  importedBy?: string[];
  /** Tests of it, by their names or by what they import, those with fewest other targets first; missing likewise. */
  testedBy?: string[];
}

export interface LinkFilesOutput {
  files: FileLinks[];
  /** The files that most others build on, in the order of the folders of the question; none before most files are read. */
  central: string[][];
  /** Why something may be missing, where it may. */
  incompleteBecause?: string;
}

/** So long after all are listed an answer waits for files to be read; the rest is read after it. */
const readingMs = 2500;
const mostCentral = 8;

/** Who imports what, and what a folder builds on. */
export function createFileLinker(indexes: TaskIndexes) {
  const resolvers = new WeakMap<readonly TaskDocument[], ImportResolver>();

  return async ({ root, paths, folders }: LinkFilesInput, control: JobControl): Promise<LinkFilesOutput> => {
    const index = indexes.of(root);
    const gaps = await index.refresh(hurry(control), { readingMs, mentioned: () => paths, inOrder: () => paths });
    indexes.goOnLater(index);
    const knowledge = index.knowledge();
    const { documents } = knowledge;
    const resolve = resolvers.get(documents) ?? createImportResolver(documents.map(({ path }) => path));
    resolvers.set(documents, resolve);
    const reason = describeGaps(gaps);
    const isKnown = gaps.unread * 4 < documents.length;
    const tests = isKnown ? testsOf(paths, knowledge) : new Map<string, string[]>();
    return {
      files: paths.flatMap((path) => {
        const links = linksOf(path, knowledge, resolve, isKnown);
        return links ? { ...links, ...(isKnown && { testedBy: tests.get(path) ?? [] }) } : [];
      }),
      central: folders.map((folder) => (isKnown ? centralIn(folder, knowledge) : [])),
      ...(reason && { incompleteBecause: reason }),
    };
  };
}

function linksOf(
  path: string,
  knowledge: TaskKnowledge,
  resolve: ImportResolver,
  isKnown: boolean,
): FileLinks | undefined {
  const { documents, places, graph } = knowledge;
  const place = places.get(path);
  const document = place === undefined ? undefined : documents[place];
  if (place === undefined || !document) return undefined;
  const pathsAt = (found: readonly number[]) => found.flatMap((at) => documents[at]?.path ?? []);
  const external = document.imports.filter((name) => !name.startsWith('.') && resolve(path, name).length === 0);
  const byCentrality = (a: number, b: number) => (graph.centrality[b] ?? 0) - (graph.centrality[a] ?? 0);
  return {
    path,
    imports: pathsAt(graph.imports[place] ?? []),
    external: [...external],
    ...(isKnown && { importedBy: pathsAt((graph.importedBy[place] ?? []).toSorted(byCentrality)) }),
  };
}

function testsOf(paths: readonly string[], { documents, places, graph }: TaskKnowledge): Map<string, string[]> {
  const wanted = new Map(paths.map((path) => [places.get(path), path]));
  const found = new Map<string, Array<{ test: string; targets: number }>>();
  for (const [test, targets] of graph.tested) {
    for (const target of targets) {
      const path = wanted.get(target);
      const by = documents[test]?.path;
      if (path === undefined || by === undefined) continue;
      const known = found.get(path) ?? [];
      found.set(path, [...known, { test: by, targets: targets.length }]);
    }
  }
  return new Map(
    [...found].map(([path, tests]) => [path, tests.toSorted((a, b) => a.targets - b.targets).map(({ test }) => test)]),
  );
}

function centralIn(folder: string, { documents, graph }: TaskKnowledge): string[] {
  const inside = documents.flatMap(({ path, role }, place) => {
    const worth = graph.centrality[place] ?? 0;
    const isInside = folder === '' || path.startsWith(`${folder}/`);
    return isInside && role === 'source' && worth > 0 ? { path, worth } : [];
  });
  return inside
    .sort((a, b) => b.worth - a.worth)
    .slice(0, mostCentral)
    .map(({ path }) => path);
}
