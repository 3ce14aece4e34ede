import type { PlanDocument, Step } from './plan.ts';

/**
 * A plan that was made anew, with its steps called as before where they are the same: those that touch the same files. All
 * others get numbers that no step had yet, since tickets may cite them.
 */
export function keepStepIds(before: PlanDocument, after: PlanDocument): PlanDocument {
  const known = new Map(before.steps.map((step) => [keyOf(step), step.id]));
  let next = before.next_step;
  const ids = new Map<number, number>();
  for (const step of after.steps) {
    const same = known.get(keyOf(step));
    known.delete(keyOf(step)); // one step has it
    ids.set(step.id, same ?? next++);
  }
  const steps = after.steps.map((step) => ({
    ...step,
    id: ids.get(step.id) ?? step.id,
    depends_on: step.depends_on.map((id) => ids.get(id) ?? id),
  }));
  return { ...after, steps, next_step: next };
}

function keyOf({ files }: Step): string {
  return files
    .map(({ path }) => path)
    .toSorted()
    .join('\n');
}
