import * as z from 'zod';
import { type Merge, type MergePlan, mergeStrategies } from '../chats/changes/merge.ts';
import { conversationId } from '../chats/chat.ts';
import { describeMessage, endOf, messageView } from '../chats/looks/view.ts';
import { deadlinesMs } from '../deadlines.ts';
import { type Made, modelFields, modelOrOffline } from '../models/model-or-offline.ts';
import type { Project } from '../projects/registry.ts';
import { NoModel } from '../providers/models.ts';
import { cleanText } from '../text/clean.ts';
import { counted } from '../text/count.ts';
import { fitting } from '../text/fitting.ts';
import { authorOf, requestId } from './change-params.ts';
import * as fields from './chat-params.ts';
import { project } from './params.ts';
import { type Call, defineTool } from './tool.ts';

export const mergeBranch = defineTool({
  name: 'merge_branch',
  title: 'Merge branch',
  description:
    'Bring what a branch has found into another. pick copies messages (default: the last answer), replay all of them, adopt ' +
    'lets the target go on where the source ends, fast-forward does so where the target has nothing of its own, summary has a ' +
    'model tell what was found; where none is set up it picks.',
  toolset: 'chat',
  effect: 'model',
  deadlineMs: deadlinesMs.modelTool,
  input: z.strictObject({
    conversation: fields.conversation,
    source: fields.branchName.describe('Branch to take from'),
    target: fields.branch,
    strategy: z.enum(mergeStrategies).optional().describe('Default: fast-forward where it can be, else pick'),
    messages: fields.messages.optional().describe('Which, for pick'),
    model: fields.model.describe('For a summary'),
    focus: z.string().max(2000).default('').transform(cleanText).describe('Of a summary'),
    keep_source: z.boolean().default(true).describe('false deletes it'),
    dry_run: z.boolean().default(false).describe('Only tell what would be'),
    if_head: fields.ifHead,
    if_source_head: fields.ifHead,
    request_id: requestId,
    project,
  }),
  output: z.looseObject({
    project: z.string(),
    id: z.string(),
    ...modelFields,
    strategy: z.string(),
    source: z.string(),
    target: z.string(),
    head: z.int(),
    is_new: z.boolean(),
  }),

  async run(input, call) {
    const { projects, chats, caller } = call;
    const { project: found, number } = await fields.findForChange(input, { projects, chats });
    const { source, target, strategy, messages, keep_source: keepSource } = input;
    const heads = { ifHead: input.if_head, ifSourceHead: input.if_source_head };
    const merge = { source, target, strategy, messages, keepSource, ...heads };
    const id = conversationId(number);
    if (input.dry_run) return preview(found.id, id, await chats.mergePlan(found.id, number, merge));
    const author = authorOf('merge_branch', input, caller);
    const isSummary = strategy === 'summary';
    const told = isSummary ? await summarized(found, number, merge, input, call) : { merge, made: byHand };
    if ('failed' in told) return unmerged(found.id, id, told.failed, told.why);
    const done = await chats.merge(found, number, told.merge, author);
    const { projectId, number: _, ...rest } = done;
    const [from, to] = [JSON.stringify(done.source), JSON.stringify(done.target)];
    const what = done.messages.length > 0 ? counted(done.messages.length, 'message') : counted(done.count, 'message');
    const text = done.is_new
      ? `${from} is merged into ${to} of ${id} (${done.strategy}, ${what}), which ends at #${done.head} now.${fields.keptWords(done.kept)}`
      : `${from} has nothing that ${to} of ${id} has not; nothing was changed.`;
    const data = { project: projectId, id, ...told.made, ...rest };
    return { data, text: [text, told.made.note].filter(Boolean).join(' ') };
  },
});

const byHand = { mode: 'offline' as const, note: undefined };

type Input = { model?: string | undefined; focus: string };

/** What is to be merged, and how it came about; or the plan of what could not be, and why. */
type Summarized =
  | { merge: Merge; made: Omit<Made<string>, 'value'> | typeof byHand }
  | { failed: MergePlan; why: string };

/**
 * With the text of a model, of both branches as they were when it was asked; where there is no model the last answer is
 * picked, and where one has failed, nothing is merged.
 */
async function summarized(
  found: Project,
  number: number,
  merge: Merge,
  { model, focus }: Input,
  call: Call,
): Promise<Summarized> {
  const { chats, dialogue, caller, job } = call;
  const plan = await chats.mergePlan(found.id, number, merge);
  const { messages, source, target, isNew } = plan;
  if (!isNew) return { merge, made: byHand };
  const within = { signal: job.signal, withinMs: job.budgetMs - marginMs };
  let hasModel = true;
  const ask = () =>
    dialogue.tellOther(found, { messages, focus, model }, { source: caller.source }, within).catch((error) => {
      hasModel = !(error instanceof NoModel);
      throw error;
    });
  const { value, ...made } = await modelOrOffline(job.signal, ask, () => '');
  if (made.mode === 'offline' && hasModel)
    return { failed: plan, why: made.note.replace('Made without a model: ', '') };
  if (made.mode === 'offline') return { merge: { ...merge, strategy: 'pick' as const }, made };
  const heads = { ifHead: target.head ?? 0, ifSourceHead: source.head ?? 0 };
  return { merge: { ...merge, ...heads, text: value, model: made.model }, made };
}

function unmerged(project: string, id: string, { source, target, count }: MergePlan, why: string) {
  const note = `${why} "strategy": "pick" takes the last answer over without a model.`;
  const data = {
    ...{ project, id, mode: 'offline' as const, note, strategy: 'summary', source: source.name, target: target.name },
    ...{ head: target.head ?? 0, count, messages: [], is_new: false },
  };
  return { data, text: `Nothing was changed. ${note}` };
}

/** For the merge itself. */
const marginMs = 3000;

const maxCharacters = 8000;

function preview(project: string, id: string, { strategy, source, target, messages, count, isNew, base }: MergePlan) {
  const shown = fitting(
    messages.map((message) => messageView(message, 500)),
    maxCharacters,
  );
  const tokens = messages.reduce((sum, message) => sum + message.tokens, 0);
  const data = {
    ...{
      project,
      id,
      mode: 'offline' as const,
      strategy,
      source: source.name,
      target: target.name,
      head: target.head ?? 0,
      is_new: isNew,
    },
    ...{ dry_run: true, count, tokens, messages: shown, ...(base !== undefined && { base }) },
  };
  const what = isNew
    ? `${strategy} would bring ${counted(messages.length > 0 ? messages.length : count, 'message')} over, ${counted(tokens, 'token')} copied`
    : 'there is nothing new to merge';
  const ends = `${endOf(source)}, ${endOf(target)}, shared up to #${base ?? 0}`;
  return { data, text: [`${id}: ${what}. ${ends}.`, ...shown.map(describeMessage)].join('\n') };
}
