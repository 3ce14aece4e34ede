import * as z from 'zod';
import { UserError } from '../errors.ts';
import { cut } from '../text/cut.ts';
import type { AgentTool } from './agent-tool.ts';
import type { Task } from './briefing.ts';
import type { AgentResult } from './outputs.ts';
import { type OutputName, outputs } from './outputs.ts';

/** What can be told without a model, in the form of an agent's output. */
export interface OfflineAnswer {
  result: AgentResult;
  notes: string[];
}

interface Gathered extends Task {
  files: Array<{ path: string; why: string }>;
}

/** Gathers what the tools know of the task. What they cannot do is left out: an answer there is in any case. */
export async function answerOffline(
  output: OutputName,
  task: Task,
  tools: readonly AgentTool[],
  signal: AbortSignal,
): Promise<OfflineAnswer> {
  const files = await suggestFiles(task, tools, signal);
  const parts = output === 'summary' ? await summarizeParts(task, files, tools, signal) : [];
  const { note, ...result } = drafts[output]({ ...task, files }, parts);
  return { result: { ...outputs[output].parse(result) }, notes: [note] };
}

type Part = { name: string; purpose: string };

const openTask = 'What is asked here is for the caller to answer: no model did.';

/** By output; `note` says what a reader may take it for. */
const drafts: Record<OutputName, (gathered: Gathered, parts: Part[]) => Record<string, unknown> & { note: string }> = {
  answer: ({ files }) => ({
    answer:
      files.length > 0 ? `Not answered. Read first: ${files.map(({ path }) => path).join(', ')}.` : 'Not answered.',
    files,
    open_questions: [openTask],
    note: 'The files are ranked for the question, without a model; read them to answer it.',
  }),
  file_list: ({ files }) => ({ files, note: 'The files are ranked for the task, without a model.' }),
  summary: (_, parts) => ({
    summary: 'Not summarized. The parts are what the files say of themselves.',
    parts,
    note: 'The parts come from comments and declarations, without a model.',
  }),
  plan: ({ task, files }) => ({
    approach: `Not planned yet: ${cut(task, 300)}`,
    steps: files.slice(0, 8).map(({ path, why }) => ({ title: `Read ${path}: ${why}`, files: [path] })),
    files,
    open_questions: [openTask],
    note: 'This is the skeleton of a plan: the files to read, without a model.',
  }),
  ticket: ({ task, files }) => ({
    title: titleOf(task),
    overview: task,
    files,
    tasks: itemsOf(task),
    open_questions: [openTask],
    note: 'The ticket has the words of the note and the files that it most likely concerns, without a model.',
  }),
  tasks: ({ task, files }) => ({
    tasks: (itemsOf(task).length > 0 ? itemsOf(task) : [titleOf(task)]).map((title) => ({ title })),
    open_questions: [
      `Which of these each task concerns: ${files.map(({ path }) => path).join(', ') || 'no file found'}`,
    ],
    note: 'The tasks are the list items of the text, without a model.',
  }),
  review: ({ files }) => ({
    note: `Nothing was reviewed: that needs a model. Files to look at: ${files.map(({ path }) => path).join(', ') || 'none found'}.`,
  }),
  prompt: ({ task, files }) => ({
    prompt: task,
    open_questions:
      files.length > 0 ? [`Whether to name these files: ${files.map(({ path }) => path).join(', ')}`] : [],
    note: 'The prompt is as it was: improving it needs a model.',
  }),
  commit_message: ({ task }) => ({
    ...subjectOf(changedPaths(task)),
    note: 'The subject names the files of the diff; saying why they changed needs a model.',
  }),
};

const suggested = z.object({ files: z.array(z.object({ path: z.string(), why: z.array(z.string()) })) });
const maxFiles = 10;

async function suggestFiles({ task, paths }: Task, tools: readonly AgentTool[], signal: AbortSignal) {
  const named = paths.map((path) => ({ path, why: 'named by the caller' }));
  const data = await callQuietly('suggest_files', { task, limit: maxFiles, near: paths.slice(0, 20) }, tools, signal);
  const found = suggested.safeParse(data).data?.files ?? [];
  const others = found.filter(({ path }) => !paths.includes(path));
  return [...named, ...others.map(({ path, why }) => ({ path, why: why.join('; ') }))].slice(0, maxFiles);
}

const summarized = z.object({
  summaries: z.array(
    z.object({
      path: z.string(),
      purpose: z.string().optional(),
      error: z.string().optional(),
      exports: z.array(z.object({ signature: z.string() })).default([]),
    }),
  ),
});
const maxPurpose = 700;

async function summarizeParts(
  { paths }: Task,
  files: Gathered['files'],
  tools: readonly AgentTool[],
  signal: AbortSignal,
): Promise<Part[]> {
  const wanted = (paths.length > 0 ? paths : files.map(({ path }) => path)).slice(0, maxFiles);
  const data = await callQuietly('summarize_files', { paths: wanted }, tools, signal);
  const found = summarized.safeParse(data).data?.summaries ?? [];
  return found.map(({ path, purpose, error, exports }) => {
    const signatures = exports.map(({ signature }) => signature).join('; ');
    const facts = [purpose, error, signatures && `exports ${signatures}`].filter(Boolean);
    return { name: path, purpose: cut(facts.join(' ') || 'says nothing of itself', maxPurpose) };
  });
}

/** What a tool refuses is not there. */
async function callQuietly(
  name: string,
  args: Record<string, unknown>,
  tools: readonly AgentTool[],
  signal: AbortSignal,
) {
  try {
    return (await tools.find(({ offer }) => offer.name === name)?.run(args, signal))?.data;
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

function titleOf(text: string): string {
  return cut(text.trim().split(/\n|(?<=[.!?])\s/)[0] ?? '', 120);
}

function itemsOf(text: string): string[] {
  const items = [...text.matchAll(/^\s*(?:[-*+]|\d{1,3}[.)])\s+(?:\[[ xX]\]\s+)?(\S.*)$/gm)];
  return items.slice(0, 30).map(([, item]) => cut(item ?? '', 200));
}

/** Of a unified diff. */
function changedPaths(text: string): string[] {
  const paths = [...text.matchAll(/^\+\+\+ (?:b\/)?([^\t\n]+)/gm)].map(([, path]) => path ?? '');
  return [...new Set(paths.filter((path) => path !== '/dev/null'))];
}

function subjectOf(paths: readonly string[]): { subject: string; body: string } {
  const [first] = paths;
  if (first === undefined) return { subject: 'Change the project', body: '' };
  const subject = paths.length === 1 ? `Change ${first}` : `Change ${paths.length} files`;
  return { subject: cut(subject, 72), body: paths.length > 1 ? paths.map((path) => `- ${path}`).join('\n') : '' };
}
