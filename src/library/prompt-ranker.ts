import * as z from 'zod';
import type { Asker } from '../models/asker.ts';
import { createDataMark, markAsData } from '../models/data-mark.ts';
import { type Answered, UnusableAnswer } from '../models/question.ts';
import type { Project } from '../projects/registry.ts';
import type { JobCall } from '../projects/worker-job.ts';
import { cleanLine } from '../text/clean.ts';
import { cut } from '../text/cut.ts';
import { fill } from '../text/fill.ts';
import type { RankedPrompt } from './rank-prompts.ts';

/** Lets a model choose among the prompts that were found for a task. */
export interface PromptRanker {
  /** Those that it names, with its reason; what it names that was not offered is left out, and noted. */
  rank(question: PromptQuestion, job: JobCall): Promise<Answered<RankedPrompt[]>>;
}

export interface PromptQuestion {
  project: Project | undefined;
  task: string;
  /** The likeliest first. */
  prompts: readonly RankedPrompt[];
  /** `provider/model` or a tier. */
  model: string;
  actor: string;
}

/** More would not be read with care. */
export const mostOfferedPrompts = 40;

const answer = z.object({
  prompts: z.array(z.object({ number: z.int(), why: z.string().default('') })).describe('The best first'),
});

const answerTokens = 1000;
const mostTask = 6000;
const mostLine = 300;
const mostWhy = 160;
/** What is left of the time of a call for the way back. */
const reserveMs = 1500;

/** @param words what the model is told, with `{{mark}}` */
export function createPromptRanker({ asker, words }: { asker: Asker; words: string }): PromptRanker {
  return {
    async rank({ project, task, prompts, model, actor }, { signal, budgetMs }) {
      const offered = prompts.slice(0, mostOfferedPrompts);
      const mark = createDataMark();
      const list = offered.map((each, at) => `${at + 1}. ${describe(each)}`).join('\n');
      const messages = [
        { role: 'system' as const, text: fill(words, { mark }) },
        { role: 'user' as const, text: markAsData(`Task: ${task.slice(0, mostTask)}\n\n${list}`, mark) },
      ];
      const question = { model, messages, temperature: 0, maxTokens: answerTokens, files: [] };
      const within = { signal, withinMs: Math.max(1, budgetMs - reserveMs) };
      const told = await asker.askFor(answer, question, {
        ...within,
        purpose: 'rank',
        actor,
        ...(project && { project }),
      });
      const { chosen, unknown } = choose(offered, told.value.prompts);
      if (chosen.length === 0 && unknown > 0) {
        throw new UnusableAnswer(`${told.model} named none of the prompts that it was offered.`);
      }
      const notes = unknown > 0 ? [`${told.model} named ${unknown} that it was not offered; these are left out.`] : [];
      return { ...told, value: chosen, notes: [...told.notes, ...notes] };
    },
  };
}

/** On one line, with what it is for and what it takes. */
function describe({ prompt: { reference, head } }: RankedPrompt): string {
  const { title, description, arguments: declared } = head;
  const takes = declared.map(({ name }) => name).join(', ');
  return cut(cleanLine(`${reference} (${title}): ${description}${takes && ` Takes ${takes}.`}`), mostLine);
}

function choose(offered: readonly RankedPrompt[], named: z.output<typeof answer>['prompts']) {
  const chosen = new Map<string, RankedPrompt>();
  let unknown = 0;
  for (const { number, why } of named) {
    const found = offered[number - 1];
    if (!found) unknown++;
    else if (!chosen.has(found.prompt.reference)) {
      const reason = cut(cleanLine(why), mostWhy);
      chosen.set(found.prompt.reference, reason === '' ? found : { ...found, why: [reason, ...found.why] });
    }
  }
  return { chosen: [...chosen.values()], unknown };
}
