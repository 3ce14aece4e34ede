import { setTimeout as delay } from 'node:timers/promises';
import { UserError } from '../errors.ts';
import { reportIncident } from '../incident.ts';
import type { Log } from '../log.ts';
import { cleanFields, cleanText } from '../text/clean.ts';
import { cut } from '../text/cut.ts';
import type { Agent, AgentLimits } from './agent-file.ts';
import { agentReference } from './agent-file.ts';
import { createAllowance } from './allowance.ts';
import { confirmPaths } from './confirm-paths.ts';
import type { LoopEnd, Step } from './loop.ts';
import { answerOffline } from './offline.ts';
import type { AgentResult } from './outputs.ts';
import { beatMs, type Run, type RunDocument, type RunStatus } from './run.ts';
import type { Runs } from './runs.ts';
import { doWork, modelOf, type Work, type WorkServices } from './work.ts';

/** Runs agents in this process. */
export interface Agents {
  /** Those that come with Octant, and the user's own. */
  known: readonly Agent[];
  /** The model that an agent gets where nobody names one; undefined where no tier has any. */
  modelOf(agent: Agent): string | undefined;
  /**
   * Writes the run down and begins. It goes on until it ends or is cancelled, whoever listens.
   *
   * @throws UserError `limit` where too many go on here already
   */
  start(request: RunRequest): Promise<StartedRun>;
  /** Ends all that runs. */
  close(): Promise<void>;
}

export type RunRequest = Pick<Work, 'agent' | 'task' | 'paths' | 'model' | 'project' | 'by' | 'tools'> & {
  limits: AgentLimits;
  onStep(step: Step, number: number): void;
};

export interface StartedRun {
  run: Run;
  ended: Promise<Run>;
  cancel(): void;
}

interface Active {
  run: Run;
  controller: AbortController;
  ended: Promise<unknown>;
}

type End = Exclude<RunStatus, 'running'>;

const closeMs = 3000;
const mostActive = 16;
const maxPartial = 20_000;
/** Reasons for which a run is ended from outside. */
const cancelled = new Error('the run was cancelled');
const shutDown = new Error('the server ends');

export function createAgents(services: WorkServices & { runs: Runs; log: Log }): Agents {
  const { runs, log, asker, known, tiers } = services;
  const active = new Map<string, Active>();
  let starting = 0;
  let stopWatching: (() => void) | undefined;
  let beat: NodeJS.Timeout | undefined;

  return {
    known,

    modelOf: (agent) => modelOf(agent, tiers),

    async start(request) {
      if (active.size + starting >= mostActive) {
        throw new UserError(
          'limit',
          `${mostActive} runs are going on in this server. Wait for one of them with get_run, or cancel it.`,
        );
      }
      starting++;
      try {
        const run = await runs.begin(request.project, newDocument(request));
        const controller = new AbortController();
        const ended = work(run, request, controller.signal).finally(() => drop(run.id));
        keep({ run, controller, ended });
        return { run, ended, cancel: () => controller.abort(cancelled) };
      } finally {
        starting--;
      }
    },

    async close() {
      for (const { controller } of active.values()) controller.abort(shutDown);
      const all = [...active.values()].map(({ ended }) => ended);
      await Promise.race([Promise.allSettled(all), delay(closeMs, undefined, { ref: false })]);
    },
  };

  async function work(run: Run, request: RunRequest, signal: AbortSignal): Promise<Run> {
    const document: RunDocument = { ...run.document };
    let writing = Promise.resolve();
    const onStep = (step: Step) => {
      document.steps = [...document.steps, step];
      document.model = step.model;
      request.onStep(step, document.steps.length);
      const snapshot = { ...document };
      writing = writing.then(() => runs.save(run, snapshot)).catch(note('a step of a run was not kept'));
    };
    const { limits, ...rest } = request;
    const budget = asker.budget({ tokens: limits.tokens, cost: limits.cost });
    const allowance = createAllowance(limits, budget);
    const task = { ...rest, runId: run.id, allowance, signal, onStep };
    const { status, ...outcome } = await settle(async () => {
      const end = await doWork(task, services).catch(asEnd);
      return end.end === 'done' ? confirmed(end.result, task) : withoutModel(end, task);
    }, task);
    const last = { ...document, ...outcome, spent: budget.spent() };
    await writing;
    await runs.end(run, status, last).catch(note('the end of a run was not kept'));
    return { ...run, status, document: last };
  }

  /** Whatever happens becomes an end of the run: nobody may be there to hear of an error. */
  async function settle(run: () => Promise<Outcome>, task: Pick<Work, 'agent' | 'signal'>): Promise<Outcome> {
    try {
      return await run();
    } catch (error) {
      if (task.signal.aborted)
        return { status: task.signal.reason === shutDown ? 'interrupted' : 'cancelled', notes: [] };
      return { status: 'failed', notes: [reportIncident(error, log, `the agent ${task.agent.name}`)] };
    }
  }

  function keep(entry: Active) {
    active.set(entry.run.id, entry);
    beat ??= setInterval(() => {
      runs.beat([...active.keys()]).catch(note('no sign of life was given'));
      endCancelled();
    }, beatMs).unref();
    stopWatching ??= runs.watch((id) => active.has(id), endCancelled);
  }

  function drop(id: string) {
    active.delete(id);
    if (active.size > 0) return;
    clearInterval(beat);
    stopWatching?.();
    [beat, stopWatching] = [undefined, undefined];
  }

  function endCancelled() {
    if (active.size === 0) return;
    runs.cancelled([...active.keys()]).then((ids) => {
      for (const id of ids) active.get(id)?.controller.abort(cancelled);
    }, note('whether runs are cancelled is not known'));
  }

  function note(message: string) {
    return (error: unknown) => log.warn({ err: error }, message);
  }
}

/** An unknown model, or a store that cannot be reached. */
function asEnd(error: unknown): LoopEnd<never> {
  if (error instanceof UserError) return { end: 'failed', why: error.message, text: '' };
  throw error;
}

type Outcome = Pick<RunDocument, 'mode' | 'result' | 'partial' | 'notes'> & { status: End };

/** Paths that a model names are looked for: it may have made them up. */
async function confirmed(result: AgentResult, { tools, signal }: Work): Promise<Outcome> {
  const { kept, notes } = await confirmPaths(result, tools, signal);
  return { status: 'done', mode: 'model', result: cleanFields(kept), notes };
}

/** The result that is to be had without one, with what it wrote last. */
async function withoutModel(
  { end, why, text }: Exclude<LoopEnd<AgentResult>, { end: 'done' }>,
  { agent, tools, signal, ...task }: Work,
): Promise<Outcome> {
  const { result, notes } = await answerOffline(agent.output, task, tools, signal);
  const partial = text && { partial: cut(cleanText(text), maxPartial) };
  return { status: end, mode: 'offline', result, notes: [why, ...notes], ...partial };
}

function newDocument({ agent, task, paths, model, by }: RunRequest): RunDocument {
  return {
    agent: agentReference(agent),
    task,
    paths: [...paths],
    asked: model,
    by,
    steps: [],
    notes: [],
    spent: { tokens: 0, cost: 0 },
  };
}
