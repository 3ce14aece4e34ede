import type { SpendingCap } from '../spending-caps.ts';
import type { Room } from './spending-limit.ts';

/** What the calls of one run may spend together. Its turns and its time are counted by an `Allowance`. */
export interface Budget {
  rooms(): Room[];
  /** Takes so much until it is known what it was. */
  hold(spent: Spent): (real: Spent) => void;
  spent(): Spent;
}

export interface Spent {
  tokens: number;
  /** US dollars. */
  cost: number;
}

export function createBudget(caps: readonly SpendingCap[]): Budget {
  const total: Spent = { tokens: 0, cost: 0 };

  return {
    rooms: () => caps.map((cap) => ({ cap, left: cap.most - total[cap.kind] })),
    hold(held) {
      add(held, 1);
      return (real) => {
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
