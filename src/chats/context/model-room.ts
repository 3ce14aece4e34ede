import * as z from 'zod';
import type { Models } from '../../providers/models.ts';
import type { Cache } from '../../store/caches.ts';

/** What was learnt of a model from its answers. */
export const modelHabits = z.object({
  /** Tokens as its provider counts them, for each that we estimate. */
  ratio: z.number().optional(),
  /** So many were too many for it. */
  refused: z.number().optional(),
});
export type ModelHabits = z.infer<typeof modelHabits>;

/** How much a model can be sent. */
export interface ModelRoom {
  /** That is asked first, where the name is that of a tier. */
  model: string;
  /** Of question and answer together; absent where nobody tells. */
  window: number | undefined;
  /** Of the question alone. */
  budget: number | undefined;
  ratio: number;
}

/** What fits into models: their providers say it, and their answers show it. */
export interface ModelRooms {
  /** @throws UserError for a name that is unknown, NoModel */
  find(reference: string, maxTokens: number | undefined, signal: AbortSignal): Promise<ModelRoom>;
  /** What the provider has counted for a question that was estimated at so many tokens, at a ratio of 1. */
  learn(model: string, estimated: number, counted: number): Promise<void>;
  /** A question of so many tokens, by the ratio of then, was too long for it. */
  learnRefusal(model: string, tokens: number): Promise<void>;
}

const usualAnswer = 4096;
const leastAnswerShare = 0.05;
const mostAnswerShare = 0.25;
/** An estimate that was never compared with a count is further off. */
const margin = { learnt: 0.03, guessed: 0.1 };
const afterRefusal = 0.75;
/** Of shorter questions the wrapper of the model is too large a part. */
const leastLearnt = 200;
const weight = 0.3;
/** Beyond this somebody has miscounted. */
const plausible = { least: 0.5, most: 4 };

export function createModelRooms({ models, habits }: { models: Models; habits: Cache<ModelHabits> }): ModelRooms {
  return {
    async find(reference, maxTokens, signal) {
      const [facts] = await models.facts(reference, signal);
      const { model = reference, window, maxOutput } = facts ?? {};
      const { ratio, refused } = (await habits.get(model)) ?? {};
      const known = window === undefined ? [] : [budgetOf(window, maxTokens ?? maxOutput, ratio !== undefined)];
      const shown = refused === undefined ? [] : [Math.floor(refused * afterRefusal)];
      const limits = [...known, ...shown];
      const budget = limits.length > 0 ? Math.max(1, Math.min(...limits)) : undefined;
      return { model, window, budget, ratio: ratio ?? 1 };

      function budgetOf(whole: number, wanted: number | undefined, isLearnt: boolean): number {
        const most = maxTokens === undefined ? whole * mostAnswerShare : whole;
        const answer = Math.max(whole * leastAnswerShare, Math.min(wanted ?? usualAnswer, most));
        return Math.floor(whole - answer - whole * (isLearnt ? margin.learnt : margin.guessed));
      }
    },

    async learn(model, estimated, counted) {
      if (estimated < leastLearnt || wasCut(estimated, counted)) return;
      const known = (await habits.get(model)) ?? {};
      const ratio = counted / estimated;
      if (ratio < plausible.least || ratio > plausible.most) return;
      const next = known.ratio === undefined ? ratio : known.ratio * (1 - weight) + ratio * weight;
      await habits.set(model, { ...known, ratio: Math.round(next * 1000) / 1000 });
    },

    async learnRefusal(model, tokens) {
      const known = (await habits.get(model)) ?? {};
      await habits.set(model, { ...known, refused: Math.min(tokens, known.refused ?? tokens) });
    },
  };
}

const cutShare = 0.7;
const leastJudged = 1000;

/** Whether the server has most likely dropped the beginning of a question without a word. */
export function wasCut(estimated: number, counted: number): boolean {
  return estimated >= leastJudged && counted > 0 && counted < estimated * cutShare;
}
