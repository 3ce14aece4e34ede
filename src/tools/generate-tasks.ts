import * as z from 'zod';
import type { Agent } from '../agents/agent-file.ts';
import { outputs } from '../agents/outputs.ts';
import { deadlinesMs } from '../deadlines.ts';
import { UserError } from '../errors.ts';
import { modelFields, modelOrOffline } from '../models/model-or-offline.ts';
import { UnusableAnswer } from '../models/question.ts';
import { chooseTasks, type SplitTask, splitWork } from '../plans/split-work.ts';
import type { Project } from '../projects/registry.ts';
import { cleanLine, cleanText } from '../text/clean.ts';
import { counted } from '../text/count.ts';
import { cut } from '../text/cut.ts';
import { openItems } from '../tickets/acceptance.ts';
import { citeFiles } from '../tickets/cite.ts';
import { tasksOf } from '../tickets/tasks.ts';
import { type Author, type Ticket, ticketId } from '../tickets/ticket.ts';
import { asRun, type LongCall } from './as-run.ts';
import { authorOf, requestId } from './change-params.ts';
import { project } from './params.ts';
import * as fields from './ticket-params.ts';
import { type Call, defineTool } from './tool.ts';

const noModel = 'none';
const agentName = 'task-splitter';

const output = z.object({
  project: z.string(),
  id: z.string(),
  version: z.int(),
  run_id: z.string().optional(),
  ...modelFields,
  added: z.boolean(),
  tasks: z.array(
    z.object({ task: z.int(), title: z.string(), files: z.array(z.string()), depends_on: z.array(z.int()) }),
  ),
  left_out: z.array(z.string()).optional(),
});

const input = z.strictObject({
  ticket: fields.ticket,
  limit: z.int().min(1).max(30).default(10).describe('Most tasks'),
  model: z.string().min(1).max(200).optional().describe('PROVIDER/MODEL, tier, "none"'),
  dry_run: z.boolean().default(false).describe('Keep nothing'),
  request_id: requestId,
  project,
});

export const generateTasks = defineTool({
  name: 'generate_tasks',
  title: 'Generate tasks',
  description:
    'Add tasks to a ticket, besides those that it has: by a model, or from its overview, files and acceptance.',
  toolset: 'tickets',
  effect: 'model',
  deadlineMs: deadlinesMs.modelTool,
  input,
  output,

  async run(input, call) {
    const { project: found, number } = await fields.findTicket(input, call.projects);
    const { ticket } = await call.tickets.get(found.id, number, { history: 0 });
    const agent = call.agents.known().find(({ name }) => name === agentName);
    const model = input.model ?? (agent && call.agents.modelOf(agent)) ?? noModel;
    const author = authorOf('generate_tasks', input, call.caller);
    const id = ticketId(number);
    return asRun(
      {
        project: found,
        about: { tool: 'generate_tasks', task: `${id} ${ticket.document.title}`, paths: [], asked: model },
        do: (long) => split({ input, agent, model, ticket, found, author }, { ...call, ...long }),
        show: ({ ticket, ...rest }) => answer(ticket, rest),
        showGoing: (run) => ({ ...run, id, version: ticket.version, added: false, tasks: [] }),
        ...{ output, request: input.dry_run ? undefined : author.request },
      },
      call,
    );
  },
});

interface Splitting {
  input: z.output<typeof input>;
  agent: Agent | undefined;
  model: string;
  ticket: Ticket;
  found: Project;
  author: Author;
}

/** The tasks are added when they are ready, whoever waits for them. */
async function split({ input, agent, model, ticket, found, author }: Splitting, call: Call & LongCall) {
  const { limit, dry_run: isDry } = input;
  const work = await workOf(ticket, found, call);
  const { value, ...made } = await modelOrOffline<readonly SplitTask[]>(
    call.job.signal,
    () => askModel({ agent, model, work, ticket, found, limit }, call),
    () => splitWork(work),
  );
  const { tasks, leftOut } = chooseTasks(value, tasksOf(ticket.document), limit);
  const placed = await withPaths(tasks, { ...call, project: found });
  const first = ticket.document.next_part;
  const shown = placed.map((task, at) => ({
    ...{ task: first + at, title: task.title, files: task.files.map(({ path }) => path) },
    depends_on: task.depends_on.map((place) => first + place - 1),
  }));
  if (isDry || placed.length === 0) return { ticket, made, shown, leftOut, isAdded: false };
  const changes = placed.map(({ title, description, files }, at) => {
    return { title, files, dependsOn: shown[at]?.depends_on, ...(description && { description }) };
  });
  const changed = await call.tickets.update(
    found,
    ticket.number,
    { tasks: changes },
    { ifVersion: ticket.version },
    author,
  );
  return { ticket: changed, made, shown, leftOut, isAdded: true };
}

const suggested = 5;

