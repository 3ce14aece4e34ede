import * as z from 'zod';
import { splitLineRange } from '../projects/paths.ts';
import type { FileView } from '../projects/read-files.ts';
import { describeSummary } from '../summaries/describe-summary.ts';
import { fitPage } from '../summaries/page.ts';
import type { Summary } from '../summaries/summary.ts';
import { counted, formatBytes } from '../text/count.ts';
import { charactersPerToken } from '../text/estimate-tokens.ts';
import { project } from './params.ts';
import { defineTool } from './tool.ts';

const file = z.object({
  path: z.string(),
  state: z.enum(['whole', 'part', 'summary', 'binary', 'error']),
  text: z.string().optional().describe('Numbered lines: number, tab, text'),
  next: z.string().optional().describe('Give this as a path to read on'),
  from: z.int().optional(),
  to: z.int().optional(),
  total_lines: z.int().optional(),
  bytes: z.int().optional(),
  note: z.string().optional(),
  error: z.string().optional(),
});

type FileData = z.input<typeof file>;

export const readFiles = defineTool({
  name: 'read_files',
  title: 'Read files',
  description:
    'Read several text files of a project at once, as numbered lines or as outlines of their declarations. ' +
    'The token budget is shared between them; a file that does not fit says how to read on. Never reads secret files.',
  toolset: 'files',
  effect: 'read',
  input: z.strictObject({
    paths: z
      .array(z.string().min(1).max(1100))
      .min(1)
      .max(20)
      .describe('Paths relative to the project, each perhaps with lines: ["README.md", "src/main.ts:10-60"]'),
    view: z
      .enum(['full', 'outline', 'summary'])
      .default('full')
      .describe('full: the lines; outline: declarations and headings with their line numbers; summary: what it is for'),
    max_tokens: z
      .int()
      .min(200)
      .max(50_000)
      .default(2200)
      .describe('Budget for all files together, at 4 characters a token (200 to 50000, default 2200)'),
    project,
  }),
  output: z.object({ project: z.string(), view: z.enum(['full', 'outline', 'summary']), files: z.array(file) }),

  async run({ paths, view, max_tokens, project }, { projects, workers, summaries, caller, job }) {
    const root = await projects.find(project);
    const maxCharacters = max_tokens * charactersPerToken;
    const named = paths.map((path) => splitLineRange(path).path);
    const files =
      view === 'summary'
        ? toSummaries(await summaries.look({ root, paths: named, focus: '', actor: caller.source }, job), maxCharacters)
        : (await workers.run('readFiles', { root, paths, view, maxCharacters }, job)).map(toData);
    return { data: { project: root.id, view, files }, text: files.map(describe).join('\n\n') };
  },
});

const noRoom = 'limit: No room for its summary. Ask for fewer files, or give more max_tokens.';

function toSummaries(summaries: readonly Summary[], maxCharacters: number): FileData[] {
  const { kept } = fitPage(summaries, maxCharacters - summaries.length * 80, true);
  const left = summaries.slice(kept.length).map(({ path }): FileData => ({ path, state: 'error', error: noRoom }));
  return [...kept.map(toSummary), ...left];
}

function toSummary(summary: Summary): FileData {
  const { path } = summary;
  if (summary.kind !== 'file') return { path, state: 'error', error: summary.kind === 'error' ? summary.error : '' };
  return { path, state: 'summary', text: describeSummary(summary), bytes: summary.bytes };
}

function toData(view: FileView): FileData {
  switch (view.state) {
    case 'error':
      return { path: view.path, state: view.state, error: `${view.code}: ${view.message}` };
    case 'binary':
      return { path: view.path, state: view.state, bytes: view.bytes, error: 'Not UTF-8 text. Read it as a resource.' };
    default: {
      const { totalLines, ...rest } = view;
      return { ...rest, total_lines: totalLines };
    }
  }
}

function describe({ path, state, text, next, from, to, total_lines: total, bytes, note, error }: FileData): string {
  const size = bytes === undefined ? '' : `, ${formatBytes(bytes)}`;
  if (error) return `${path} (${state}${size}): ${error}`;
  if (state === 'summary') return text ?? '';
  const range = state === 'whole' ? counted(total ?? 0, 'line') : `lines ${from} to ${to} of ${total}`;
  const heading = `${path} (${range}${size})`;
  return [heading, text, note, next && `Read on with "${next}".`].filter(Boolean).join('\n');
}
