import type { QueryPlan } from './query-plan.ts';
import { searchSteps } from './search-steps.ts';
import type { TextIndex } from './text-index.ts';

/**
 * The files that may match, in path order. Of those in memory each has a required literal of the pattern, if there is one;
 * those on the disk are not read, and only the index has its say.
 */
export function* filesHolding(
  index: TextIndex,
  plan: QueryPlan,
  accept: ((path: string) => boolean) | undefined,
): Generator<string> {
  const { arena, files, scan } = index;
  const area = index.areas.take();
  try {
    const needle = plan.needle ? area.writeNeedle(plan.needle) : 0;
    let last = -1;
    for (const step of searchSteps(index, area, plan, { accept })) {
      if (step.kind === 'file') {
        yield files.path(step.file);
        continue;
      }
      const words = arena.words();
      for (let place = 0; place < step.count; place++) {
        const block = (words[step.list / 4 + place] ?? 0) / 4;
        const [start = 0, length = 0, file = 0] = [words[block], words[block + 1], words[block + 3]];
        if (file === last || (needle !== 0 && scan.findNeedle(needle, start, start + length) === 0)) continue;
        last = file;
        yield files.path(file);
      }
    }
  } finally {
    index.areas.giveBack(area);
  }
}
