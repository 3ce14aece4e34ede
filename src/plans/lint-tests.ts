import { subjectOf } from '../search/files/file-role.ts';
import type { PlanDocument, Step } from './plan.ts';
import type { Finding, PlanFacts } from './plan-facts.ts';
import { predecessors } from './step-graph.ts';

/** Whether a test is named for each step that changes code: touched by it or by a step after it, or run by a check. */
export function lintTests({ steps, test_plan }: PlanDocument, facts: PlanFacts): Finding[] {
  if (!facts.hasTests) return [];
  const before = predecessors(steps);
  const isTest = (path: string) => facts.roleOf(path) === 'test';
  const planned = test_plan.flatMap(pathsIn).filter(isTest);
  return steps
    .filter((step) => changesCode(step, facts))
    .flatMap((step): Finding[] => {
      const later = steps.filter(({ id }) => id === step.id || before.get(id)?.has(step.id));
      const touched = later.flatMap(({ files }) => files.filter(({ action }) => action !== 'delete'));
      const checked = step.acceptance.flatMap(({ text, check = '' }) => pathsIn(`${text} ${check}`));
      const isNamed = [...touched.map(({ path }) => path), ...checked].some(isTest);
      if (isNamed || planned.some((path) => isOf(step, path))) return [];
      const message = `Step ${step.id} changes code, and no test is named for it. Name the test file that it edits or adds, or the one that a check runs.`;
      return [{ rule: 'untested_change', severity: 'warning', steps: [step.id], message }];
    });
}

/** Tests of these languages stand in the file that they test. */
export const hasOwnTests = /\.(?:rs|zig|d)$/;

function changesCode({ files }: Step, facts: PlanFacts): boolean {
  return files.some(({ path, action }) => {
    return action !== 'delete' && facts.roleOf(path) === 'source' && !hasOwnTests.test(path);
  });
}

/** Words with a slash or a dot inside, as paths are written. */
function pathsIn(text: string): string[] {
  return text.match(/[\w@.-]+(?:\/[\w@.-]+)+|[\w-]+\.[\w.]*\w/g) ?? [];
}

/** Whether a test is called like one of the files of a step. */
function isOf({ files }: Step, test: string): boolean {
  return files.some(({ path }) => subjectOf(path) === subjectOf(test));
}
