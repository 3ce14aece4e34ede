import type { Asker } from '../models/asker.ts';
import { chooseOffered } from '../models/choose-offered.ts';
import type { Answered } from '../models/question.ts';
import type { Project } from '../projects/registry.ts';
import type { JobCall } from '../projects/worker-job.ts';
import { cleanLine } from '../text/clean.ts';
import { cut } from '../text/cut.ts';
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

const maxTokens = 1000;
const mostLine = 300;
/** What is left of the time of a call for the way back. */
const reserveMs = 1500;

/** @param words what the model is told, with `{{mark}}` */
export function createPromptRanker({ asker, words }: { asker: Asker; words: string }): PromptRanker {
  return {
    async rank({ project, task, prompts, model, actor }, { signal, budgetMs }) {
      const offered = prompts.slice(0, mostOfferedPrompts);
      const lines = offered.map(describe);
      const withinMs = Math.max(1, budgetMs - reserveMs);
      const told = await chooseOffered(
        asker,
        { task, lines, kind: 'prompts', words, model, maxTokens, isNoneAnAnswer: true, files: [] },
        { signal, withinMs, purpose: 'rank', actor, ...(project && { project }) },
      );
      const chosen = told.value.flatMap(({ at, why }) =>
        offered.slice(at, at + 1).map((each) => ({ ...each, why: [why, ...each.why].filter(Boolean) })),
      );
      return { ...told, value: chosen };
    },
  };
}

/** On one line, with what it is for and what it takes. */
function describe({ prompt: { reference, head } }: RankedPrompt): string {
  const { title, description, arguments: declared } = head;
  const takes = declared.map(({ name }) => name).join(', ');
  return cut(cleanLine(`${reference} (${title}): ${description}${takes && ` Takes ${takes}.`}`), mostLine);
}
