import * as z from 'zod';
import type { Agent } from '../agents/agent-file.ts';
import { outputs } from '../agents/outputs.ts';
import { deadlinesMs } from '../deadlines.ts';
import { UserError } from '../errors.ts';
import { lostTags } from '../library/lost-tags.ts';
import { completePrompt } from '../library/prompt.ts';
import { findWeaknesses } from '../library/weaknesses.ts';
import { modelFields, modelOrOffline } from '../models/model-or-offline.ts';
import type { Project } from '../projects/registry.ts';
import { cleanLine, cleanText } from '../text/clean.ts';
import { counted } from '../text/count.ts';
import { cut } from '../text/cut.ts';
import { charactersPerToken } from '../text/estimate-tokens.ts';
import { fitting } from '../text/fitting.ts';
import { textPage } from '../text/text-page.ts';
import { project } from './params.ts';
import * as fields from './prompt-params.ts';
import { type Call, defineTool } from './tool.ts';

const noModel = 'none';
const agentName = 'prompt-improver';
/** What stands around the prompt and the lists, in characters. */
const overhead = 900;

const output = z.object({
  ...modelFields,
  prompt: z.string(),
  changes: z.array(z.string()),
  open_questions: z.array(z.string()),
  weaknesses: z.array(z.object({ name: z.string(), what: z.string(), fix: z.string() })),
});

export const improvePrompt = defineTool({
  name: 'improve_prompt',
  title: 'Improve prompt',
  description:
    'What is weak in a prompt, by a checklist, and with a model a better one that names the files it is about. ' +
    'Keeps nothing: save_prompt does.',
  toolset: 'prompts',
  effect: 'model',
  deadlineMs: deadlinesMs.modelTool,
  input: z.strictObject({
    prompt: z.string().max(100_000).optional().describe('Its text'),
    name: fields.reference.optional().describe('Or a saved one'),
    model: z.string().min(1).max(200).optional().describe('PROVIDER/MODEL, tier, "none"'),
    max_characters: z.int().min(6000).max(200_000).default(10_000).describe('Most, 6000 to 200000'),
    project,
  }),
  output,

  async run({ prompt, name, model: asked, max_characters: most, project: reference }, call) {
    const { agents, projects, job } = call;
    const found = await fields.projectOf(reference, projects);
    const text = await textOf({ prompt, name }, reference, call);
    const weaknesses = await findWeaknesses(text);
    const room = most - overhead - mostOfLists;
    const agent = agents.known().find((each) => each.name === agentName);
    const model = asked ?? (agent && agents.modelOf(agent));
    const { value, ...made } = await modelOrOffline<Improved>(
      job.signal,
      () => askModel({ agent, model, text, room, found, weaknesses: weaknesses.map(({ what }) => what) }, call),
      () => ({ prompt: text, changes: [], open_questions: [] }),
    );
    const lists = {
      changes: fitting(value.changes, mostOf.changes, 0),
      open_questions: fitting(value.open_questions, mostOf.questions, 0),
      weaknesses: fitting(weaknesses, mostOf.weaknesses, 0),
    };
    const shown = textPage(value.prompt, 0, room);
    const notes = [
      ...(made.note ? [cut(made.note, 300)] : []),
      ...(made.mode === 'model' ? doubtsOf(value.prompt, text) : []),
      ...(shown.end < value.prompt.length ? [cutNote(value.prompt.length, shown.end)] : []),
    ];
    const data = { ...made, prompt: shown.text, ...lists, ...(notes.length > 0 && { note: notes.join(' ') }) };
    return { data, text: describe(data) };
  },
});

/** In characters as JSON. */
const mostOf = { changes: 1000, questions: 700, weaknesses: 2500 };
const mostOfLists = mostOf.changes + mostOf.questions + mostOf.weaknesses;

/** What the author must know before keeping what a model wrote. */
function doubtsOf(improved: string, before: string): string[] {
  const made = completePrompt('improved', {}, improved);
  const lost = lostTags(before, improved);
  return [
    ...('fault' in made ? [`It cannot be saved as it is: ${cut(made.fault, 200)}.`] : []),
    ...(lost.length > 0 && !('fault' in made) ? [`It no longer has ${cut(lost.join(', '), 200)}.`] : []),
  ];
}

