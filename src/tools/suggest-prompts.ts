import * as z from 'zod';
import { mostOfferedPrompts } from '../library/prompt-ranker.ts';
import { type RankedPrompt, rankPrompts } from '../library/rank-prompts.ts';
import { modelFields, modelOrOffline } from '../models/model-or-offline.ts';
import { counted } from '../text/count.ts';
import { cut } from '../text/cut.ts';
import { project } from './params.ts';
import * as fields from './prompt-params.ts';
import { defineTool } from './tool.ts';

const noModel = 'none';

const output = z.object({
  ...modelFields,
  prompts: z.array(
    z.object({
      name: z.string(),
      description: z.string(),
      arguments: z.array(z.string()),
      score: z.number(),
      why: z.array(z.string()),
    }),
  ),
});

export const suggestPrompts = defineTool({
  name: 'suggest_prompts',
  title: 'Suggest prompts',
  description: 'The saved prompts that fit a task, best first, with why. Use one with render_prompt.',
  toolset: 'prompts',
  effect: 'ask',
  input: z.strictObject({
    task: z.string().min(1).describe('What is to be done'),
    limit: z.int().min(1).max(20).default(5).describe('1 to 20'),
    model: z.string().min(1).max(200).default(noModel).describe('PROVIDER/MODEL or tier, to choose among the best'),
    project,
  }),
  output,

  async run({ task, limit, model, project: asked }, { library, promptRanker, projects, caller, job }) {
    const found = await fields.projectToRead(asked, projects);
    const list = await library.list(found, job);
    const { isComplete } = list;
    const most = model === noModel ? limit : mostOfferedPrompts;
    const ranked = await rankPrompts(task.slice(0, maxTask), library.read(list, list.prompts), most);
    if (model === noModel || ranked.length === 0)
      return answer(ranked, { mode: 'offline', ...(!isComplete && { note: withoutStore }) });
    const question = { project: found, task, prompts: ranked, model, actor: caller.source };
    const { value, ...made } = await modelOrOffline(
      job.signal,
      () => promptRanker.rank(question, job),
      () => ranked,
    );
    const note = [made.note, isComplete ? undefined : withoutStore].filter(Boolean).join(' ');
    return answer(value.slice(0, limit), { ...made, ...(note && { note }) });
  },
});

/** More says nothing new. */
const maxTask = 20_000;

type Made = Pick<z.input<typeof output>, 'mode' | 'model' | 'note'>;

function answer(ranked: readonly RankedPrompt[], made: Made) {
  const shown = ranked.map(({ prompt: { reference, head }, score, why }) => ({
    ...{ name: reference, description: cut(head.description, 160), score, why: why.map((each) => cut(each, 160)) },
    arguments: head.arguments.map(({ name, required }) => (required ? name : `${name}?`)),
  }));
  const lines = shown.map(({ name, description, score, why, arguments: takes }) => {
    return `${name} (${score}): ${description}${takes.length > 0 ? ` Takes ${takes.join(', ')}.` : ''} ${why.join('; ')}`;
  });
  const head = shown.length > 0 ? `${counted(shown.length, 'prompt')}, best first (${made.model ?? made.mode}):` : none;
  return { data: { ...made, prompts: shown }, text: [head, ...lines, made.note ?? ''].filter(Boolean).join('\n') };
}

const withoutStore = 'The store cannot be reached: its prompts are not among these.';
const none = 'No saved prompt has anything of this task. list_prompts has them all.';
