import * as z from 'zod';
import { cleanLine } from '../text/clean.ts';
import { cut } from '../text/cut.ts';
import { fill } from '../text/fill.ts';
import type { Asker } from './asker.ts';
import { createDataMark, markAsData } from './data-mark.ts';
import { type Answered, type AskCall, type SentFile, UnusableAnswer } from './question.ts';

/** Things from which a model is to choose those that a task needs. */
export interface Offer {
  task: string;
  /** What each of them is, on a line of its own. */
  lines: readonly string[];
  /** What they are, for people: "files". */
  kind: string;
  /** What the model is told, with `{{mark}}`. */
  words: string;
  /** `provider/model` or a tier. */
  model: string;
  maxTokens: number;
  /** That none of them is needed is an answer. */
  isNoneAnAnswer: boolean;
  /** Those of which the lines tell. */
  files: readonly SentFile[];
}

export interface Choice {
  /** The place of its line, from 0. */
  at: number;
  /** On one line; empty where the model gave no reason. */
  why: string;
}

const answer = z.object({
  chosen: z.array(z.object({ number: z.int(), why: z.string().default('') })).describe('The best first'),
});

const mostTask = 6000;
const mostWhy = 160;

/**
 * What a model chooses, each thing once, the best first. What it names that was not offered is left out, and noted.
 *
 * @throws UnusableAnswer where it named only such, or none; what the asker throws
 */
export async function chooseOffered(asker: Asker, offer: Offer, call: AskCall): Promise<Answered<Choice[]>> {
  const { task, lines, kind, words, model, maxTokens, isNoneAnAnswer, files } = offer;
  const mark = createDataMark();
  const list = lines.map((line, at) => `${at + 1}. ${line}`).join('\n');
  const messages = [
    { role: 'system' as const, text: fill(words, { mark }) },
    { role: 'user' as const, text: markAsData(`Task: ${task.slice(0, mostTask)}\n\n${list}`, mark) },
  ];
  const told = await asker.askFor(answer, { model, messages, temperature: 0, maxTokens, files }, call);
  const named = told.value.chosen.map(({ number, why }) => ({ at: number - 1, why: cut(cleanLine(why), mostWhy) }));
  const known = named.filter(({ at }) => lines[at] !== undefined);
  const unknown = named.length - known.length;
  if (known.length === 0 && (unknown > 0 || !isNoneAnAnswer)) {
    throw new UnusableAnswer(`${told.model} named none of the ${kind} that it was offered.`);
  }
  const choices = known.filter(({ at }, place) => known.findIndex((each) => each.at === at) === place);
  const notes = unknown > 0 ? [`${told.model} named ${unknown} that it was not offered; these are left out.`] : [];
  return { ...told, value: choices, notes: [...told.notes, ...notes] };
}
