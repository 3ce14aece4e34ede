import * as z from 'zod';
import { type Tiers, tiers as tierNames } from '../endpoints.ts';
import { UserError } from '../errors.ts';
import type { Asker } from '../models/asker.ts';
import { createDataMark, markAsData } from '../models/data-mark.ts';
import { type AskCall, UnusableAnswer } from '../models/question.ts';
import { ProviderFailure } from '../providers/failure.ts';
import { fill } from '../text/fill.ts';

/** Asks several models the same. */
export interface Panel {
  /** The models that a tier or a name stands for; of no name, those of the first tier that has any, `medium` first. */
  membersOf(references: readonly string[]): string[];
  /** All at once; in the order of the models. */
  ask(question: string, models: readonly string[], call: PanelCall): Promise<PanelAnswer[]>;
  /** What one more model says of the answers, whose authors it does not learn. */
  judge(question: string, answers: readonly Answered[], model: string, call: PanelCall): Promise<Verdict>;
}

export type PanelCall = AskCall & { maxTokens: number };

export type PanelAnswer = Answered | { model: string; failure: string };

export interface Answered {
  model: string;
  text: string;
  tokens: number;
  ms: number;
}

export type Verdict = { model: string; best?: string; why: string } | { model: string; failure: string };

const mostModels = 8;

export function createPanel({ asker, tiers, words }: { asker: Asker; tiers: Tiers; words: string }): Panel {
  return {
    membersOf(references) {
      const named =
        references.length > 0
          ? references
          : ['medium', ...tierNames].filter((name) => modelsOf(name).length > 0).slice(0, 1);
      const models = [...new Set(named.flatMap((name) => (isTier(name) ? modelsOf(name) : [name])))];
      if (models.length <= mostModels) return models;
      throw new UserError(
        'bad_input',
        `These are ${models.length} models, and ${mostModels} can be asked at once. Name fewer.`,
      );
    },

    ask: (question, models, call) => Promise.all(models.map((model) => askOne(question, model, call))),

    async judge(question, answers, model, call) {
      const mark = createDataMark();
      const letters = answers.map((_, index) => String.fromCharCode(65 + index));
      const shown = answers.map(({ text }, index) => `Answer ${letters[index]}:\n${markAsData(text, mark)}`);
      const text = fill(words, { mark, question, answers: shown.join('\n\n') });
      const schema = z.object({
        best: z.enum([...letters, 'none']).describe('The letter of the best answer'),
        why: z.string().describe('What decides it, and where the answers contradict each other; at most 150 words'),
      });
      try {
        const asked = { model, messages: [{ role: 'user' as const, text }], maxTokens: call.maxTokens, files: [] };
        const { value, model: judge } = await asker.askFor(schema, asked, { ...call, purpose: 'judge' });
        const best = answers[letters.indexOf(value.best)]?.model;
        return { model: judge, ...(best !== undefined && { best }), why: value.why };
      } catch (error) {
        return { model, failure: failureWords(error, call.signal) };
      }
    },
  };

  async function askOne(question: string, model: string, call: PanelCall): Promise<PanelAnswer> {
    const begun = performance.now();
    const asked = {
      model,
      messages: [{ role: 'user' as const, text: question }],
      maxTokens: call.maxTokens,
      files: [],
    };
    try {
      const { value, model: by, usage } = await asker.ask(asked, call);
      const tokens = (usage?.input ?? 0) + (usage?.output ?? 0);
      return { model: by, text: value, tokens, ms: Math.round(performance.now() - begun) };
    } catch (error) {
      return { model, failure: failureWords(error, call.signal) };
    }
  }

  function isTier(name: string): boolean {
    return tierNames.some((tier) => tier === name);
  }

  function modelsOf(name: string): readonly string[] {
    const tier = tierNames.find((each) => each === name);
    return tier ? tiers[tier] : [];
  }
}

/** One that fails does not take the others with it. */
function failureWords(error: unknown, signal: AbortSignal): string {
  signal.throwIfAborted();
  if (error instanceof ProviderFailure || error instanceof UnusableAnswer || error instanceof UserError)
    return error.message;
  throw error;
}
