import * as z from 'zod';
import { type ChatAuthor, conversationId, mainBranch, parseConversationId } from '../chats/chat.ts';
import { contextStrategies } from '../chats/context.ts';
import type { DialogueCall, FoundQuestion, ToldTurn } from '../chats/dialogue.ts';
import { findQuestion } from '../chats/find-question.ts';
import { titleOf } from '../chats/title.ts';
import type { Turn } from '../chats/turn-rows.ts';
import { deadlinesMs } from '../deadlines.ts';
import { UserError } from '../errors.ts';
import type { SentFile } from '../models/question.ts';
import type { Project } from '../projects/registry.ts';
import type { JobCall } from '../projects/worker-job.ts';
import type { RunAbout } from '../runs/run.ts';
import { cleanText } from '../text/clean.ts';
import { cut } from '../text/cut.ts';
import { asRun } from './as-run.ts';
import { attach, attachable } from './attach.ts';
import { authorOf, requestId } from './change-params.ts';
import * as fields from './chat-params.ts';
import { maxCharacters, project } from './params.ts';
import { type Call, defineTool } from './tool.ts';
import { describeLeft, maxTokens, showTurn, spentBy, temperature, turnOutput } from './turn-params.ts';

const input = z.strictObject({
  text: z
    .string()
    .max(1_000_000)
    .transform(cleanText)
    .pipe(z.string().min(1))
    .optional()
    .describe('Default: the last, unanswered'),
  conversation: z.string().min(1).max(220).optional().describe('"C-3". Default: a new one'),
  branch: fields.branch,
  model: fields.model.describe('PROVIDER/MODEL or tier. Default: of the branch'),
  ...attachable,
  temperature,
  max_tokens: maxTokens,
  stop: z.array(z.string().min(1).max(200)).max(4).optional().describe('End the answer; up to 4'),
  again: z.boolean().default(false).describe('Answer the last question anew'),
  continue_from: z.int().min(1).optional().describe('Number of a cut answer'),
  overflow: z.enum(contextStrategies).default('auto').describe('If too long'),
  if_head: z.int().min(0).optional().describe('Last message you saw'),
  stream: z.boolean().default(true).describe('Text as progress'),
  request_id: requestId.describe('The same gives the same turn'),
  max_characters: maxCharacters,
  project,
});

type Input = z.output<typeof input>;

export const sendMessage = defineTool({
  name: 'send_message',
  title: 'Send message',
  description: 'Ask a model in a conversation, which is kept as a tree. Without a model it is kept unanswered.',
  toolset: 'chat',
  effect: 'model',
  deadlineMs: deadlinesMs.modelTool,
  input,
  output: turnOutput,

  async run(asked, call) {
    const { dialogue, projects } = call;
    const named = asked.conversation === undefined ? undefined : parseConversationId(asked.conversation);
    refuseUnfit(asked);
    const found = await projects.findKept(named?.project ?? asked.project);
    const author = authorOf('send_message', meantOf(asked), call.caller);
    const { text, branch, model, temperature, stop } = asked;
    const wanted = {
      ...{ branch, model, temperature, stop },
      ...{ maxTokens: asked.max_tokens, ifHead: asked.if_head, strategy: asked.overflow },
      find: (earlier: Turn | undefined) => {
        if (earlier) return findAgain(earlier, asked, found, call);
        return named ? find(named.number, asked, found, call) : begin(text ?? '', asked, author, found, call);
      },
    };
    let number = named?.number;
    let begun: RunAbout['turns'];
    const onTurn = (turn: Turn) => {
      number = turn.conversation;
      begun = { conversation: turn.conversation, ids: [turn.id] };
    };
    return asRun(
      {
        ...{ project: found, spent: (told: ToldTurn) => spentBy([told]) },
        about: { tool: 'send_message', task: cut(text ?? 'the last message', maxTask), paths: [], asked: model ?? '' },
        do: (long) => dialogue.send(found, wanted, author, { ...turnCall(long.job, asked.stream), onTurn }),
        ...{ turns: () => begun, left: () => describeLeft(call.chats, found.id, begun) },
        show: (told) => showTurn(told, asked.max_characters),
        showGoing: (run) => ({ ...run, ...(number !== undefined && { conversation: conversationId(number) }) }),
        output: turnOutput,
      },
      call,
    );
  },
});

