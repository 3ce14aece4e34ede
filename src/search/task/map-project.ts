import type { Root } from '../../projects/door.ts';
import type { JobControl } from '../../projects/job-control.ts';
import { namesIn } from './identifier-words.ts';
import type { TaskKnowledge } from './rank-task.ts';
import { describeGaps, hurry, type TaskIndexes } from './task-indexes.ts';

export interface MapProjectInput {
  root: Root;
  /** Of all paths and names, with two for each as what stands between them. */
  characters: number;
}

export interface MappedFile {
  path: string;
  /** Names that it defines, in the order of the file. */
  symbols: string[];
}

export interface MapProjectOutput {
  /** The most central first. */
  files: MappedFile[];
  /** Why the map may lack something, where it may. */
  incompleteBecause?: string;
}

/** So long after all are listed an answer waits for files to be read; the rest is read after it. */
const readingMs = 2500;
const maxFiles = 40;
const maxSymbols = 12;
const maxName = 60;
const separator = 2;

/** The sources that most of a project builds on, by PageRank over its imports, with what they define. */
export function createProjectMapper(indexes: TaskIndexes) {
  return async ({ root, characters }: MapProjectInput, control: JobControl): Promise<MapProjectOutput> => {
    const index = indexes.of(root);
    const gaps = await index.refresh(hurry(control), { readingMs, mentioned: () => [], inOrder: () => [] });
    indexes.goOnLater(index);
    const reason = describeGaps(gaps);
    return { files: mapFiles(index.knowledge(), characters), ...(reason && { incompleteBecause: reason }) };
  };
}

export function mapFiles({ documents, graph, commits }: TaskKnowledge, characters: number): MappedFile[] {
  const activity = commits.activity();
  const sources = documents.flatMap(({ path, role, definitions }, place) => {
    const worth = (graph.centrality[place] ?? 0) + (activity.get(path) ?? 0) / 1000; // which tells equals apart
    return role === 'source' && worth > 0 ? { path, definitions, worth } : [];
  });
  sources.sort((a, b) => b.worth - a.worth);
  const files: MappedFile[] = [];
  let left = characters;
  for (const { path, definitions } of sources.slice(0, maxFiles)) {
    left -= path.length + separator;
    if (left < 0) break;
    const symbols: string[] = [];
    for (const name of namesIn(definitions)) {
      if (symbols.length >= maxSymbols || name.length > maxName || name.length + separator > left) continue;
      left -= name.length + separator;
      symbols.push(name);
    }
    files.push({ path, symbols });
  }
  return files;
}
