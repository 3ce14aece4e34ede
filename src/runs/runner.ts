import { setTimeout as delay } from 'node:timers/promises';
import { UserError } from '../errors.ts';
import { reportIncident } from '../incident.ts';
import type { Log } from '../log.ts';
import type { ProjectName } from '../projects/records.ts';
import type { ChangeRequest } from '../store/requests.ts';
import { beatMs } from '../store/signs-of-life.ts';
import { nameOfRun, type Run, type RunAbout, type RunDocument, type RunStatus } from './run.ts';
import type { Runs } from './runs.ts';
import { createSaver } from './saver.ts';

/** Does runs in this process: what may take longer than a caller waits, whatever it is. */
export interface Runner {
  /**
   * Writes the run down and begins. It goes on until it ends or is cancelled, whoever listens.
   *
   * @throws UserError `limit` where too many go on here already; `conflict` as `Runs.begin`
   */
  start(request: RunRequest): Promise<StartedRun>;
  /** Ends all that runs. */
  close(): Promise<void>;
}

export interface RunRequest {
  project: ProjectName;
  about: RunAbout;
  /** It goes on already and may have cost something, so that it is never one too many. */
  isUnderway?: boolean;
  /** A repeat of it finds this run. */
  request?: ChangeRequest | undefined;
  /** Does it, and says what came of it; an error that it throws is an end too. */
  work(control: RunControl): Promise<RunOutcome>;
}

export interface RunControl {
  id: string;
  /** Aborted by who cancels the run, and when the server ends. */
  signal: AbortSignal;
  /** How far it is. Kept soon, so it may be called often. */
  note(update: RunUpdate): void;
}

export type RunUpdate = Partial<Omit<RunDocument, keyof RunAbout | 'ended_at'>>;
export type RunOutcome = RunUpdate & { status: Exclude<RunStatus, 'running'> };

export interface StartedRun {
  run: Run;
  /** Its end is in the store by then, unless that takes long: then it is kept as soon as the store can. */
  ended: Promise<Run>;
  cancel(): void;
}

type EndedRun = Run & { status: RunOutcome['status'] };

interface Active {
  controller: AbortController;
  ended: Promise<unknown>;
}

const closeMs = 3000;
const keptPatienceMs = 1000;
const [firstRetryMs, lastRetryMs] = [500, 10_000];
const mostActive = 16;
/** Reasons for which a run is ended from outside. */
const cancelled = new Error('the run was cancelled');
const shutDown = new Error('the server ends');

export function createRunner({ runs, log }: { runs: Runs; log: Log }): Runner {
  const active = new Map<string, Active>();
  const closing = new AbortController();
  let starting = 0;
  let stopWatching: (() => void) | undefined;
  let beat: NodeJS.Timeout | undefined;

  return {
    async start(request) {
      if (!request.isUnderway && active.size + starting >= mostActive) {
        throw new UserError(
          'limit',
          `${mostActive} runs are going on in this server. Wait for one of them with get_run, or cancel it.`,
        );
      }
      starting++;
      try {
        const run = await runs.begin(request.project, newDocument(request.about), request.request);
        const controller = new AbortController();
        const { done, kept } = perform(run, request, controller.signal);
        keep(run.id, { controller, ended: kept.finally(() => drop(run.id)) });
        const ended = done.then(async (end) => {
          await Promise.race([kept, delay(keptPatienceMs, undefined, { ref: false })]);
          return end;
        });
        return { run, ended, cancel: () => controller.abort(cancelled) };
      } finally {
        starting--;
      }
    },

    async close() {
      closing.abort();
      for (const { controller } of active.values()) controller.abort(shutDown);
      const all = [...active.values()].map(({ ended }) => ended);
      await Promise.race([Promise.allSettled(all), delay(closeMs, undefined, { ref: false })]);
    },
  };

  function perform(
    run: Run,
    { work }: RunRequest,
    signal: AbortSignal,
  ): { done: Promise<EndedRun>; kept: Promise<void> } {
    let { document } = run;
    const saver = createSaver(() => runs.save(run, document).catch(warn('how far a run is was not kept')));
    const note = (update: RunUpdate) => {
      document = { ...document, ...update };
      saver.save();
    };
    const settled = settle(() => work({ id: run.id, signal, note }), run, signal);
    const done = settled.then(({ status, ...outcome }) => ({ ...run, status, document: { ...document, ...outcome } }));
    const kept = done.then(async (end) => {
      await saver.end();
      await keepEnd(end);
    });
    return { done, kept };
  }

  /** A result may be the work of an hour, so that a store that is away is asked again for as long as there is somebody to ask. */
  async function keepEnd(run: EndedRun): Promise<void> {
    for (let pauseMs = firstRetryMs; ; pauseMs = Math.min(2 * pauseMs, lastRetryMs)) {
      try {
        return await runs.end(run, run.status, run.document);
      } catch (error) {
        warn('the end of a run was not kept')(error);
      }
      if (closing.signal.aborted) return;
      await delay(pauseMs, undefined, { signal: closing.signal, ref: false }).catch(() => {}); // once more at the end
    }
  }

  /** Whatever happens becomes an end of the run: nobody may be there to hear of an error. */
  async function settle(work: () => Promise<RunOutcome>, run: Run, signal: AbortSignal): Promise<RunOutcome> {
    try {
      return await work();
    } catch (error) {
      if (signal.aborted) return { status: signal.reason === shutDown ? 'interrupted' : 'cancelled' };
      if (error instanceof UserError) return { status: 'failed', notes: [`${error.code}: ${error.message}`] };
      return { status: 'failed', notes: [reportIncident(error, log, `a run of ${nameOfRun(run.document)}`)] };
    }
  }

  function keep(id: string, entry: Active) {
    active.set(id, entry);
    beat ??= setInterval(() => {
      runs.beat([...active.keys()]).catch(warn('no sign of life was given'));
      endCancelled();
    }, beatMs).unref();
    stopWatching ??= runs.watch((each) => active.has(each), endCancelled);
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
    }, warn('whether runs are cancelled is not known'));
  }

  function warn(message: string) {
    return (error: unknown) => log.warn({ err: error }, message);
  }
}

function newDocument(about: RunAbout): RunDocument {
  return { ...about, steps: [], notes: [], spent: { tokens: 0, cost: 0 } };
}
