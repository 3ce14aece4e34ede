import { UserError } from '../errors.ts';
import type { RunControl, Runner, RunOutcome, StartedRun } from '../runs/runner.ts';
import { cleanFields, cleanText } from '../text/clean.ts';
import { cut } from '../text/cut.ts';
import type { Agent, AgentLimits } from './agent-file.ts';
import { agentReference } from './agent-file.ts';
import { type Allowance, createAllowance } from './allowance.ts';
import { confirmPaths } from './confirm-paths.ts';
import type { LoopEnd, Step } from './loop.ts';
import { answerOffline } from './offline.ts';
import type { AgentResult } from './outputs.ts';
import { type Spoken, speak, type Talk } from './talk.ts';
import { doWork, modelOf, type Work, type WorkServices } from './work.ts';

/** Runs agents in this process. */
export interface Agents {
  /** Those that come with Octant, and the user's own. */
  known(): readonly Agent[];
  /** The model that an agent gets where nobody names one; undefined where no tier has any. */
  modelOf(agent: Agent): string | undefined;
  /** As a run. @throws UserError as `Runner.start` */
  start(request: AgentRequest): Promise<StartedRun>;
  /** Has one answer in a conversation, within the limits of its file. @throws as `runLoop` */
  speak(request: TalkRequest): Promise<Spoken>;
}

export type TalkRequest = Omit<Talk, 'allowance' | 'runId'> & { withinMs: number };

export type AgentRequest = Pick<Work, 'agent' | 'task' | 'paths' | 'model' | 'project' | 'by' | 'tools'> & {
  limits: AgentLimits;
  onStep(step: Step, number: number): void;
};

const maxPartial = 20_000;

export function createAgents(services: WorkServices & { runner: Runner }): Agents {
  const { asker, known, tiers, runner } = services;

  return {
    known,

    modelOf: (agent) => modelOf(agent, tiers),

    start({ limits, ...request }) {
      const { agent, task, paths, model, by, project } = request;
      const about = { tool: 'run_agent', agent: agentReference(agent), task, paths: [...paths], asked: model, by };
      return runner.start({ project, about, work: (control) => run(request, limits, control) });
    },

    speak({ withinMs, ...request }) {
      const { limits } = request.agent;
      const seconds = Math.min(limits.seconds, withinMs / 1000);
      return speak({ ...request, allowance: allow({ ...limits, seconds }) }, services);
    },
  };

  function allow(limits: AgentLimits): Allowance {
    return createAllowance(limits, asker.budget({ tokens: limits.tokens, cost: limits.cost }));
  }

  async function run(request: Omit<AgentRequest, 'limits'>, limits: AgentLimits, { id, signal, note }: RunControl) {
    const steps: Step[] = [];
    const onStep = (step: Step) => {
      steps.push(step);
      note({ steps: [...steps], model: step.model });
      request.onStep(step, steps.length);
    };
    const allowance = allow(limits);
    const work = { ...request, runId: id, allowance, signal, onStep };
    try {
      const end = await doWork(work, services).catch(asEnd);
      return end.end === 'done' ? await confirmed(end.result, work) : await withoutModel(end, work);
    } finally {
      note({ spent: allowance.budget.spent() });
    }
  }
}

/** An unknown model, or a store that cannot be reached. */
function asEnd(error: unknown): LoopEnd<never> {
  if (error instanceof UserError) return { end: 'failed', why: error.message, text: '' };
  throw error;
}

/** Paths that a model names are looked for: it may have made them up. */
async function confirmed(result: AgentResult, { tools, signal }: Work): Promise<RunOutcome> {
  const { kept, notes } = await confirmPaths(result, tools, signal);
  return { status: 'done', mode: 'model', result: cleanFields(kept), notes };
}

/** The result that is to be had without one, with what it wrote last. */
async function withoutModel(
  { end, why, text }: Exclude<LoopEnd<AgentResult>, { end: 'done' }>,
  { agent, tools, signal, ...task }: Work,
): Promise<RunOutcome> {
  const { result, notes } = await answerOffline(agent.output, task, tools, signal);
  const partial = text && { partial: cut(cleanText(text), maxPartial) };
  return { status: end, mode: 'offline', result, notes: [why, ...notes], ...partial };
}
