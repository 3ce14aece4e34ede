import { counted } from '../text/count.ts';
import type { SpendingReport } from './ledger.ts';

/** One line. */
export function describeSpending({ today, limits }: SpendingReport): string {
  const behind = `limits: ${limits.join(', ')}`;
  if (!today) return `Spent today: not known, since the store does not answer; ${behind}`;
  const { calls, tokens, cost, unpriced } = today;
  const without = unpriced > 0 ? `, ${unpriced} of them without a known price` : '';
  return `Spent today (UTC): $${Math.round(cost * 10_000) / 10_000} and ${tokens} tokens in ${counted(calls, 'call')}${without}; ${behind}`;
}