const maxTask = 1000;

/** What goes with a text makes no sense without one, and what is of a conversation none where there is none yet. */
function refuseUnfit(asked: Input): void {
  const { text, conversation, files, ticket, plan, prompt, again, branch } = asked;
  const attached = {
    files: files.length > 0,
    ticket,
    plan,
    prompt,
    arguments: Object.keys(asked.arguments).length > 0,
  };
  const left = namesOf(attached);
  if (text === undefined && left !== '') {
    throw new UserError('bad_input', `${left}: goes with a new message only. Give "text" too.`);
  }
  if (conversation !== undefined) return;
  if (text === undefined) {
    throw new UserError('bad_input', 'Give "text" to begin a conversation, or "conversation" to go on with one.');
  }
  const hasBranch = branch !== undefined && branch !== mainBranch;
  const ofOne = namesOf({ again, continue_from: asked.continue_from, branch: hasBranch, if_head: asked.if_head });
  if (ofOne !== '') {
    throw new UserError(
      'bad_input',
      `${ofOne}: a new conversation has no message and one branch. Give "conversation".`,
    );
  }
}

function namesOf(fields: Readonly<Record<string, unknown>>): string {
  return Object.entries(fields)
    .flatMap(([name, value]) => (value ? JSON.stringify(name) : []))
    .join(', ');
}

/** What is to be answered, with all that is attached to it. */
async function find(number: number, asked: Input, project: Project, call: Call): Promise<FoundQuestion> {
  const { text, branch, again, continue_from: continueFrom } = asked;
  const found = await findQuestion(call.chats, project.id, number, { text, branch, again, continueFrom });
  return text === undefined ? found : { ...found, question: await questionOf(text, asked, project, call) };
}

/** The question of an attempt that came to nothing; what was to be gone on with is gone on with again. */
async function findAgain(earlier: Turn, asked: Input, project: Project, call: Call): Promise<FoundQuestion> {
  const { conversation, question } = earlier;
  if (asked.continue_from !== undefined) return find(conversation, asked, project, call);
  return { conversation, question: { message: question } };
}

/** The conversation that a message begins, under a title of its first words, once all that it names is there. */
async function begin(
  text: string,
  asked: Input,
  { source, request }: ChatAuthor,
  project: Project,
  call: Call,
): Promise<FoundQuestion> {
  const question = await questionOf(text, asked, project, call);
  const own = request && { ...request, id: `${request.id}~begin` };
  const wanted = { title: titleOf(text), model: asked.model };
  const { number } = await call.chats.create(project, wanted, { source, request: own });
  return { conversation: number, question };
}

async function questionOf(text: string, asked: Input, project: Project, call: Call) {
  const { dialogue, job } = call;
  const attached = await attach(text, asked, { project, model: asked.model, job }, call);
  const details = attached.files.length > 0 ? { details: { files: attached.files.map(plainFile) } } : {};
  return { text: dialogue.withMaterial(attached.text, attached.parts), ...details };
}

function plainFile({ ranges, ...file }: SentFile) {
  return { ...file, ...(ranges && { ranges: [...ranges] }) };
}

function turnCall({ signal, budgetMs, onProgress }: JobCall, isStreamed: boolean): DialogueCall {
  return {
    ...{ signal, withinMs: budgetMs },
    onProgress: (update) => {
      if (isStreamed || !update.isText) onProgress?.(update);
    },
  };
}

/** How an answer is shown is no part of what is asked. */
function meantOf({ max_characters: _, stream: __, ...meant }: Input) {
  return meant;
}
