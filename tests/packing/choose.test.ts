import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { choose, type Option } from '../../src/packing/choose.ts';

const option = fc.record({ cost: fc.integer({ min: 1, max: 60 }), value: fc.integer({ min: 1, max: 100 }) });
const items = fc.array(fc.array(option, { maxLength: 5 }), { maxLength: 12 });
const budgets = fc.integer({ min: 0, max: 200 });

const sumOf = (field: keyof Option) => (all: ReadonlyArray<readonly Option[]>, chosen: readonly number[]) =>
  chosen.reduce((sum, place, item) => sum + (all[item]?.[place]?.[field] ?? 0), 0);
const [costOf, worthOf] = [sumOf('cost'), sumOf('value')];

/** By dynamic programming over all budgets. */
function bestWorth(all: ReadonlyArray<readonly Option[]>, budget: number): number {
  const best = all.reduce<number[]>(
    (before, options) =>
      before.map((worth, room) =>
        options.reduce((most, { cost, value }) => {
          const rest = before[room - cost];
          return rest === undefined ? most : Math.max(most, rest + value);
        }, worth),
      ),
    Array.from({ length: budget + 1 }, () => 0),
  );
  return best[budget] ?? 0;
}

describe('Choosing within a budget', () => {
  it('never costs more than it, and is worth at least half of what is possible', () => {
    fc.assert(
      fc.property(items, budgets, (all, budget) => {
        const chosen = choose(all, budget);
        expect(chosen).toHaveLength(all.length);
        expect(costOf(all, chosen)).toBeLessThanOrEqual(budget);
        expect(worthOf(all, chosen)).toBeGreaterThanOrEqual(bestWorth(all, budget) / 2);
        expect(choose(all, budget)).toEqual(chosen);
      }),
      { numRuns: 500 },
    );
  });

  it('is worth 97 % of what is possible on average', () => {
    const shares = fc.sample(fc.tuple(items, budgets), { numRuns: 400, seed: 7 }).map(([all, budget]) => {
      const best = bestWorth(all, budget);
      return best === 0 ? 1 : worthOf(all, choose(all, budget)) / best;
    });
    expect(shares.reduce((sum, share) => sum + share, 0) / shares.length).toBeGreaterThan(0.97);
  });

  it('leaves out nothing that comes first, as long as the least of each fits', () => {
    fc.assert(
      fc.property(items, budgets, fc.uniqueArray(fc.nat(11)), (all, budget, wanted) => {
        const first = wanted.filter((item) => (all[item] ?? []).length > 0);
        const chosen = choose(all, budget, first);
        expect(costOf(all, chosen)).toBeLessThanOrEqual(budget);
        const least = first.reduce((sum, item) => sum + Math.min(...(all[item] ?? []).map(({ cost }) => cost)), 0);
        if (least <= budget) expect(first.filter((item) => chosen[item] === -1)).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  it('takes a dear item where the cheap ones are worth little', () => {
    expect(choose([[{ cost: 1, value: 2 }], [{ cost: 10, value: 10 }]], 10)).toEqual([-1, 0]);
  });
});