function cutNote(length: number, shown: number): string {
  return `The prompt is cut here: ${shown} of its ${length} characters. Do not save it so; ask with a larger max_characters.`;
}

type Improved = z.output<typeof outputs.prompt>;

async function textOf(
  { prompt, name }: { prompt?: string | undefined; name?: string | undefined },
  project: string | undefined,
  { library, job }: Call,
): Promise<string> {
  if (name !== undefined && prompt === undefined) return (await library.find(name, job, project)).prompt.document.body;
  if (prompt !== undefined && name === undefined && prompt.trim() !== '') return cleanText(prompt);
  throw new UserError('bad_input', 'Give the text as "prompt", or the "name" of a saved one.');
}

interface Asked {
  agent: Agent | undefined;
  model: string | undefined;
  text: string;
  /** In characters, for the better one. */
  room: number;
  found: Project | undefined;
  weaknesses: readonly string[];
}

const nobody = 'No model is set up for it, or none was wanted.';
/** Beside as many as the prompt itself may have. */
const spareTokens = 2000;
/** What is better may be longer. */
const growth = 1.3;
const suggested = 8;
/** Left for the way back. */
const marginMs = 3000;

/** One question, with the files that the prompt most likely speaks of. */
async function askModel(
  { agent, model, text, room, found, weaknesses }: Asked,
  { asker, caller, taskIndexer, job }: Call,
) {
  if (!agent || model === undefined || model === noModel) throw new UserError('unavailable', nobody);
  const needed = JSON.stringify(text).length * growth;
  // A paid answer must not be lost by a cut.
  if (needed > room)
    throw new UserError('limit', `It is long. Give max_characters ${roomier(needed)} for a better one.`);
  const begun = performance.now();
  const files = found ? await likelyFiles(text, found, { taskIndexer, job }) : [];
  const list = (title: string, items: readonly string[]) =>
    items.length > 0 ? `${title}:\n- ${items.join('\n- ')}` : '';
  const request = [
    `Prompt:\n${text}`,
    list('A checklist found', weaknesses),
    list('Files that it may speak of', files),
  ];
  const messages = [
    { role: 'system' as const, text: agent.instructions },
    { role: 'user' as const, text: request.filter((part) => part !== '').join('\n\n') },
  ];
  const withinMs = Math.max(1, job.budgetMs - (performance.now() - begun) - marginMs);
  const asking = {
    signal: job.signal,
    withinMs,
    purpose: agentName,
    actor: caller.source,
    ...(found && { project: found }),
  };
  const maxTokens = spareTokens + Math.ceil(text.length / charactersPerToken);
  const { value, ...rest } = await asker.askFor(outputs.prompt, { model, messages, maxTokens, files: [] }, asking);
  const [changes, questions] = [value.changes.map(cleanLine), value.open_questions.map(cleanLine)];
  return { ...rest, value: { prompt: cleanText(value.prompt), changes, open_questions: questions } };
}

function roomier(needed: number): number {
  return Math.ceil((needed + overhead + mostOfLists) / 1000) * 1000;
}

async function likelyFiles(text: string, root: Project, { taskIndexer, job }: Pick<Call, 'taskIndexer' | 'job'>) {
  const all = { limit: suggested, near: [], include: [], exclude: [] };
  const within = { ...job, budgetMs: job.budgetMs / 3 };
  const { files } = await taskIndexer.run('suggestFiles', { root, task: text.slice(0, 20_000), ...all }, within);
  return files.map(({ path }) => path);
}

function describe(data: z.input<typeof output>): string {
  const { mode, model, note, prompt, changes, open_questions: questions, weaknesses } = data;
  const list = (title: string, items: readonly string[]) =>
    items.length > 0 ? [title, ...items.map((each) => `- ${each}`)] : [];
  const found = weaknesses.map(({ name, what, fix }) => `${name}: ${what} ${fix}`);
  const head =
    weaknesses.length > 0
      ? `${counted(weaknesses.length, 'weakness', 'weaknesses')} of the prompt:`
      : 'The checklist finds nothing.';
  return [
    ...(weaknesses.length > 0 ? list(head, found) : [head]),
    ...['', mode === 'model' ? `Improved by ${model}:` : 'The prompt as it is:', prompt, ''],
    ...list('Changed:', changes),
    ...list('Open:', questions),
    ...(note ? [note] : []),
  ].join('\n');
}
