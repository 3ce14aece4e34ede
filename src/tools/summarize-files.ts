import * as z from 'zod';
import { deadlinesMs } from '../deadlines.ts';
import { modelFields } from '../models/model-or-offline.ts';
import { describeSummary } from '../summaries/describe-summary.ts';
import type { Mode, Summary } from '../summaries/summary.ts';
import { counted } from '../text/count.ts';
import { decodeCursor, encodeCursor } from '../text/cursor.ts';
import { asRun, type LongCall } from './as-run.ts';
import { cursor, maxCharacters, project } from './params.ts';
import { goingFields, waitFor } from './run-params.ts';
import { type Call, defineTool } from './tool.ts';

const texts = z.array(z.string()).optional();
const exported = z.object({
  line: z.int(),
  signature: z.string(),
  members: texts,
  about: z.string().optional(),
});
const part = z.object({ path: z.string(), files: z.int().optional(), purpose: z.string() });
const summary = z.object({
  kind: z.enum(['file', 'folder', 'error']),
  path: z.string(),
  mode: z.enum(['offline', 'model']).optional(),
  error: z.string().optional(),
  language: z.string().optional(),
  languages: texts,
  files: z.int().optional(),
  lines: z.int().optional(),
  bytes: z.int().optional(),
  tokens: z.int().optional(),
  purpose: z.string().optional(),
  responsibilities: texts,
  exports: z.array(exported).optional(),
  more_exports: z.int().optional(),
  api: z.array(z.object({ name: z.string(), about: z.string() })).optional(),
  headings: texts,
  gotchas: texts,
  depends_on: texts,
  imports: texts,
  uses: texts,
  imported_by: z.int().optional(),
  central: texts,
  folders: z.array(part).optional(),
  own_files: z.array(part).optional(),
  more_files: z.int().optional(),
  notes: texts,
  dropped_names: z.int().optional(),
});

const input = z.strictObject({
  paths: z
    .array(z.string().min(1).max(1100))
    .max(100)
    .default([])
    .describe('Files, folders, globs: ["src/a.ts", "src/store", "src/**/*.ts"]. Default: the project'),
  focus: z.string().max(500).default('').describe('What you want to know; heard by a model alone'),
  model: z
    .string()
    .max(200)
    .optional()
    .describe('PROVIDER/MODEL, tier or "none". Default: the least tier, up to 60 files'),
  refresh: z.boolean().default(false).describe('Ask the model anew'),
  detail: z.enum(['brief', 'normal', 'full']).default('normal').describe('brief: a purpose each'),
  wait: waitFor(45),
  cursor,
  max_characters: maxCharacters,
  project,
});

const output = z.object({
  project: z.string(),
  ...modelFields,
  ...goingFields,
  summaries: z.array(summary),
  total: z.int(),
  complete: z.boolean(),
  reason: z.string().optional(),
  next_cursor: z.string().optional(),
});

const position = z.object({ named: z.int().min(0), after: z.string() });
/** The fields around the summaries. */
const overhead = 500;

export const summarizeFiles = defineTool({
  name: 'summarize_files',
  title: 'Summarize files',
  description:
    'What files and folders are for: purpose, exports with signatures, imports and notes; of a folder its parts and ' +
    'central files. With a model also what would surprise. For the text use read_files.',
  toolset: 'files',
  effect: 'ask',
  deadlineMs: deadlinesMs.modelTool,
  input,
  output,

  async run(input, call) {
    const { paths, focus, model } = input;
    if (model === undefined || model === 'none') return summarize(input, call);
    const project = await call.projects.findKept(input.project);
    const task = `${counted(paths.length, 'path')}${focus ? `: ${focus}` : ''}`;
    return asRun(
      {
        ...{ project, wait: input.wait, about: { tool: 'summarize_files', task, paths, asked: model } },
        do: (long) => summarize(input, { ...call, ...long }),
        show: (page) => page,
        showGoing: (run) => ({ ...run, summaries: [], total: 0, complete: false }),
        output,
      },
      call,
    );
  },
});

async function summarize(asked: z.output<typeof input>, call: Call & Partial<LongCall>) {
  const { cursor, max_characters, project, wait: _, ...question } = asked;
  const root = await call.projects.find(project);
  const { paths, detail } = question;
  const key = { project: root.id, paths, detail };
  const from = cursor === undefined ? { named: 0, after: '' } : decodeCursor(cursor, key, position);
  const maxCharacters = max_characters - overhead;
  const { beginRun } = call;
  const about = { root, from, maxCharacters, actor: call.caller.source, ...(beginRun && { beginRun }) };
  const page = await call.summaries.summarize({ ...question, model: question.model, ...about }, call.job);
  const data = {
    project: root.id,
    mode: page.models.length > 0 ? ('model' as const) : ('offline' as const),
    ...(page.models.length > 0 && { model: page.models.join(', ') }),
    ...(page.note !== undefined && { note: page.note }),
    summaries: page.summaries,
    total: page.total,
    complete: page.reasons.length === 0,
    ...(page.reasons.length > 0 && { reason: page.reasons.join('; ') }),
    ...(page.next && { next_cursor: encodeCursor(key, page.next) }),
  };
  return { data, text: describe(data) };
}

interface Told {
  project: string;
  mode: Mode;
  model?: string;
  note?: string;
  summaries: readonly Summary[];
  total: number;
  reason?: string;
  next_cursor?: string;
}

function describe({ project, mode, model, note, summaries, total, reason, next_cursor: next }: Told): string {
  const count =
    summaries.length < total ? `${summaries.length} of ${total} summaries` : counted(total, 'summary', 'summaries');
  const none = `No file of ${project} matches. Find paths with search_files, mode "path".`;
  return [
    total === 0 ? none : `${count} of ${project} (${model ?? mode}):`,
    ...summaries.map(describeSummary),
    note ?? '',
    reason ? `Not complete: ${reason}.` : '',
    next ? `More with cursor "${next}".` : '',
  ]
    .filter(Boolean)
    .join('\n\n');
}
