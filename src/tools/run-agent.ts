import * as z from 'zod';
import { type Agent, type AgentLimits, agentReference } from '../agents/agent-file.ts';
import { answerOffline } from '../agents/offline.ts';
import { findAgent, listAgents } from '../agents/project-agents.ts';
import { deadlinesMs } from '../deadlines.ts';
import type { Project } from '../projects/registry.ts';
import { describeRun, describeStep, noteOf, type RunView, viewRun } from '../runs/run-view.ts';
import { shrink } from '../runs/shrink.ts';
import { project } from './params.ts';
import { endsWithin, goesOn, runOutput, waitFor } from './run-params.ts';
import { type Call, defineTool } from './tool.ts';

const maxCharacters = 9500;
const maxOffline = 6000;

const input = z.strictObject({
  agent: z
    .string()
    .min(1)
    .max(60)
    .describe(
      'researcher, file-finder, summarizer, planner, ticket-writer, task-splitter, reviewer, prompt-improver, ' +
        "commit-message, the user's, or project/NAME of .octant/agents",
    ),
  task: z.string().min(1).max(100_000).describe('All that it must know, a diff too'),
  paths: z.array(z.string().min(1).max(1100)).max(100).default([]).describe('Files or folders it is about'),
  model: z.string().min(1).max(200).optional().describe('PROVIDER/MODEL or tier'),
  wait: waitFor(45),
  max_steps: z.int().min(1).max(60).optional().describe('1 to 60'),
  max_tokens: z.int().min(1000).max(5_000_000).optional().describe('1000 to 5000000'),
  max_cost: z.number().positive().max(1000).optional().describe('US dollars'),
  max_seconds: z.int().min(5).max(3600).optional().describe('5 to 3600'),
  project,
});

type Input = z.output<typeof input>;

export const runAgent = defineTool({
  name: 'run_agent',
  title: 'Run agent',
  description:
    'Give a task to an agent, which reads the project with a model and answers in the form of its kind. What takes longer than ' +
    'wait goes on: see get_run. Without a model: what is known of the task.',
  toolset: 'agents',
  effect: 'model',
  deadlineMs: deadlinesMs.modelTool,
  input,
  output: z.looseObject(runOutput),

  async run(asked, call) {
    const { agents, projects, workers, job } = call;
    const found = await projects.find(asked.project);
    const agent = findAgent(await listAgents(agents.known(), found, { workers, job }), asked.agent);
    const model = asked.model ?? agents.modelOf(agent);
    const view =
      model === undefined ? await offline(agent, asked, found, call) : await online(agent, model, asked, call);
    return { data: { ...view }, text: describeRun(view) };
  },
});

const noModel =
  'No model is set up for agents. The operator sets one with --models medium=PROVIDER/MODEL; list_models shows what there is.';

async function offline(
  agent: Agent,
  { task, paths }: Input,
  found: Project,
  { agentTools, job }: Call,
): Promise<RunView> {
  const { result, notes } = await answerOffline(agent.output, { task, paths }, await agentTools(found), job.signal);
  return {
    ...{ project: found.id, agent: agentReference(agent), status: 'done', mode: 'offline' },
    ...{ result: shrink(result, maxOffline).value, ...noteOf([...notes, noModel]), steps: [] },
  };
}

async function online(agent: Agent, model: string, asked: Input, call: Call): Promise<RunView> {
  const { agents, projects, caller, job, agentTools } = call;
  const found = await projects.findKept(asked.project);
  const { task, paths } = asked;
  const started = await agents.start({
    ...{ agent, task, paths, model, project: found, by: caller.source, tools: await agentTools(found) },
    limits: limitsOf(agent, asked),
    onStep: (step, number) => job.onProgress?.({ done: number, message: describeStep(step) }),
  });
  const { run, ended, cancel } = started;
  // Who cancels before the answer ends the run; who has been answered has left it to itself.
  const isOver = await endsWithin(ended, asked.wait * 1000, { signal: job.signal, cancel });
  return isOver ? viewRun(await ended, maxCharacters) : { ...viewRun(run, maxCharacters), note: goesOn(run) };
}

function limitsOf({ limits }: Agent, asked: Input): AgentLimits {
  const cost = asked.max_cost ?? limits.cost;
  return {
    steps: asked.max_steps ?? limits.steps,
    tokens: asked.max_tokens ?? limits.tokens,
    seconds: asked.max_seconds ?? limits.seconds,
    ...(cost !== undefined && { cost }),
  };
}
