import * as z from 'zod';
import { findAgent, listAgents } from '../agents/project-agents.ts';
import { type ChatAuthor, conversationId, mainBranch, parseConversationId } from '../chats/chat.ts';
import { contextStrategies } from '../chats/context/context.ts';
import { titleOf } from '../chats/rows/title.ts';
import type { Turn } from '../chats/rows/turn-rows.ts';
import type { AnswerWish } from '../chats/turns/answer-turn.ts';
import type { DialogueCall, FoundQuestion, ToldTurn } from '../chats/turns/dialogue.ts';
import { findQuestion } from '../chats/turns/find-question.ts';
import { plainFile } from '../chats/turns/plain-file.ts';
import { deadlinesMs } from '../deadlines.ts';
import { UserError } from '../errors.ts';
import type { Project } from '../projects/registry.ts';
import type { JobCall } from '../projects/worker-job.ts';
import type { RunAbout } from '../runs/run.ts';
import { cut } from '../text/cut.ts';
import { asRun } from './as-run.ts';
import { attach, attachable } from './attach.ts';
import { authorOf, requestId } from './change-params.ts';
import * as fields from './chat-params.ts';
import { maxCharacters, project } from './params.ts';
import { type Call, defineTool } from './tool.ts';
import {
  describeLeft,
  maxTokens,
  showPreview,
  showTurn,
  spentBy,
  temperature,
  turnOutput,
  turnsThere,
} from './turn-params.ts';

const input = z.strictObject({
  text: fields.messageText.optional().describe('Default: the last, unanswered'),
  conversation: z.string().min(1).max(220).optional().describe('"C-3". Default: a new one'),
  branch: fields.branch,
  model: fields.model,
  agent: z.string().min(1).max(60).optional().describe('Answers with its tools'),
  ...attachable,
  temperature,
  max_tokens: maxTokens,
  stop: z.array(z.string().min(1).max(200)).max(4).optional().describe('Up to 4'),
  again: z.boolean().default(false).describe('Answer the last question anew'),
  continue_from: z.int().min(1).optional().describe('A cut answer'),
  overflow: z.enum(contextStrategies).default('auto').describe('If too long'),
  if_head: z.int().min(0).optional().describe('Last message you saw'),
  dry_run: z.boolean().default(false).describe('Only tell what would be sent'),
  stream: z.boolean().default(true).describe('Text as progress'),
  request_id: requestId,
  max_characters: maxCharacters,
  project,
});

type Input = z.output<typeof input>;

export const sendMessage = defineTool({
  name: 'send_message',
  title: 'Send message',
  description: 'Ask a model in a conversation, kept as a tree; without a model it stays unanswered.',
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
    if (asked.dry_run) return preview(asked, named?.number, found, call);
    const author = authorOf('send_message', meantOf(asked), call.caller);
    const { text, branch, model } = asked;
    const wanted = {
      ...{ ...(await wishOf(asked, found, call)), branch, ifHead: asked.if_head },
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
        turns: () => turnsThere(call.chats, found.id, begun),
        left: () => describeLeft(call.chats, found.id, begun),
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
  const { temperature, max_tokens, stop } = asked;
  const ofModels =
    asked.agent === undefined ? '' : namesOf({ temperature: temperature !== undefined, max_tokens, stop });
  if (ofModels !== '') {
    throw new UserError('bad_input', `${ofModels}: an agent has its own limits. Leave it out, or leave out "agent".`);
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

async function wishOf(asked: Input, found: Project, call: Call): Promise<AnswerWish> {
  const { model, temperature, stop, max_tokens: maxTokens, overflow: strategy, agent } = asked;
  return { model, temperature, stop, maxTokens, strategy, speaker: await findSpeaker(agent, found, call) };
}

/** What would be sent, of a message that is neither kept nor answered. */
async function preview(asked: Input, number: number | undefined, found: Project, call: Call) {
  const { text = '', branch, if_head: ifHead } = asked;
  const { question, continueFrom } =
    number === undefined
      ? { question: await questionOf(text, asked, found, call) }
      : await find(number, asked, found, call);
  const wish = { ...(await wishOf(asked, found, call)), continueFrom };
  const planned = { projectId: found.id, conversation: number, branch, ifHead, question, wish };
  return showPreview(planned, await call.dialogue.preview(planned, call.job.signal));
}

async function findSpeaker(reference: string | undefined, project: Project, call: Call) {
  if (reference === undefined) return undefined;
  const { agents, agentTools, workers, job } = call;
  const agent = findAgent(await listAgents(agents.known(), project, { workers, job }), reference);
  return { agent, tools: await agentTools(project), usualModel: agents.modelOf(agent) };
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

function turnCall({ signal, budgetMs, onProgress }: JobCall, isStreamed: boolean): DialogueCall {
  return {
    ...{ signal, withinMs: budgetMs },
    onProgress: (update) => {
      if (isStreamed || !update.isText) onProgress?.(update);
    },
  };
}

/** How an answer is shown is no part of what is asked. */
function meantOf({ max_characters: _, stream: __, dry_run: ___, ...meant }: Input) {
  return meant;
}
