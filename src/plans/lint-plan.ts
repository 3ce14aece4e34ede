import { lintFiles } from './lint-files.ts';
import { lintOrder } from './lint-order.ts';
import { lintSteps } from './lint-steps.ts';
import { lintTests } from './lint-tests.ts';
import type { PlanDocument } from './plan.ts';
import type { Finding, PlanFacts } from './plan-facts.ts';
import { uncovered } from './requirements.ts';

/** What is wrong with a plan, errors first. Pure: the same plan and facts always give the same findings. */
export function lintPlan(document: PlanDocument, facts: PlanFacts): Finding[] {
  if (document.steps.length === 0) return [noSteps];
  const findings = [
    ...lintFiles(document.steps, facts),
    ...lintOrder(document.steps),
    ...lintSteps(document.steps),
    ...lintCoverage(document),
    ...lintTests(document, facts),
  ];
  return findings.sort((a, b) => Number(a.severity === 'warning') - Number(b.severity === 'warning'));
}

const noSteps: Finding = {
  ...{ rule: 'no_steps', severity: 'error', steps: [] },
  message: 'The plan has no steps. Add some, each with its files and how to tell that it is done.',
};

const maxQuoted = 120;

function lintCoverage(document: PlanDocument): Finding[] {
  return uncovered(document).map(({ text, from }) => ({
    ...{ rule: 'uncovered_requirement', severity: 'warning', steps: [] },
    message: `No step speaks of this ${from === 'goal' ? 'part of the goal' : 'constraint'}: ${JSON.stringify(text.slice(0, maxQuoted))}. Add a step or an acceptance item for it.`,
  }));
}
