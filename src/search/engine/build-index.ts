import type { Root } from '../../projects/door.ts';
import type { JobControl } from '../../projects/job-control.ts';
import { type ArenaHandle, openArena } from './arena.ts';
import { createSliceBuilder, type Slice, type TextLimits } from './build-slice.ts';
import { createDiskReader } from './disk-reader.ts';
import { openPathFeed, type PathFeedHandle } from './path-feed.ts';

/** Sizes of slices for an index: a segment each, or two, of as many blocks as it can have in a tree of usual files. */
export const indexSlices = { first: 256, largest: 4096, maxPaths: 2_000_000 };

export interface BuildInput {
  root: Root;
  feed: PathFeedHandle;
  arena: ArenaHandle;
  limits: TextLimits;
}

/** Indexes slices of a feed until there are none left. Run it in as many threads as shall work, and join what they return. */
export function buildSlices(input: BuildInput, control: JobControl): Slice[] | 'full' | 'stopped' {
  const feed = openPathFeed(input.feed);
  const builder = createSliceBuilder(openArena(input.arena), createDiskReader(input.root), input.limits);
  const slices: Slice[] = [];
  for (let next = feed.take(control.shouldStop); next; next = feed.take(control.shouldStop)) {
    const slice = builder.build(next.first, next.paths, control.shouldStop);
    if (slice === 'full' || slice === 'stopped') return slice;
    slices.push(slice);
  }
  return control.shouldStop() ? 'stopped' : slices;
}

/** Slices of several threads in path order. */
export function joinSlices(parts: readonly Slice[][]): Slice[] {
  return parts.flat().sort((a, b) => a.first - b.first);
}
