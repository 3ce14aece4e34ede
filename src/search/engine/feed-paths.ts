import type { Root } from '../../projects/door.ts';
import type { JobControl } from '../../projects/job-control.ts';
import { walk } from '../../projects/walk.ts';
import type { WalkCut } from '../../projects/walk-meter.ts';
import { createPathFilter } from '../files/globs.ts';
import { openPathFeed, type PathFeedHandle } from './path-feed.ts';

export interface FeedInput {
  root: Root;
  feed: PathFeedHandle;
  include: readonly string[];
  exclude: readonly string[];
}

/** Lists the files of a project into a feed, for other threads to work on meanwhile. `full` is a cut of the feed itself. */
export function feedPaths(input: FeedInput, control: JobControl): { files: number; cut?: WalkCut | 'full' } {
  const feed = openPathFeed(input.feed);
  const passes = createPathFilter(input.include, input.exclude);
  let files = 0;
  try {
    const entries = walk(input.root.folder, control.walkBudget);
    for (let step = entries.next(); !feed.isStopped(); step = entries.next()) {
      if (step.done) return { files, ...step.value };
      const { path, kind } = step.value;
      if (kind !== 'file' || !passes(path)) continue;
      if (!feed.add(path)) return { files, cut: 'full' };
      files++;
    }
    return { files };
  } finally {
    feed.end();
  }
}
