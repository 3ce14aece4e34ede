import type { Step } from './plan.ts';
import type { Finding } from './plan-facts.ts';
import { findCycles, predecessors } from './step-graph.ts';

/** Whether the steps can be done in an order, and whether those that change one file have one. */
export function lintOrder(steps: readonly Step[]): Finding[] {
  return [...lintDependencies(steps), ...lintCycles(steps), ...lintOverlaps(steps)];
}

function lintDependencies(steps: readonly Step[]): Finding[] {
  const known = new Set(steps.map(({ id }) => id));
  return steps.flatMap(({ id, depends_on }) =>
    depends_on
      .filter((each) => !known.has(each))
      .map((each): Finding => {
        const message = `Step ${id} waits for step ${each}, which the plan does not have. Its steps: ${[...known].join(', ')}.`;
        return { rule: 'unknown_dependency', severity: 'error', steps: [id], message };
      }),
  );
}

function lintCycles(steps: readonly Step[]): Finding[] {
  return findCycles(steps).map((way): Finding => {
    const around = [...way, way[0]].join(' -> ');
    const message = `Steps wait for each other in a circle: ${around}. Take one of these depends_on away.`;
    return { rule: 'cycle', severity: 'error', steps: way, message };
  });
}

function lintOverlaps(steps: readonly Step[]): Finding[] {
  const before = predecessors(steps);
  const isOrdered = (a: number, b: number) => before.get(a)?.has(b) === true || before.get(b)?.has(a) === true;
  return steps.flatMap((step, index) =>
    steps.slice(index + 1).flatMap((other): Finding[] => {
      const shared = step.files.filter(({ path }) => other.files.some((file) => file.path === path));
      if (shared.length === 0 || isOrdered(step.id, other.id)) return [];
      const paths = shared.map(({ path }) => path).join(', ');
      const message = `Steps ${step.id} and ${other.id} both touch ${paths}, and neither waits for the other. Add ${step.id} to the depends_on of ${other.id}, or join them.`;
      return [{ rule: 'unordered_overlap', severity: 'warning', steps: [step.id, other.id], message }];
    }),
  );
}
