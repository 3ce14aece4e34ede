import { UserError } from '../errors.ts';
import type { SpendingCap } from '../spending-caps.ts';
import type { Room } from './spending-limit.ts';

/** What a run may take in all. A part of the run gets a budget of its own within this one. */
export interface Budget {
  /** Counts a step. @throws UserError `limit` where none is left */
  step(): void;
  rooms(): Room[];
  /** Milliseconds until its time is over. */
  leftMs(): number;
  /** Takes so much until it is known what it was. */
  hold(spent: Spent): (real: Spent) => void;
  spent(): Spent & { steps: number };
}

export interface Spent {
  tokens: number;
  cost: number;
}

export interface BudgetLimits {
  tokens?: number | undefined;
  /** US dollars. */
  cost?: number | undefined;
  ms?: number | undefined;
  steps?: number | undefined;
}

export function createBudget(limits: BudgetLimits, parent?: Budget): Budget {
  const caps: SpendingCap[] = (['cost', 'tokens'] as const).flatMap((kind) => {
    const most = limits[kind];
    return most === undefined ? [] : { scope: 'run', kind, most };
  });
  const endsAt = limits.ms === undefined ? Number.POSITIVE_INFINITY : performance.now() + limits.ms;
  const total = { tokens: 0, cost: 0, steps: 0 };

  return {
    step() {
      if (limits.steps !== undefined && total.steps >= limits.steps) {
        throw new UserError('limit', `The run has taken the ${limits.steps} steps that it may take.`);
      }
      parent?.step();
      total.steps++;
    },
    rooms: () => [...caps.map((cap) => ({ cap, left: cap.most - total[cap.kind] })), ...(parent?.rooms() ?? [])],
    leftMs: () => Math.max(0, Math.min(endsAt - performance.now(), parent?.leftMs() ?? Number.POSITIVE_INFINITY)),
    hold(held) {
      const settleAbove = parent?.hold(held);
      add(held, 1);
      return (real) => {
        settleAbove?.(real);
        add(held, -1);
        add(real, 1);
      };
    },
    spent: () => ({ ...total }),
  };

  function add({ tokens, cost }: Spent, sign: 1 | -1) {
    total.tokens += sign * tokens;
    total.cost += sign * cost;
  }
}
