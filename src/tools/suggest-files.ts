import * as z from 'zod';
import { modelFields, modelOrOffline } from '../models/model-or-offline.ts';
import type { SuggestFilesOutput } from '../search/task/suggest-files.ts';
import { mostOffered } from '../summaries/rank-files.ts';
import { visibleLine } from '../text/clean.ts';
import { counted, formatBytes } from '../text/count.ts';
import { charactersPerToken } from '../text/estimate-tokens.ts';
import { fitting } from '../text/fitting.ts';
import { exclude, include, project } from './params.ts';
import { defineTool } from './tool.ts';

/** Without the fields around the files. */
const maxCharacters = 9000;

/** As in summarize_files; what agents get, since they ask no other model. */
const noModel = 'none';

const file = z.object({
  path: z.string(),
  score: z.number(),
  why: z.array(z.string()),
  bytes: z.int(),
  tokens: z.int(),
});

const output = z.object({
  project: z.string(),
  ...modelFields,
  files: z.array(file),
  complete: z.boolean(),
  reason: z.string().optional(),
});

export const suggestFiles = defineTool({
  name: 'suggest_files',
  title: 'Suggest files',
  description:
    'The files that a task most likely concerns, best first, with why. ' +
    'For an exact text or name use search_files.',
  toolset: 'files',
  effect: 'ask',
  input: z.strictObject({
    task: z.string().min(1).describe('What is to be done, in full sentences'),
    limit: z.int().min(1).max(50).default(10).describe('1 to 50'),
    near: z.array(z.string().min(1).max(1100)).max(20).default([]).describe('Paths you work on: their kin rank higher'),
    include: include.describe('As in search_files'),
    exclude: exclude.describe('As in search_files'),
    model: z.string().min(1).max(200).default(noModel).describe('PROVIDER/MODEL or tier to put the best 30 in order'),
    project,
  }),
  output,

  async run({ project, task, model, limit, ...input }, { projects, taskIndexer, fileRanker, caller, job }) {
    const begun = performance.now();
    const root = await projects.find(project);
    const wanted = model === noModel ? limit : Math.max(limit, mostOffered);
    const question = { root, task: task.slice(0, maxTask), limit: wanted, ...input };
    const found = await taskIndexer.run('suggestFiles', question, job);
    const { files } = found;
    if (model === noModel || files.length === 0) return answer(root.id, found, { mode: 'offline' });
    const left = { ...job, budgetMs: Math.max(1, job.budgetMs - (performance.now() - begun)) };
    const { value, ...made } = await modelOrOffline(
      job.signal,
      () => fileRanker.rank({ root, task, files, model, actor: caller.source }, left),
      () => files,
    );
    return answer(root.id, { ...found, files: value.slice(0, limit) }, made);
  },
});

/** More says nothing new. */
const maxTask = 20_000;

type Made = Pick<z.input<typeof output>, 'mode' | 'model' | 'note'>;

function answer(project: string, found: SuggestFilesOutput, made: Made) {
  const data = toData(project, found, made);
  return { data, text: describe(data) };
}

function toData(project: string, { files, incompleteBecause }: SuggestFilesOutput, made: Made): z.input<typeof output> {
  const sized = files.map((file) => ({ ...file, tokens: Math.ceil(file.bytes / charactersPerToken) }));
  const shown = fitting(sized, maxCharacters);
  const left = files.length - shown.length;
  const reasons = [incompleteBecause ?? '', left > 0 ? `${left} more do not fit into one answer` : ''].filter(Boolean);
  return {
    project,
    ...made,
    files: shown,
    complete: reasons.length === 0,
    ...(reasons.length > 0 && { reason: reasons.join('; ') }),
  };
}

function describe({ project, mode, model, note, files, complete, reason }: z.input<typeof output>): string {
  const lines = files.map(({ path, score, why, bytes, tokens }) => {
    return `${visibleLine(path)} (${score}; ${formatBytes(bytes)}, about ${tokens} tokens): ${why.join('; ')}`;
  });
  const found = `${counted(files.length, 'file')} of ${project}, best first (${model ?? mode}):`;
  const none = `No file of ${project} has anything of this task. Name what it is about, or use search_files.`;
  return [files.length > 0 ? found : none, ...lines, note ?? '', complete ? '' : `Not complete: ${reason}.`]
    .filter(Boolean)
    .join('\n');
}
