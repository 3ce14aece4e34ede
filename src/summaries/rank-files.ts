import * as z from 'zod';
import type { Asker } from '../models/asker.ts';
import { createDataMark, markAsData } from '../models/data-mark.ts';
import { type Answered, UnusableAnswer } from '../models/question.ts';
import type { Project } from '../projects/registry.ts';
import type { JobCall } from '../projects/worker-job.ts';
import type { WorkerPool } from '../projects/worker-pool.ts';
import type { OutlinedFile } from '../search/outlines/outline-files.ts';
import type { RankedFile } from '../search/task/rank-task.ts';
import type { Jobs } from '../search/threads/worker.ts';
import { cleanLine } from '../text/clean.ts';
import { cut } from '../text/cut.ts';
import { fill } from '../text/fill.ts';
import { createVocabulary, keepFaithful } from './faithful.ts';

/** Lets a model put the files that were found for a task in order. */
export interface FileRanker {
  /**
   * Those that it names come first, with its reason before the others; the rest follow as they were. What it names that
   * was not offered is left out, and noted.
   *
   * @throws what the asker throws
   */
  rank<File extends RankedFile>(question: RankQuestion<File>, job: JobCall): Promise<Answered<File[]>>;
}

export interface RankQuestion<File extends RankedFile> {
  root: Project;
  task: string;
  /** The likeliest first. */
  files: readonly File[];
  /** `provider/model` or a tier. */
  model: string;
  actor: string;
}

/** More would not be read with care. */
export const mostOffered = 30;

const answer = z.object({
  files: z.array(z.object({ number: z.int(), why: z.string().default('') })).describe('The most important first'),
});

const temperature = 0;
const answerTokens = 1500;
const mostTask = 6000;
const mostLine = 300;
const mostWhy = 160;
/** What is left of the time of a call for the way back. */
const reserveMs = 1500;

/** @param words what the model is told, with `{{mark}}` */
export function createFileRanker(services: { asker: Asker; workers: WorkerPool<Jobs>; words: string }): FileRanker {
  const { asker, workers, words } = services;

  return {
    async rank({ root, task, files, model, actor }, { signal, budgetMs }) {
      const begun = performance.now();
      const offered = files.slice(0, mostOffered);
      const paths = offered.map(({ path }) => path);
      const outlined = await workers.run('outlineFiles', { root, paths }, { signal, budgetMs: budgetMs / 2 });
      const lines = offered.map((file, at) => describe(file, outlined[at]));
      const mark = createDataMark();
      const list = lines.map((line, at) => `${at + 1}. ${line}`).join('\n');
      const shown = `Task: ${task.slice(0, mostTask)}\n\n${list}`;
      const question = {
        ...{ model, temperature, maxTokens: answerTokens, files: paths.map((path) => ({ path })) },
        messages: [
          { role: 'system' as const, text: fill(words, { mark }) },
          { role: 'user' as const, text: markAsData(shown, mark) },
        ],
      };
      const withinMs = Math.max(1, budgetMs - (performance.now() - begun) - reserveMs);
      const project = { id: root.id, name: root.name, folder: root.folder };
      const told = await asker.askFor(answer, question, { signal, withinMs, purpose: 'rank', actor, project });
      const { ranked, unknown } = putInOrder(files, offered, lines, told.value.files);
      if (ranked === undefined) throw new UnusableAnswer(`${told.model} named none of the files that it was offered.`);
      const notes = unknown > 0 ? [`${told.model} named ${unknown} that it was not offered; these are left out.`] : [];
      return { ...told, value: ranked, notes: [...told.notes, ...notes] };
    },
  };
}

/** On one line, with what a file is for and what it defines. */
function describe({ path }: RankedFile, outlined: OutlinedFile | undefined): string {
  if (outlined?.state !== 'outlined') return cleanLine(path);
  const { purpose, symbols } = outlined.outline;
  const names = symbols.filter(({ isOffered, kind }) => isOffered && kind !== 'key').map(({ name }) => name);
  const defines = names.length > 0 ? `defines ${names.slice(0, 12).join(', ')}` : '';
  const told = purpose.startsWith('Defines ') ? [defines] : [purpose, defines];
  return cut(cleanLine(`${path}: ${told.filter(Boolean).join('; ')}`), mostLine);
}

function putInOrder<File extends RankedFile>(
  files: readonly File[],
  offered: readonly File[],
  lines: readonly string[],
  chosen: z.output<typeof answer>['files'],
): { ranked: File[] | undefined; unknown: number } {
  const first = new Map<string, File>();
  let unknown = 0;
  for (const { number, why } of chosen) {
    const file = offered[number - 1];
    if (!file) unknown++;
    else if (!first.has(file.path)) {
      const reason = keepFaithful(
        cut(cleanLine(why), mostWhy),
        createVocabulary(lines[number - 1] ?? '', []),
        new Set(),
      );
      first.set(file.path, reason === '' ? file : { ...file, why: [reason, ...file.why] });
    }
  }
  if (first.size === 0) return { ranked: undefined, unknown };
  return { ranked: [...first.values(), ...files.filter(({ path }) => !first.has(path))], unknown };
}
