import { expect, it } from 'vitest';
import { UserError } from '../../src/errors.ts';
import { type Plan, parsePlanId, planDocument, planUri, type Question, stepId } from '../../src/plans/plan.ts';
import { goodPlans } from './good-plans.ts';

it('reads ids of plans as people write them, and says how they look', () => {
  expect(['P-3', 'p-3', ' 3 ', 'shop.P-3'].map(parsePlanId)).toEqual([
    ...Array.from({ length: 3 }, () => ({ project: undefined, number: 3 })),
    { project: 'shop', number: 3 },
  ]);
  for (const wrong of ['', 'P-0', 'T-3', 'P-1/2', 'P-9999999999', 'a b.P-1']) {
    expect(() => parsePlanId(wrong)).toThrow(UserError);
  }
  expect([stepId(3, 2), planUri('shop', 3)]).toEqual(['P-3/2', 'octant://plans/shop.P-3']);
});

it('keeps a plan as it is, and lets nothing in that it does not know', () => {
  const question: Question = { id: 'Q1', text: 'Which codec?', assumed: 'gzip' };
  for (const { document } of goodPlans) {
    const plan: Plan = { projectId: 'p', number: 1, revision: 1, createdAt: 0, updatedAt: 0, document };
    const asked = { ...plan.document, questions: [question] };
    expect(planDocument.parse(JSON.parse(JSON.stringify(asked)))).toEqual(asked);
    expect(planDocument.safeParse({ ...asked, owner: 'x' }).success).toBe(false);
  }
});