/** What a ticket says; where it names no files, those that are most likely its own. */
async function workOf({ document }: Ticket, root: Project, { taskIndexer, job }: Pick<Call, 'taskIndexer' | 'job'>) {
  const { title, overview = '' } = document;
  const cited = document.files.map(({ path }) => path);
  const acceptance = openItems(document).map(({ text }) => text);
  if (cited.length > 0) return { title, overview, acceptance, files: cited };
  const question = {
    root,
    task: `${title}\n${overview}`.slice(0, 20_000),
    limit: suggested,
    near: [],
    include: [],
    exclude: [],
  };
  const found = await taskIndexer.run('suggestFiles', question, { ...job, budgetMs: deadlinesMs.tool });
  return { title, overview, acceptance, files: found.files.map(({ path }) => path) };
}

interface Asked {
  agent: Agent | undefined;
  model: string;
  work: Awaited<ReturnType<typeof workOf>>;
  ticket: Ticket;
  found: Project;
  limit: number;
}

const nobody = 'No model is set up for it, or none was wanted.';
const maxTokens = 3000;

async function askModel({ agent, model, work, ticket, found, limit }: Asked, call: Call & LongCall) {
  const { asker, models, caller, job } = call;
  if (!agent || model === noModel) throw new UserError('unavailable', nobody);
  const known = tasksOf(ticket.document).map(({ title }) => title);
  const lists = { Files: work.files, 'To be shown': work.acceptance, 'Tasks that it has': known };
  const parts = Object.entries(lists).map(([title, items]) =>
    items.length > 0 ? `${title}:\n${items.map((each) => `- ${each}`).join('\n')}` : '',
  );
  const request = [`Ticket: ${work.title}`, work.overview, ...parts, `At most ${limit} tasks, none that it has.`];
  const messages = [
    { role: 'system' as const, text: agent.instructions },
    { role: 'user' as const, text: request.filter((part) => part !== '').join('\n\n') },
  ];
  const question = { model, messages, maxTokens, files: [] };
  models.named(model); // where there is none, nothing is begun
  const within = { signal: job.signal, withinMs: job.budgetMs };
  const asked = { ...within, purpose: agentName, actor: caller.source, project: found, runId: await call.beginRun() };
  const { value, ...rest } = await asker.askFor(outputs.tasks, question, asked);
  const tasks = value.tasks.map(cleaned);
  const namesNone = tasks.every(({ title }) => title === '');
  if (namesNone && known.length === 0) throw new UnusableAnswer(`${rest.model} named no task.`);
  return { ...rest, value: tasks };
}

/** A model's words go into a ticket as a caller's do. */
function cleaned({ title, description, files, depends_on }: SplitTask): SplitTask {
  const paths = files.map((path) => cleanLine(path).replace(/\s*\(new\)$/, ''));
  return {
    title: cut(cleanLine(title), 300),
    description: cut(cleanText(description), 10_000),
    files: paths,
    depends_on,
  };
}

const maxFiles = 20;

/** With their files as they are; what leaves the project, or cannot be named, is left out. */
async function withPaths(tasks: readonly SplitTask[], reading: Parameters<typeof citeFiles>[1]) {
  const cite = async (path: string) => {
    try {
      return await citeFiles([path], reading);
    } catch (error) {
      if (error instanceof UserError) return [];
      throw error;
    }
  };
  return Promise.all(
    tasks.map(async (task) => ({
      ...task,
      files: (await Promise.all(task.files.slice(0, maxFiles).map(cite))).flat(),
    })),
  );
}

interface Result {
  made: { mode: 'model' | 'offline'; model?: string; note?: string };
  shown: z.input<typeof output>['tasks'];
  leftOut: readonly string[];
  isAdded: boolean;
}

const maxTitle = 200;

function answer({ projectId, number, version }: Ticket, { made, shown, leftOut, isAdded }: Result) {
  const tasks = shown.map((task) => ({ ...task, title: cut(task.title, maxTitle), files: task.files.slice(0, 5) }));
  const left = leftOut.slice(0, 10).map((title) => cut(title, 80));
  const data = {
    ...{ project: projectId, id: ticketId(number), version, ...made, added: isAdded, tasks },
    ...(left.length > 0 && { left_out: left }),
  };
  const head = isAdded ? `Added ${counted(tasks.length, 'task')} to` : `${counted(tasks.length, 'task')} for`;
  const text = [
    `${head} ${data.id} in ${projectId} (version ${version}; ${made.model ?? made.mode}):`,
    ...tasks.map(({ task, title, files, depends_on }) => {
      const notes = [...(depends_on.length > 0 ? [`after ${depends_on.join(', ')}`] : []), ...files];
      return `${task} ${title}${notes.length > 0 ? ` (${notes.join('; ')})` : ''}`;
    }),
    ...(left.length > 0 ? [`Left out, as repeats or beyond the limit: ${left.join('; ')}`] : []),
    ...(made.note === undefined ? [] : [made.note]),
  ].join('\n');
  return { data, text };
}
