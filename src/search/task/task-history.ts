import { createHistoryReader, type PastCommit } from '../../projects/git-history.ts';
import { type CommitIndex, createCommitIndex } from './commit-index.ts';

/** The past commits of a project, read a part at a time; after a new commit only what is new. */
export interface TaskHistory {
  commits: CommitIndex;
  /** Sees whether there is something new. */
  look(): void;
  /** Takes in what is new since the last call, or as much of all as one answer may wait for. */
  catchUp(shouldStop: () => boolean): void;
  /** @returns whether there is more */
  readFor(ms: number, shouldStop: () => boolean): boolean;
}

/** So many commits are looked at: 8,000 of eleven projects were no better. */
const maxCommits = 2500;
/** In the first call for so long, and for so long in each after it. */
const firstMs = 1200;
const laterMs = 8;

export function createTaskHistory(folder: string): TaskHistory {
  const reader = createHistoryReader(folder);
  const commits = createCommitIndex();
  let head: string | undefined;
  let reading: Generator<PastCommit | undefined> | undefined;
  let seen = 0;
  let before = 0;
  let moves = new Map<string, string>();

  return {
    commits,
    look() {
      const now = reader.head();
      if (now === head) return;
      head = now;
      reading?.return(undefined);
      before = commits.ids().size;
      moves = new Map();
      reading = now === undefined ? undefined : reader.read(now, commits.ids(), moves);
      seen = 0;
    },
    catchUp(shouldStop) {
      this.readFor(seen === 0 ? firstMs : laterMs, shouldStop);
    },
    readFor(ms, shouldStop) {
      const until = performance.now() + ms;
      const found: PastCommit[] = [];
      while (reading && performance.now() < until && !shouldStop()) {
        const { done, value } = reading.next();
        if (value) found.push(value);
        seen++;
        if (!done && seen < maxCommits) continue;
        reading.return(undefined);
        reading = undefined;
        commits.move(moves, before);
      }
      commits.add(found);
      return reading !== undefined;
    },
  };
}
