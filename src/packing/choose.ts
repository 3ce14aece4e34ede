/** One way to show an item. */
export interface Option {
  cost: number;
  value: number;
}

interface Upgrade {
  item: number;
  option: number;
  cost: number;
  value: number;
}

/**
 * Chooses at most one option of each item, so that together they cost no more than the budget and are worth as much as can
 * be found quickly: the multiple-choice knapsack problem. Upgrades are taken by what they are worth for their cost (Sinha and
 * Zoltners 1979: from one corner of an item's convex hull to the next), then what still fits is filled up.
 *
 * @param first the items that have their cheapest option before any is chosen by its worth, in this order
 * @returns the place of the option chosen for each item; -1 for none
 */
export function choose(
  items: ReadonlyArray<readonly Option[]>,
  budget: number,
  first: readonly number[] = [],
): number[] {
  const begun = takeCheapest(items, first, budget);
  const greedy = fillUp(items, takeUpgrades(items, begun, budget), budget);
  const dearest = fillUp(items, begun, budget); // without it, one large item may cost all the others
  return worthOf(items, greedy) >= worthOf(items, dearest) ? greedy : dearest;
}

function worthOf(items: ReadonlyArray<readonly Option[]>, chosen: readonly number[]): number {
  return sum(chosen.map((option, item) => items[item]?.[option]?.value ?? 0));
}

function costOf(items: ReadonlyArray<readonly Option[]>, chosen: readonly number[]): number {
  return sum(chosen.map((option, item) => items[item]?.[option]?.cost ?? 0));
}

function takeCheapest(items: ReadonlyArray<readonly Option[]>, first: readonly number[], budget: number): number[] {
  const chosen = items.map(() => -1);
  let left = budget;
  for (const item of first) {
    const costs = (items[item] ?? []).map(({ cost }) => cost);
    const least = Math.min(...costs);
    if (least > left) continue;
    left -= least;
    chosen[item] = costs.indexOf(least);
  }
  return chosen;
}

function takeUpgrades(items: ReadonlyArray<readonly Option[]>, start: readonly number[], budget: number): number[] {
  const chosen = [...start];
  const ended = new Set<number>();
  let left = budget - costOf(items, start);
  const upgrades = items.flatMap((options, item) => upgradesOf(options, item, options[start[item] ?? -1]));
  for (const { item, option, cost } of upgrades.sort(byEfficiency)) {
    if (ended.has(item)) continue;
    if (cost > left) {
      ended.add(item);
      continue;
    }
    left -= cost;
    chosen[item] = option;
  }
  return chosen;
}

/** What is worth most for its cost first; of equals, what comes first, so that the order is always the same. */
function byEfficiency(a: Upgrade, b: Upgrade): number {
  return b.value * a.cost - a.value * b.cost || a.item - b.item || a.option - b.option;
}

/** The corners of the convex hull over an item's options, from what it has on: each step is worth less for its cost. */
function upgradesOf(options: readonly Option[], item: number, from: Option = { cost: 0, value: 0 }): Upgrade[] {
  const steps: Upgrade[] = [];
  let at = from;
  for (;;) {
    const next = steepest(options, at);
    const target = options[next];
    if (!target) return steps;
    steps.push({ item, option: next, cost: target.cost - at.cost, value: target.value - at.value });
    at = target;
  }
}

function steepest(options: readonly Option[], from: Option): number {
  let best = -1;
  let bestSlope = 0;
  for (const [place, { cost, value }] of options.entries()) {
    if (value <= from.value || cost <= from.cost) continue;
    const slope = (value - from.value) / (cost - from.cost);
    if (slope > bestSlope) [best, bestSlope] = [place, slope];
  }
  return best;
}

/** Goes on with whatever gains most and fits, hull or not. */
function fillUp(items: ReadonlyArray<readonly Option[]>, start: readonly number[], budget: number): number[] {
  const chosen = [...start];
  let left = budget - costOf(items, chosen);
  for (;;) {
    const best = bestGain(items, chosen, left);
    if (!best) return chosen;
    left -= best.cost;
    chosen[best.item] = best.option;
  }
}

function bestGain(
  items: ReadonlyArray<readonly Option[]>,
  chosen: readonly number[],
  left: number,
): Upgrade | undefined {
  let best: Upgrade | undefined;
  for (const [item, options] of items.entries()) {
    const now = options[chosen[item] ?? -1] ?? { cost: 0, value: 0 };
    for (const [option, { cost, value }] of options.entries()) {
      const gain = { item, option, cost: cost - now.cost, value: value - now.value };
      if (gain.cost <= left && gain.value > (best?.value ?? 0)) best = gain;
    }
  }
  return best;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
