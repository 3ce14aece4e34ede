import * as z from 'zod';
import { describeSummary } from '../summaries/describe-summary.ts';
import type { Mode, Summary } from '../summaries/summary.ts';
import { counted } from '../text/count.ts';
import { decodeCursor, encodeCursor } from '../text/cursor.ts';
import { cursor, maxCharacters, project } from './params.ts';
import { defineTool } from './tool.ts';

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
  headings: texts,
  gotchas: texts,
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

const output = z.object({
  project: z.string(),
  mode: z.enum(['offline', 'model']),
  summaries: z.array(summary),
  total: z.int(),
  complete: z.boolean(),
  reason: z.string().optional(),
  next_cursor: z.string().optional(),
});

const position = z.object({ named: z.int(), after: z.string() });
/** The fields around the summaries. */
const overhead = 500;

export const summarizeFiles = defineTool({
  name: 'summarize_files',
  title: 'Summarize files',
  description:
    'What files and folders are for: purpose, exports with signatures, imports and notes of each file; of a folder or the ' +
    'project its parts and central files. To read the text itself use read_files.',
  toolset: 'files',
  effect: 'read',
  input: z.strictObject({
    paths: z
      .array(z.string().min(1).max(1100))
      .max(100)
      .default([])
      .describe('Files, folders and globs: ["src/main.ts", "src/store", "src/**/*.ts"]. Default: the project'),
    detail: z.enum(['brief', 'normal', 'full']).default('normal').describe('brief: a purpose each'),
    cursor,
    max_characters: maxCharacters,
    project,
  }),
  output,

  async run({ paths, detail, cursor, max_characters, project }, { projects, summaries, job }) {
    const root = await projects.find(project);
    const asked = { project: root.id, paths, detail };
    const from = cursor === undefined ? { named: 0, after: '' } : decodeCursor(cursor, asked, position);
    const question = { root, paths, detail, from, maxCharacters: max_characters - overhead };
    const page = await summaries.summarize(question, job);
    const data = {
      project: root.id,
      mode: 'offline' as const,
      summaries: page.summaries,
      total: page.total,
      complete: page.reasons.length === 0,
      ...(page.reasons.length > 0 && { reason: page.reasons.join('; ') }),
      ...(page.next && { next_cursor: encodeCursor(asked, page.next) }),
    };
    return { data, text: describe(data) };
  },
});

interface Told {
  project: string;
  mode: Mode;
  summaries: readonly Summary[];
  total: number;
  reason?: string;
  next_cursor?: string;
}

function describe({ project, mode, summaries, total, reason, next_cursor: next }: Told): string {
  const count =
    summaries.length < total ? `${summaries.length} of ${total} summaries` : counted(total, 'summary', 'summaries');
  const none = `No file of ${project} matches. Find paths with search_files, mode "path".`;
  return [
    total === 0 ? none : `${count} of ${project} (${mode}):`,
    ...summaries.map(describeSummary),
    reason ? `Not complete: ${reason}.` : '',
    next ? `More with cursor "${next}".` : '',
  ]
    .filter(Boolean)
    .join('\n\n');
}
