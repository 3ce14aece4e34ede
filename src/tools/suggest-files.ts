import * as z from 'zod';
import type { SuggestFilesOutput } from '../search/task/suggest-files.ts';
import { visibleLine } from '../text/clean.ts';
import { counted, formatBytes } from '../text/count.ts';
import { fitting } from '../text/fitting.ts';
import { exclude, include, project } from './params.ts';
import { defineTool } from './tool.ts';

const charactersPerToken = 4;
/** Without the fields around the files. */
const maxCharacters = 9000;

const file = z.object({
  path: z.string(),
  score: z.number(),
  why: z.array(z.string()),
  bytes: z.int(),
  tokens: z.int(),
});

const output = z.object({
  project: z.string(),
  mode: z.literal('offline'),
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
  effect: 'read',
  input: z.strictObject({
    task: z.string().min(1).describe('What is to be done, in full sentences'),
    limit: z.int().min(1).max(50).default(10).describe('1 to 50'),
    near: z.array(z.string().min(1).max(1100)).max(20).default([]).describe('Paths you work on: their kin rank higher'),
    include: include.describe('As in search_files'),
    exclude: exclude.describe('As in search_files'),
    project,
  }),
  output,

  async run({ project, task, ...input }, { projects, taskIndexer, job }) {
    const root = await projects.find(project);
    const found = await taskIndexer.run('suggestFiles', { root, task: task.slice(0, maxTask), ...input }, job);
    const data = toData(root.id, found);
    return { data, text: describe(data) };
  },
});

/** More says nothing new. */
const maxTask = 20_000;

function toData(project: string, { files, incompleteBecause }: SuggestFilesOutput): z.input<typeof output> {
  const sized = files.map((file) => ({ ...file, tokens: Math.ceil(file.bytes / charactersPerToken) }));
  const shown = fitting(sized, maxCharacters);
  const left = files.length - shown.length;
  const reasons = [incompleteBecause ?? '', left > 0 ? `${left} more do not fit into one answer` : ''].filter(Boolean);
  return {
    project,
    mode: 'offline',
    files: shown,
    complete: reasons.length === 0,
    ...(reasons.length > 0 && { reason: reasons.join('; ') }),
  };
}

function describe({ project, files, complete, reason }: z.input<typeof output>): string {
  const lines = files.map(({ path, score, why, bytes, tokens }) => {
    return `${visibleLine(path)} (${score}; ${formatBytes(bytes)}, about ${tokens} tokens): ${why.join('; ')}`;
  });
  const found = `${counted(files.length, 'file')} of ${project}, best first (offline):`;
  const none = `No file of ${project} has anything of this task. Name what it is about, or use search_files.`;
  return [files.length > 0 ? found : none, ...lines, complete ? '' : `Not complete: ${reason}.`]
    .filter(Boolean)
    .join('\n');
}
