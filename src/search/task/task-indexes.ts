import type { Root } from '../../projects/door.ts';
import type { JobControl } from '../../projects/job-control.ts';
import type { WalkCut } from '../../projects/walk-meter.ts';
import { createTaskIndex, type Gaps, type TaskIndex } from './task-index.ts';

/** What is known of each project, kept from call to call in one thread. */
export interface TaskIndexes {
  of(root: Root): TaskIndex;
  /** Goes on with what no answer waits for until another project or call is served. */
  goOnLater(index: TaskIndex): void;
}

/** Each keeps some 10 MB for 1,000 files; what was used longest ago is given up. */
const maxProjects = 4;
/** So that the answer is on its way. */
const pauseMs = 5;
/** What is left for ranking of the time that a call has. */
const rankingShare = 0.25;

export function createTaskIndexes(): TaskIndexes {
  const indexes = new Map<string, TaskIndex>();
  let calls = 0;

  return {
    of(root) {
      calls++;
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
    },
    goOnLater(index) {
      const call = calls;
      setTimeout(() => void index.goOn(() => call === calls), pauseMs);
    },
  };
}

/** For a refresh that leaves time to rank. */
export function hurry(control: JobControl): JobControl {
  const now = performance.now();
  const deadline = now + (control.walkBudget.deadline - now) * (1 - rankingShare);
  const shouldStop = () => performance.now() > deadline || control.shouldStop();
  return { ...control, shouldStop, walkBudget: { ...control.walkBudget, deadline } };
}

const cuts: Readonly<Record<WalkCut, string>> = {
  time: 'the time was too short to list the whole project; call again to go on',
  cancelled: 'the call was cancelled',
  entries: 'the project has more entries than one walk may visit',
  depth: 'some folders are nested too deep',
};

/** Why an answer may lack something; empty where it does not. */
export function describeGaps({ unread, cut }: Gaps): string {
  const parts = [cut ? cuts[cut] : '', unread > 0 ? `${unread} files are not read yet; call again to go on` : ''];
  return parts.filter(Boolean).join('; ');
}
