import { describe, expect, it } from 'vitest';
import { lintPlan } from '../../src/plans/lint-plan.ts';
import { waves } from '../../src/plans/step-graph.ts';
import { createRandom } from '../helpers/random.ts';
import { damages } from './damage.ts';
import { goodPlans, planOf } from './good-plans.ts';
import { factsOf } from './projects.ts';

describe('the linter of plans', () => {
  it('has nothing to say of 30 good plans', () => {
    expect(goodPlans).toHaveLength(30);
    const said = goodPlans.flatMap(({ name, document, project }) => {
      return lintPlan(document, factsOf(project)).map(({ rule, message }) => `${name}: ${rule}: ${message}`);
    });
    expect(said).toEqual([]);
  });

  it('finds at least 95 % of the damage of every known kind, by the right rule', () => {
    const random = createRandom(6);
    const pick = <Item>(items: readonly Item[]) => items[Math.floor(random() * items.length)];
    const tried = damages.flatMap((damage) =>
      goodPlans.flatMap((plan) => {
        const document = damage.spoil(plan, pick);
        if (!document) return [];
        const rules = lintPlan(document, factsOf(plan.project)).map(({ rule }) => rule);
        return [{ damage: damage.name, plan: plan.name, rules, isFound: rules.includes(damage.rule) }];
      }),
    );
    const missed = tried.filter(({ isFound }) => !isFound);
    const rate = 1 - missed.length / tried.length;
    process.stdout.write(
      `${tried.length - missed.length} of ${tried.length} damaged plans found by their rule (${(100 * rate).toFixed(1)} %), in ${damages.length} ways; missed: ${missed.map(({ damage, plan }) => `${damage} (${plan})`).join('; ') || 'none'}\n`,
    );
    expect(damages.length).toBeGreaterThanOrEqual(12);
    expect(tried.length).toBeGreaterThan(500);
    for (const { name } of damages) {
      const ofKind = tried.filter((each) => each.damage === name);
      expect(ofKind.length, name).toBeGreaterThan(4);
      expect(ofKind.filter(({ isFound }) => isFound).length / ofKind.length, name).toBeGreaterThanOrEqual(0.95);
    }
    expect(rate).toBeGreaterThanOrEqual(0.95);
  });

  it('says the way around a cycle, and what to do', () => {
    const [plan] = goodPlans;
    if (!plan) throw new Error('no plan');
    const [first, second, third] = plan.document.steps;
    if (!first || !second || !third) throw new Error('no steps');
    const steps = [{ ...first, depends_on: [3] }, second, third];
    const [finding] = lintPlan({ ...plan.document, steps }, factsOf(plan.project));
    expect(finding).toEqual({
      ...{ rule: 'cycle', severity: 'error', steps: [1, 3, 2] },
      message: 'Steps wait for each other in a circle: 1 -> 3 -> 2 -> 1. Take one of these depends_on away.',
    });
  });

  it('groups steps that can be done at once, and keeps apart those of one file', () => {
    const file = (path: string) => [{ path, action: 'edit' as const }];
    const steps = [
      { id: 1, depends_on: [], files: file('a.ts') },
      { id: 2, depends_on: [], files: file('b.ts') },
      { id: 3, depends_on: [], files: file('a.ts') },
      { id: 4, depends_on: [2], files: file('c.ts') },
      { id: 5, depends_on: [6], files: [] },
      { id: 6, depends_on: [5], files: [] },
    ];
    expect(waves(steps)).toEqual([[1, 2], [3, 4], [5], [6]]);
  });

  it('asks for no tests in a project that has none', () => {
    const [plan] = goodPlans;
    if (!plan) throw new Error('no plan');
    const { source } = plan.project.modules[0];
    const acceptance = [{ text: 'The sum of 2 items is their sum' }];
    const step = { title: 'Sum up items', why: '', files: [{ path: source, action: 'edit' as const }], acceptance };
    const document = planOf({ goal: 'Sum up items.', constraints: [], steps: [step] });
    const facts = factsOf(plan.project);
    expect(lintPlan(document, facts).map(({ rule }) => rule)).toEqual(['untested_change']);
    expect(lintPlan(document, { ...facts, hasTests: false })).toEqual([]);
    const rust = planOf({
      ...document,
      steps: [{ ...step, files: [{ path: 'src/sum.rs', action: 'edit' as const }] }],
    });
    const inRust = { ...facts, stateOf: () => 'file' as const, roleOf: () => 'source' as const };
    expect(lintPlan(rust, inRust)).toEqual([]); // its tests stand in the file itself
  });
});
