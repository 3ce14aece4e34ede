import type { Root } from '../../projects/door.ts';
import { type ArenaHandle, openArena } from '../engine/arena.ts';
import { createSliceBuilder, type ReadFile, type Slice, type SlicePlan } from '../engine/build-slice.ts';
import { createEntryReader, type TextEntry } from './entry-reader.ts';

/** What a thread has to know to index files into a shared arena; can be posted to it. */
export interface SliceJob {
  root: Root;
  arena: ArenaHandle;
}

export interface BuiltSlice {
  slice: Slice;
  entries: TextEntry[];
}

const stepMs = 8;

/** For one slice after the other, in one go. */
export function createSliceReader(job: SliceJob): (plan: SlicePlan) => BuiltSlice | 'full' {
  const stepsOf = createSteps(job);
  return (plan) => {
    const steps = stepsOf(plan);
    for (let step = steps.next(); ; step = steps.next()) if (step.done) return step.value;
  };
}

/** Indexes all files of a small project in this thread, in short steps between which it does other things. */
export async function readHere(
  job: SliceJob,
  plan: SlicePlan,
  pause: () => Promise<boolean>,
): Promise<BuiltSlice[] | 'full' | 'stopped'> {
  const steps = createSteps(job)(plan);
  let until = performance.now() + stepMs;
  for (let step = steps.next(); ; step = steps.next()) {
    if (step.done) return step.value === 'full' ? step.value : [step.value];
    if (performance.now() < until) continue;
    if (!(await pause())) return 'stopped';
    until = performance.now() + stepMs;
  }
}

function createSteps({ root, arena }: SliceJob) {
  const readEntry = createEntryReader(root);
  let entries: TextEntry[] = [];
  const builder = createSliceBuilder(openArena(arena), readOne);

  return function* (plan: SlicePlan): Generator<void, BuiltSlice | 'full'> {
    entries = [];
    const slice = yield* builder.steps(plan);
    return slice === 'full' ? slice : { slice, entries };
  };

  function readOne(path: string, room: Buffer): ReadFile | undefined {
    const { entry, file } = readEntry(path, room);
    entries.push(entry);
    return file;
  }
}
