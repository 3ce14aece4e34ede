import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod';
import { deadlinesMs } from '../deadlines.ts';
import { checkRunId, nameOfRun, type Run } from '../runs/run.ts';
import { showRun } from '../runs/run-view.ts';
import type { Runs } from '../runs/runs.ts';
import { cut } from '../text/cut.ts';
import { maxCharacters, project } from './params.ts';
import { runOutput, waitFor } from './run-params.ts';
import { defineTool } from './tool.ts';

const listed = z.object({
  run_id: z.string(),
  tool: z.string().optional(),
  agent: z.string().optional(),
  status: z.string(),
  task: z.string(),
  started: z.string(),
});
const maxListed = 20;

export const getRun = defineTool({
  name: 'get_run',
  title: 'Get run',
  description:
    'How far a run is (of an agent, or of another call that took long), and what came of it; or the last runs.',
  toolset: 'agents',
  effect: 'write',
  deadlineMs: deadlinesMs.modelTool,
  input: z.strictObject({
    id: z.string().min(1).max(60).optional().describe('Default: list the last'),
    wait: waitFor(0),
    cancel: z.boolean().default(false).describe('End the run'),
    max_characters: maxCharacters,
    project,
  }),
  output: z.looseObject({ ...z.object(runOutput).partial().shape, runs: z.array(listed).optional() }),

  async run({ id, wait, cancel, max_characters: most, project }, { projects, runs, caller, job }) {
    const served = project === undefined ? await projects.listKept() : [await projects.findKept(project)];
    const ids = served.map((each) => each.id);
    if (id === undefined) return listRuns(await runs.list(ids, { limit: maxListed }));
    const run = await runs.get(checkRunId(id), ids);
    if (cancel && run.status === 'running') await runs.cancel(run, caller.source);
    const withinMs = Math.max(wait * 1000, cancel ? cancelMs : 0);
    const latest = withinMs > 0 ? await endOf(run.id, { runs, ids, withinMs, signal: job.signal }) : run;
    return showRun(latest, most);
  },
});

/** So long it takes for the process that does it to hear of a cancel, and for us to hear of the end. */
const cancelMs = 3000;

function listRuns(all: readonly Run[]) {
  const rows = all.map(({ id, status, createdAt, document: { tool, agent, task } }) => {
    const started = new Date(createdAt).toISOString();
    const what = agent === undefined ? { tool } : { agent };
    return { run_id: id, ...what, status, task: cut(task.replace(/\s+/g, ' '), 120), started };
  });
  const lines = all.map(({ document }, at) => {
    const { run_id, status, started, task } = rows[at] ?? {};
    return `${run_id} ${status} ${nameOfRun(document)}, ${started}: ${task}`;
  });
  return { data: { runs: rows }, text: lines.join('\n') || 'There is no run yet. run_agent starts one.' };
}

/** A process that died is not heard of: its run is looked at again from time to time. */
const lookMs = 1000;

async function endOf(
  id: string,
  { runs, ids, withinMs, signal }: { runs: Runs; ids: readonly string[]; withinMs: number; signal: AbortSignal },
): Promise<Run> {
  const until = performance.now() + withinMs;
  let change = Promise.withResolvers<void>();
  const release = runs.watch(
    (each) => each === id,
    () => change.resolve(),
  );
  try {
    for (;;) {
      change = Promise.withResolvers();
      const run = await runs.get(id, ids);
      const leftMs = until - performance.now();
      if (run.status !== 'running' || leftMs <= 0) return run;
      await Promise.race([change.promise, delay(Math.min(lookMs, leftMs), undefined, { signal })]);
    }
  } finally {
    release();
  }
}
