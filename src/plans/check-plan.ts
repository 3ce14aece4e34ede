import type { Reading } from '../search/file-hashes.ts';
import { type GatheredFacts, gatherFacts, withFacts } from './gather-facts.ts';
import { lintPlan } from './lint-plan.ts';
import type { PlanDocument } from './plan.ts';
import type { Finding } from './plan-facts.ts';

/** A plan with its files as they are, and with what the linter says of it. */
export interface CheckedPlan {
  document: PlanDocument;
  findings: Finding[];
}

export async function checkPlan(document: PlanDocument, reading: Reading): Promise<CheckedPlan> {
  return judge(document, await gatherFacts(document.steps, reading));
}

/** A draft guesses the names of new tests: one that is there is edited. */
export async function checkDraft(draft: PlanDocument, reading: Reading): Promise<CheckedPlan> {
  const facts = await gatherFacts(draft.steps, reading);
  const steps = draft.steps.map((step) => ({
    ...step,
    files: step.files.map((file) => {
      const isThere = file.action === 'new' && facts.stateOf(file.path) !== 'missing';
      return isThere ? { ...file, action: 'edit' as const } : file;
    }),
  }));
  return judge({ ...draft, steps }, facts);
}

function judge(document: PlanDocument, facts: GatheredFacts): CheckedPlan {
  const checked = withFacts(document, facts);
  return { document: checked, findings: lintPlan(checked, facts) };
}
