import { setTimeout as delay } from 'node:timers/promises';
import type * as z from 'zod';
import { messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import { ProviderFailure } from '../providers/failure.ts';
import type { ModelFacts, Models } from '../providers/models.ts';
import type { SpendingCap } from '../spending-caps.ts';
import { askForData, type DataWords } from './ask-for.ts';
import { type Budget, createBudget, type Spent } from './budget.ts';
import type { Ledger } from './ledger.ts';
import { type CallEnd, needsPrices, openCall } from './opened-call.ts';
import {
  type AnswerEnd,
  type AnswerEvent,
  type Answered,
  type AskCall,
  collectAnswer,
  describeEnd,
  type Question,
  UnusableAnswer,
} from './question.ts';
import { createTally } from './tally.ts';

/**
 * The one way to ask a model: within the caps of the operator and the budget of the run, and with a receipt, which is
 * there before anything is sent.
 *
 * All of it may throw SpendingLimit, ProviderFailure, NoModel or another UserError, or the reason of the signal.
 */
export interface Asker {
  /** All of the text of one answer. @throws UnusableAnswer where it was cut short, or is empty */
  ask(question: Question, call: AskCall): Promise<Answered<string>>;
  /** One answer as data. @throws UnusableAnswer where a second turn gives none either */
  askFor<Schema extends z.ZodType>(
    schema: Schema,
    question: Question,
    call: AskCall,
  ): Promise<Answered<z.output<Schema>>>;
  /** As it comes, with the calls of tools. The receipt is completed whatever ends it. */
  stream(question: Question, call: AskCall): AsyncGenerator<AnswerEvent, void>;
  /** One of these files that must not be in a question to that model, if there is one. */
  withheld(model: string, paths: readonly string[]): string | undefined;
  /** What one run may take: no more than the operator lets a run take. */
  budget(limits: BudgetLimits): Budget;
}

/** The most that a run may spend, where it is limited. */
export type BudgetLimits = { [Kind in keyof Spent]?: number | undefined };

export interface AskerOptions {
  models: Models;
  ledger: Ledger;
  caps: readonly SpendingCap[];
  log: Log;
  words: DataWords;
}

export function createAsker({ models, ledger, caps, log, words }: AskerOptions): Asker {
  return {
    ask,
    askFor: (schema, question, call) => askForData(schema, question, call, { stream, words }),
    stream,
    withheld: models.withheld,
    budget,
  };

  async function ask(question: Question, call: AskCall): Promise<Answered<string>> {
    const { text, end } = await collectAnswer(stream(question, call));
    if (end.finish !== 'stop') throw new UnusableAnswer(describeEnd(end));
    if (text.trim() === '') throw new UnusableAnswer(`${end.model} ended without a word of an answer.`); // it may have thought
    return { value: text, model: end.model, usage: end.usage, cost: end.cost, notes: end.notes };
  }

  async function* stream(question: Question, asked: AskCall): AsyncGenerator<AnswerEvent, void> {
    const begun = performance.now();
    const call = { ...asked, budget: asked.budget ?? budget({}) };
    models.named(question.model); // what cannot be asked leaves no receipt
    const findPrices = () => models.facts(question.model, call.signal);
    const prices = needsPrices(caps, call.budget) ? await findPrices() : [];
    const opened = await openCall(question, call, { ledger, caps, prices });
    const tally = createTally(opened.inputTokens);
    const end: Pick<CallEnd, 'outcome' | 'failure'> = { outcome: 'cancelled', failure: null };
    let settled: Pick<AnswerEnd, 'cost' | 'notes'> = { cost: undefined, notes: [] };
    try {
      const { messages, tools, temperature, stop, schema } = question;
      const request = {
        ...{ messages, ...opened.maxTokens, ...(tools && { tools }) },
        ...(temperature !== undefined && { temperature }),
        ...(stop && { stop }),
        ...(schema && { schema }),
      };
      const limits = {
        signal: call.signal,
        withinMs: Math.max(1, call.withinMs - (performance.now() - begun)),
        files: question.files.map(({ path }) => path),
        onTry: tally.noteTry,
      };
      for await (const event of models.stream(question.model, request, limits)) {
        tally.note(event);
        if (event.type !== 'end') yield event;
      }
      end.outcome = 'ok';
    } catch (error) {
      tally.noteFailure(error);
      if (!call.signal.aborted) Object.assign(end, { outcome: 'failed', failure: nameOf(error) });
      throw error;
    } finally {
      const ms = Math.round(performance.now() - begun);
      const settling = opened.settle(tally, { ...end, ms, findPrices: () => soon(findPrices()) });
      settled = await settling.catch((error) => {
        log.error({ err: error, purpose: call.purpose }, 'the receipt of a call was not completed');
        return settled;
      });
    }
    const last = tally.end();
    if (last) yield { ...last, ...settled, receipt: opened.receipt };
  }

  function budget(limits: BudgetLimits): Budget {
    const own = (['cost', 'tokens'] as const).flatMap((kind): SpendingCap[] => {
      const most = limits[kind];
      return most === undefined ? [] : [{ scope: 'run', kind, most }];
    });
    return createBudget([...own, ...caps.filter(({ scope }) => scope === 'run')]);
  }
}

/** A list that is slow is for the next call. */
async function soon(listed: Promise<ModelFacts[]>): Promise<ModelFacts[]> {
  const late = new AbortController();
  const none = delay(listPatienceMs, [], { signal: late.signal, ref: false });
  try {
    return await Promise.race([listed, none]).catch(() => []);
  } finally {
    late.abort();
    none.catch(() => {});
  }
}

const listPatienceMs = 1000;

function nameOf(error: unknown): string {
  if (error instanceof ProviderFailure) return error.kind;
  return error instanceof Error ? error.name : messageOf(error);
}
