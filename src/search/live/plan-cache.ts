import { planFiles, planQuery, type QueryPlan } from '../engine/query-plan.ts';
import type { TextIndex } from '../engine/text-index.ts';
import { compilePattern, type PatternQuery } from '../regex/compile-pattern.ts';

/** Plans of the searches of late, since pages of one search and those of one agent often ask the same. */
export interface PlanCache {
  /** @throws UserError as `compilePattern` */
  planOf(query: PatternQuery): QueryPlan;
}

/** A plan takes some kilobytes, the largest half a megabyte. */
const maxPlans = 32;

export function createPlanCache(index: TextIndex): PlanCache {
  const plans = new Map<string, QueryPlan>();

  return {
    planOf(asked) {
      const { query, mode, letterCase, word, multiline } = asked;
      const key = JSON.stringify([query, mode, letterCase, word, multiline]);
      const plan = plans.get(key) ?? (multiline ? planFiles : planQuery)(compilePattern(asked), index);
      plans.delete(key);
      plans.set(key, plan); // the one used last comes last
      const [oldest] = plans.keys();
      if (plans.size > maxPlans && oldest !== undefined) plans.delete(oldest);
      return plan;
    },
  };
}
