import type * as z from 'zod';
import { deadlinesMs } from '../deadlines.ts';
import type { Receipt } from '../models/receipts.ts';
import type { ProjectName } from '../projects/records.ts';
import type { JobCall, JobProgress } from '../projects/worker-job.ts';
import type { BeginRun, Run, RunAbout } from '../runs/run.ts';
import type { RunView } from '../runs/run-view.ts';
import type { RunControl, RunOutcome, StartedRun } from '../runs/runner.ts';
import type { ChangeRequest } from '../store/requests.ts';
import { endsWithin, showGoing } from './run-params.ts';
import type { Answer, Call } from './tool.ts';

/** What a tool does that may take longer than its caller waits. */
export interface LongWork<Value, Data extends object> {
  project: ProjectName;
  about: Omit<RunAbout, 'by' | 'turns'>;
  /** Known once the work has begun them. @throws UserError where they were purged */
  turns?(): Promise<RunAbout['turns']>;
  /** Seconds; no longer than any caller waits. */
  wait?: number;
  do(call: LongCall): Promise<Value>;
  /** Of the tool. */
  output: z.ZodType<Data, Data>;
  /** The tool's answer, which the run keeps. */
  show(value: Value): Answer<NoInfer<Data> & ModelData>;
  /** The data of its answer where there is no value: what is known of the run, and what no answer goes without. */
  showGoing(run: RunView): NoInfer<Data>;
  /** What is kept of work that was ended before it was done, in a sentence. */
  left?(): Promise<string>;
  /** A later call of it gets the answer of the first one, or the run in which that still goes on. */
  request?: ChangeRequest | undefined;
  /** Default: what the receipts of the run say, which are those of calls that were made after `beginRun`. */
  spent?(value: Value): Spent;
}

/** `beginRun` is called before a model is asked, so that whatever ends the process, what was sent is known. */
export interface LongCall {
  job: JobCall;
  beginRun: BeginRun;
}

type Spent = Run['document']['spent'];
type ModelData = { mode: 'model' | 'offline'; model?: string | undefined };

/** A run tells so often how much of an answer has come. */
const textNoteMs = 2000;

/**
 * Does work of which its caller gets the result where it waits long enough, and else the run that goes on, or that somebody
 * else has ended. Work that asks no model and is done in time leaves no run, unless it has a request id.
 *
 * @throws what the work throws; its `beginRun` throws UserError `limit` where too many runs go on already, and `conflict`
 * where the same request has come twice at a time
 */
export async function asRun<Value, Data extends object>(
  long: LongWork<Value, Data>,
  call: Pick<Call, 'runner' | 'runs' | 'caller' | 'job'>,
): Promise<Answer<Data>> {
  const { runner, runs, caller, job } = call;
  const { project, request } = long;
  const earlier = request && (await runs.repeated(project, request));
  if (earlier) return tell(earlier);

  const own = new AbortController();
  let control: RunControl | undefined;
  let started: Promise<StartedRun> | undefined;
  let textNotedAt = Number.NEGATIVE_INFINITY;

  const working = Promise.resolve().then(() =>
    long.do({ job: ownJob(), beginRun: async () => (await begin()).run.id }),
  );
  const waitedMs = performance.now() - caller.calledAt;
  const waitMs = Math.min((long.wait ?? Number.POSITIVE_INFINITY) * 1000, deadlinesMs.patience - waitedMs);
  if (await endsWithin(working, waitMs, { signal: job.signal, cancel })) {
    const run = await endedRun();
    return run?.status === 'cancelled' || run?.status === 'interrupted' ? tell(run) : long.show(await working);
  }
  job.signal.throwIfAborted();
  try {
    return tell((await begin({ isUnderway: true })).run);
  } catch (error) {
    own.abort(error);
    throw error;
  }

  function tell(run: Run): Answer<Data> {
    const { result, text = '' } = run.document;
    if (run.status === 'done') return { data: long.output.parse(result), text };
    const going = showGoing(run);
    return { data: long.showGoing(going.data), text: going.text };
  }

  /** Why it could not begin, or did not end well, the work itself tells. */
  async function endedRun(): Promise<Run | undefined> {
    if (request && !started) await working.then(() => begin({ isUnderway: true })).catch(() => {});
    return started?.then(({ ended }) => ended).catch(() => undefined);
  }

  function begin({ isUnderway = false } = {}): Promise<StartedRun> {
    started ??= start(isUnderway).catch((error) => {
      started = undefined;
      throw error;
    });
    return started;
  }

  async function start(isUnderway: boolean): Promise<StartedRun> {
    const turns = await long.turns?.();
    const about = { ...long.about, ...(turns && { turns }), by: caller.source };
    return runner.start({ project, about, isUnderway, request, work: adopt });
  }

  /** Makes a run of the work that goes on already. */
  async function adopt(given: RunControl): Promise<RunOutcome> {
    control = given;
    given.signal.addEventListener('abort', () => own.abort(given.signal.reason), { once: true });
    const value = await working.catch(async (error) => {
      const left = given.signal.aborted ? await long.left?.().catch(() => undefined) : undefined;
      if (left !== undefined) given.note({ notes: [left] });
      throw error;
    });
    const { data, text } = long.show(value);
    const { mode, model } = data;
    const spent = long.spent?.(value) ?? sumOf(await runs.receipts(given.id));
    return { status: 'done', result: { ...data }, text, mode, model, spent };
  }

  function ownJob(): JobCall {
    const onProgress = (update: JobProgress) => {
      job.onProgress?.(update);
      noteProgress(update);
    };
    return { signal: own.signal, budgetMs: deadlinesMs.run, onProgress };
  }

  /** Of an answer that comes in parts, how much there is: each note is a write. */
  function noteProgress({ done, message, isText }: JobProgress) {
    if (message === '') return;
    if (!isText) return control?.note({ progress: message });
    if (performance.now() - textNotedAt < textNoteMs) return;
    textNotedAt = performance.now();
    control?.note({ progress: `${Math.floor(done).toLocaleString('en')} characters so far` });
  }

  /** The run knows why it ended, if there is one. */
  function cancel() {
    if (started) started.then((run) => run.cancel()).catch(() => own.abort(job.signal.reason));
    else own.abort(job.signal.reason);
  }
}

function sumOf(receipts: readonly Receipt[]): Spent {
  const tokens = receipts.reduce((sum, { inputTokens, outputTokens }) => sum + inputTokens + outputTokens, 0);
  return { tokens, cost: receipts.reduce((sum, { cost = 0 }) => sum + cost, 0) };
}
