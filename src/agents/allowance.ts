import type { Budget } from '../models/budget.ts';
import type { AgentLimits } from './agent-file.ts';

/** What a run may still take. Runs within it take from the same. */
export interface Allowance {
  budget: Budget;
  /** When the time is over. */
  deadline: AbortSignal;
  /** For a run within this one; undefined where it would stand too deep. */
  inner(): Allowance | undefined;
  turnsLeft(): number;
  /** Takes one turn of a model that reads about so many tokens; or says which limit is in the way. */
  takeTurn(inputTokens: number): Turn | { limit: Limit };
}

interface Turn {
  /** There is no room for another. */
  isLast: boolean;
  /** Which limit comes next, where it is. */
  limitAhead: Limit;
  /** Most tokens of the answer. */
  maxTokens: number;
}

export type Limit = 'steps' | 'tokens' | 'time';

/** A run, one within it, and one within that. */
const maxDepth = 2;
const leastAnswer = 300;
const mostAnswer = 16_000;

/** @param budget counts what the turns cost */
export function createAllowance({ steps, seconds }: AgentLimits, budget: Budget): Allowance {
  const deadline = AbortSignal.timeout(seconds * 1000);
  let turns = 0;
  return at(0);

  function at(depth: number): Allowance {
    return {
      budget,
      deadline,
      turnsLeft: () => steps - turns,
      inner: () => (depth < maxDepth ? at(depth + 1) : undefined),
      takeTurn(inputTokens) {
        const room = tokensLeft(budget) - inputTokens;
        if (deadline.aborted) return { limit: 'time' };
        if (turns >= steps) return { limit: 'steps' };
        if (room < leastAnswer) return { limit: 'tokens' };
        turns++;
        // The next turn reads all of this one again, and what its calls brought.
        const isShort = room < 2 * inputTokens + 2 * leastAnswer;
        const maxTokens = Math.min(room, mostAnswer);
        return { isLast: turns === steps || isShort, limitAhead: turns === steps ? 'steps' : 'tokens', maxTokens };
      },
    };
  }
}

function tokensLeft(budget: Budget): number {
  const tokens = budget.rooms().filter(({ cap }) => cap.kind === 'tokens');
  return Math.min(...tokens.map(({ left }) => left), Number.MAX_SAFE_INTEGER);
}
