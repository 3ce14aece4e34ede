import type { ModelFacts } from '../providers/models.ts';
import type { SpendingCap } from '../spending-caps.ts';
import type { Budget } from './budget.ts';
import type { Ledger, ReceiptEnd } from './ledger.ts';
import type { Answered, AskCall, Question } from './question.ts';
import { answerWithin, costOf } from './spending-limit.ts';
import { partsOf, type Tally } from './tally.ts';

/** A call that has its receipt and may begin. */
export interface OpenedCall {
  /** Of the receipt. */
  receipt: string;
  inputTokens: number;
  /** How long the answer may be, where a limit says so. */
  maxTokens: { maxTokens?: number };
  /** Completes the receipt with what it really was. */
  settle(tally: Tally, end: CallEnd): Promise<Pick<Answered<unknown>, 'cost' | 'notes'>>;
}

export type CallEnd = Pick<ReceiptEnd, 'outcome' | 'failure' | 'ms'> & {
  /** Asked where the provider did not tell the cost. */
  findPrices(): Promise<readonly ModelFacts[]>;
};

/** What an answer takes where nobody has said. */
const usualAnswer = 8192;

/** @throws SpendingLimit, or what the store throws */
export async function openCall(
  question: Question,
  call: AskCall & { budget: Budget },
  { ledger, caps, prices }: { ledger: Ledger; caps: readonly SpendingCap[]; prices: readonly ModelFacts[] },
): Promise<OpenedCall> {
  const { budget } = call;
  const parts = partsOf(question);
  const inputTokens = Object.values(parts).reduce((sum, each) => sum + each, 0);
  const estimate = { inputTokens, answerTokens: question.maxTokens ?? usualAnswer, price: dearest(prices) };
  const rooms = [...caps.filter(({ scope }) => scope === 'call').map(asRoom), ...budget.rooms()];
  const allowed = answerWithin(estimate, rooms);
  const settleBudget = budget.hold({
    tokens: inputTokens + allowed,
    cost: estimate.price ? costOf(estimate.price, inputTokens, allowed) : 0,
  });
  const opening = ledger.open({
    ...{ asked: question.model, purpose: call.purpose, actor: call.actor ?? 'agent', runId: call.runId },
    ...{ project: call.project, files: question.files, parts, withinMs: call.withinMs },
    estimate: { ...estimate, answerTokens: allowed },
  });
  const { id, answerTokens } = await opening.catch((error) => {
    settleBudget({ tokens: 0, cost: 0 });
    throw error;
  });
  const isLimited = question.maxTokens !== undefined || rooms.length > 0 || caps.length > 0;

  return {
    receipt: id,
    inputTokens,
    maxTokens: isLimited ? { maxTokens: answerTokens } : {},

    async settle(tally, { findPrices, ...end }) {
      const facts = tally.facts();
      const cost = await realCost(tally, findPrices);
      settleBudget({ tokens: facts.inputTokens + facts.outputTokens, cost: cost ?? 0 });
      await ledger.close(id, { ...facts, ...end, model: tally.model() ?? null, cost: cost ?? null });
      const isCounted = cost !== undefined || !needsPrices(caps, budget);
      const unpriced = `The price of ${tally.model()} is not known: limits of cost do not count this call.`;
      return { cost, notes: isCounted ? [] : [unpriced] };
    },
  };
}

/** Whether a limit is one of cost. */
export function needsPrices(caps: readonly SpendingCap[], budget: Budget): boolean {
  return [...caps, ...budget.rooms().map(({ cap }) => cap)].some(({ kind }) => kind === 'cost');
}

function asRoom(cap: SpendingCap) {
  return { cap, left: cap.most };
}

/** Of the models that may answer. */
function dearest(prices: readonly ModelFacts[]): ModelFacts['price'] {
  const known = prices.flatMap(({ price }) => price ?? []);
  if (known.length === 0) return undefined;
  return {
    input: Math.max(...known.map(({ input }) => input)),
    output: Math.max(...known.map(({ output }) => output)),
  };
}

/** What the provider says, else what its list says. What has taken no tokens has cost nothing. */
async function realCost(tally: Tally, findPrices: CallEnd['findPrices']): Promise<number | undefined> {
  const { inputTokens, outputTokens } = tally.facts();
  const told = tally.end()?.usage?.cost;
  if (told !== undefined || inputTokens + outputTokens === 0) return told ?? 0;
  const price = (await findPrices()).find(({ model }) => model === tally.model())?.price;
  return price && costOf(price, inputTokens, outputTokens);
}
