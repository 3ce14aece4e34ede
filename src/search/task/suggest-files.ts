import { type Root, withinRoot } from '../../projects/door.ts';
import type { JobControl } from '../../projects/job-control.ts';
import { isSecretPath } from '../../projects/secrets.ts';
import { createPathFilter } from '../../text/globs.ts';
import { mentionedPaths } from './mentioned-paths.ts';
import { likelyFiles, type RankedFile, rankForTask } from './rank-task.ts';
import type { Gaps, ReadingHints, TaskIndex } from './task-index.ts';
import { describeGaps, hurry, type TaskIndexes } from './task-indexes.ts';
import { taskWeights } from './task-weights.ts';

export interface SuggestFilesInput {
  root: Root;
  task: string;
  limit: number;
  /** Paths of files or folders that the caller works on. */
  near: readonly string[];
  include: readonly string[];
  exclude: readonly string[];
}

export interface SuggestFilesOutput {
  /** Best first; each was there, as it was read, a moment ago. */
  files: Array<RankedFile & { bytes: number }>;
  /** Why the answer may lack something, where it may. */
  incompleteBecause?: string;
}

/** Files may change between being read and being named: so often it is looked again. */
const maxLooks = 3;
/** So long after all are listed an answer waits for files to be read; the rest is read after it. */
const readingMs = 3000;
/** So many of the files whose paths have words of the task are judged before they are read, and so many of all read first. */
const mentionedCount = 4000;
const likelyCount = 1500;

/** Suggests files of one project or another. */
export function createFileSuggester(indexes: TaskIndexes) {
  return async ({ root, ...input }: SuggestFilesInput, control: JobControl): Promise<SuggestFilesOutput> => {
    const inGlobs = createPathFilter(input.include, input.exclude);
    const passes = (path: string) => !isSecretPath(path) && inGlobs(path); // nobody could read it
    const near = input.near.map((path) => withinRoot(root, path));
    const index = indexes.of(root);
    const hurried = hurry(control);
    let gaps: Gaps;
    let files: RankedFile[];
    let looks = 0;
    const wanted = { ...input, near, passes };
    const hints: ReadingHints = {
      readingMs,
      mentioned: (paths) => mentionedPaths(input.task, paths, mentionedCount),
      inOrder: (knowledge) => likelyFiles(knowledge, { ...wanted, limit: likelyCount }, taskWeights),
    };
    do {
      gaps = await index.refresh(hurried, hints);
      files = rankForTask(index.knowledge(), wanted, taskWeights);
    } while (!areCurrent(index, files) && ++looks < maxLooks && !hurried.shouldStop());
    indexes.goOnLater(index);
    const current = files.filter(({ path }) => index.isCurrent(path));
    const reason = describeGaps(gaps);
    return {
      files: current.map((file) => ({ ...file, bytes: index.size(file.path) })),
      ...(reason && { incompleteBecause: reason }),
    };
  };
}

/** Asks all of them, so that whatever has changed is looked at again. */
function areCurrent(index: TaskIndex, files: readonly RankedFile[]): boolean {
  return files.map(({ path }) => index.isCurrent(path)).every(Boolean);
}
