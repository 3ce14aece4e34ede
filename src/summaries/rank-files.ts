import type { Asker } from '../models/asker.ts';
import { chooseOffered } from '../models/choose-offered.ts';
import type { Answered } from '../models/question.ts';
import type { Project } from '../projects/registry.ts';
import type { JobCall } from '../projects/worker-job.ts';
import type { WorkerPool } from '../projects/worker-pool.ts';
import type { OutlinedFile } from '../search/outlines/outline-files.ts';
import type { RankedFile } from '../search/task/rank-task.ts';
import type { Jobs } from '../search/threads/worker.ts';
import { cleanLine } from '../text/clean.ts';
import { cut } from '../text/cut.ts';
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

const maxTokens = 1500;
const mostLine = 300;
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
      const told = await chooseOffered(
        asker,
        {
          ...{ task, lines, kind: 'files', words, model, maxTokens, isNoneAnAnswer: false },
          files: paths.map((path) => ({ path })),
        },
        {
          ...{ signal, withinMs: Math.max(1, budgetMs - (performance.now() - begun) - reserveMs) },
          ...{ purpose: 'rank', actor, project: { id: root.id, name: root.name, folder: root.folder } },
        },
      );
      const first = told.value.flatMap(({ at, why }) =>
        offered.slice(at, at + 1).map((file) => withReason(file, why, lines[at] ?? '')),
      );
      const chosen = new Set(first.map(({ path }) => path));
      return { ...told, value: [...first, ...files.filter(({ path }) => !chosen.has(path))] };
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

/** Without the sentences that name what the line of the file does not. */
function withReason<File extends RankedFile>(file: File, why: string, line: string): File {
  const reason = keepFaithful(why, createVocabulary(line, []), new Set());
  return { ...file, why: [reason, ...file.why].filter(Boolean) };
}
