import { UserError } from '../errors.ts';
import type { ModelInfo } from '../providers/provider.ts';
import type { SpendingCap } from '../spending-caps.ts';

/** What is left below one cap. */
export interface Room {
  cap: SpendingCap;
  left: number;
}

/** A call would go beyond a cap, so that nothing was sent. */
export class SpendingLimit extends UserError {
  constructor({ cap, left }: Room) {
    const limit = `the limit of ${amount(cap, cap.most)} for ${scopeNames[cap.scope]}`;
    super('limit', `To ask a model could go beyond ${limit}, of which ${amount(cap, left)} are left.`);
  }
}

const scopeNames: Record<SpendingCap['scope'], string> = {
  call: 'one call of a model',
  run: 'one run',
  day: 'a day (UTC)',
  project: 'a project and day (UTC)',
};

function amount({ kind }: SpendingCap, value: number): string {
  const left = Math.max(0, value);
  return kind === 'tokens' ? `${Math.floor(left)} tokens` : `$${Math.floor(left * 10_000) / 10_000}`;
}

/** What a call will take as far as is known before it. */
export interface CallEstimate {
  inputTokens: number;
  /** Most tokens of the answer. */
  answerTokens: number;
  /** US dollars for a million tokens; what has none is counted in tokens alone. */
  price: ModelInfo['price'];
}

/** Below this an answer is not worth its question. */
const leastAnswer = 1024;

/**
 * How long an answer may be so that the call stays below all caps.
 *
 * @throws SpendingLimit
 */
export function answerWithin({ inputTokens, answerTokens, price }: CallEstimate, rooms: readonly Room[]): number {
  let most = answerTokens;
  for (const room of rooms) {
    most = Math.min(most, Math.floor(answerRoom(room, inputTokens, price)));
    if (most < Math.min(answerTokens, leastAnswer)) throw new SpendingLimit(room);
  }
  return most;
}

function answerRoom({ cap, left }: Room, inputTokens: number, price: CallEstimate['price']): number {
  if (cap.kind === 'tokens') return left - inputTokens;
  if (!price) return left > 0 ? Number.POSITIVE_INFINITY : 0;
  const rest = left - costOf(price, inputTokens, 0);
  if (rest < 0) return 0;
  return price.output === 0 ? Number.POSITIVE_INFINITY : (rest / price.output) * perMillion;
}

const perMillion = 1_000_000;

export function costOf(price: { input: number; output: number }, inputTokens: number, outputTokens: number): number {
  return (price.input * inputTokens + price.output * outputTokens) / perMillion;
}
