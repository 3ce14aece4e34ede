import { type Root, withinRoot } from '../projects/door.ts';
import type { JobControl } from '../projects/job-control.ts';
import { createPathFilter } from './globs.ts';
import { type RankedFile, rankForTask } from './rank-task.ts';
import { createTaskIndex, type Gaps, type TaskIndex } from './task-index.ts';
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

/** Each keeps some 10 MB for 1,000 files; what was used longest ago is given up. */
const maxProjects = 4;
/** Files may change between being read and being named: so often it is looked again. */
const maxLooks = 3;
/** What is left for ranking of the time that a call has. */
const rankingShare = 0.25;

/** Suggests files of one project or another; the state of each is kept from call to call. */
export function createFileSuggester() {
  const indexes = new Map<string, TaskIndex>();
  let calls = 0;

  return async ({ root, ...input }: SuggestFilesInput, control: JobControl): Promise<SuggestFilesOutput> => {
    const passes = createPathFilter(input.include, input.exclude);
    const near = input.near.map((path) => withinRoot(root, path));
    const call = ++calls;
    const index = indexOf(root);
    const hurried = hurry(control);
    let gaps: Gaps;
    let files: RankedFile[];
    let looks = 0;
    do {
      gaps = await index.refresh(hurried);
      files = rankForTask(index.knowledge(), { ...input, near, passes }, taskWeights);
    } while (!areCurrent(index, files) && ++looks < maxLooks && !hurried.shouldStop());
    setTimeout(() => void index.goOn(() => call === calls), 5);
    const current = files.filter(({ path }) => index.isCurrent(path));
    const reason = describeGaps(gaps);
    return {
      files: current.map((file) => ({ ...file, bytes: index.size(file.path) })),
      ...(reason && { incompleteBecause: reason }),
    };
  };

  function indexOf(root: Root): TaskIndex {
    const key = `${root.folder}\0${root.refuseHardLinks}`;
    const index = indexes.get(key) ?? createTaskIndex(root);
    indexes.delete(key);
    indexes.set(key, index); // the one used last comes last
    for (const [oldest, other] of indexes) {
      if (indexes.size <= maxProjects) break;
      indexes.delete(oldest);
      other.close();
    }
    return index;
  }
}

function hurry(control: JobControl): JobControl {
  const now = performance.now();
  const deadline = now + (control.walkBudget.deadline - now) * (1 - rankingShare);
  const shouldStop = () => performance.now() > deadline || control.shouldStop();
  return { ...control, shouldStop, walkBudget: { ...control.walkBudget, deadline } };
}

/** Asks all of them, so that whatever has changed is looked at again. */
function areCurrent(index: TaskIndex, files: readonly RankedFile[]): boolean {
  return files.map(({ path }) => index.isCurrent(path)).every(Boolean);
}

const cuts = {
  time: 'the time was too short to list the whole project; call again to go on',
  cancelled: 'the call was cancelled',
  entries: 'the project has more entries than one walk may visit',
  depth: 'some folders are nested too deep',
};

function describeGaps({ unread, cut }: Gaps): string {
  const parts = [cut ? cuts[cut] : '', unread > 0 ? `${unread} files are not read yet; call again to go on` : ''];
  return parts.filter(Boolean).join('; ');
}
