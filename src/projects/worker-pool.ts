import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { UserError } from '../errors.ts';
import type { Log } from '../log.ts';
import { type JobCall, runOn } from './worker-job.ts';

/**
 * Everything that touches a project's disk or runs a caller's pattern happens in worker threads: the event loop stays
 * free for other calls, and a job that does not come back is ended with its thread. Threads start with the first job
 * and end some time after the last, since many servers may run beside each other.
 */
export interface WorkerPool<Jobs extends JobTable> {
  /**
   * Runs one job. Resolves with its output; a job that sees its time budget end answers with what it has.
   *
   * @throws UserError as the job threw it; `limit` when the thread had to be ended; the signal's reason when aborted.
   */
  run<Name extends keyof Jobs & string>(
    name: Name,
    input: Jobs[Name]['input'],
    call: JobCall,
  ): Promise<Jobs[Name]['output']>;
  /** How many jobs would be taken at once. */
  free(): number;
  /**
   * Runs one job on every thread that nobody needs now, in aid of another job that does without them if need be. They are
   * told to stop as soon as a job waits for a thread.
   */
  assist<Name extends keyof Jobs & string>(name: Name, input: Jobs[Name]['input'], call: JobCall): void;
  /** Whether a thread that is already up would take a job at once. */
  isReady(): boolean;
  close(): Promise<void>;
}

export type JobTable = { [name: string]: { input: unknown; output: unknown } };

interface Waiter {
  take(worker: Worker): void;
  refuse(error: Error): void;
}

const maxQueued = 256;

export function createWorkerPool<Jobs extends JobTable>(options: {
  entry: URL;
  log: Log;
  size?: number;
  /** How long a thread without a job lives on, with all that it keeps in memory. Default: a minute. */
  idleMs?: number;
  /** Memory for what is short-lived, in megabytes: less takes more time. Default: Node's. */
  youngMb?: number;
  /** What its threads are started with. */
  setup?: unknown;
  /** A job without input, asked before an idle thread is ended: `true` while it has begun what must not be lost. */
  isAtWork?: keyof Jobs & string;
}): WorkerPool<Jobs> {
  const { idleMs = 60_000, youngMb } = options;
  const resourceLimits = { maxOldGenerationSizeMb: 1024, ...(youngMb && { maxYoungGenerationSizeMb: youngMb }) };
  const size = options.size ?? Math.min(4, Math.max(2, availableParallelism()));
  const idle = new Map<Worker, NodeJS.Timeout>(); // with the timer that ends it
  const all = new Set<Worker>();
  const waiting = new Set<Waiter>();
  const helpers = new Set<AbortController>();
  let closed = false;

  return {
    async run<Name extends keyof Jobs & string>(name: Name, input: Jobs[Name]['input'], call: JobCall) {
      const started = performance.now();
      const worker = await acquire(call);
      if (call.signal.aborted) release(worker, true); // given up between being served and hearing of it
      call.signal.throwIfAborted();
      const budgetMs = Math.max(1, call.budgetMs - (performance.now() - started));
      const job = { name, input, call: { ...call, budgetMs } };
      return runOn<Name, Jobs[Name]['input'], Jobs[Name]['output']>(worker, job, (healthy) => release(worker, healthy));
    },

    free: () => (closed ? 0 : idle.size + size - all.size),

    assist<Name extends keyof Jobs & string>(name: Name, input: Jobs[Name]['input'], call: JobCall) {
      if (closed || call.signal.aborted) return;
      for (let worker = takeFree(); worker; worker = takeFree()) help(worker, name, input, call);
    },

    isReady: () => idle.size > 0 && !closed,

    async close() {
      closed = true;
      for (const { refuse } of waiting) refuse(shuttingDown());
      waiting.clear();
      await Promise.all([...all].map((worker) => worker.terminate()));
    },
  };

  /** A free worker, a new one, or a place in the queue until the caller gives up or its time is over. */
  async function acquire({ signal, budgetMs }: JobCall): Promise<Worker> {
    if (closed) throw shuttingDown();
    signal.throwIfAborted();
    const free = takeFree();
    if (free) return free;
    if (waiting.size >= maxQueued) throw busy();
    for (const helper of helpers) helper.abort();
    return new Promise((resolve, reject) => {
      const waiter: Waiter = { take: resolve, refuse: reject };
      const patience = AbortSignal.any([signal, AbortSignal.timeout(Math.ceil(budgetMs))]);
      patience.addEventListener('abort', () => {
        waiting.delete(waiter);
        reject(signal.aborted ? signal.reason : busy());
      });
      waiting.add(waiter);
    });
  }

  function help<Name extends keyof Jobs & string>(
    worker: Worker,
    name: Name,
    input: Jobs[Name]['input'],
    { signal, budgetMs }: JobCall,
  ) {
    const helper = new AbortController();
    helpers.add(helper);
    const call = { signal: AbortSignal.any([signal, helper.signal]), budgetMs };
    runOn(worker, { name, input, call }, (healthy) => {
      helpers.delete(helper);
      release(worker, healthy);
    }).catch((error) => options.log.debug({ err: error }, 'a helper stopped early'));
  }

  /** Hands a worker to the one who waits longest, when one has become free or has ended. */
  function serveNext() {
    const [waiter] = waiting;
    const worker = waiter && !closed ? takeFree() : undefined;
    if (!waiter || !worker) return;
    waiting.delete(waiter);
    waiter.take(worker);
  }

  function takeFree(): Worker | undefined {
    return takeIdle() ?? (all.size < size ? spawn() : undefined);
  }

  /** The one used last, so that the others can grow old and end. */
  function takeIdle(): Worker | undefined {
    const worker = [...idle.keys()].at(-1);
    if (!worker) return undefined;
    clearTimeout(idle.get(worker));
    idle.delete(worker);
    return worker;
  }

  function spawn(): Worker {
    const worker = new Worker(options.entry, { resourceLimits, workerData: options.setup });
    all.add(worker);
    worker.on('error', (error) => options.log.error({ err: error }, 'a worker thread failed'));
    worker.on('exit', () => {
      all.delete(worker);
      clearTimeout(idle.get(worker));
      idle.delete(worker);
      serveNext();
    });
    return worker;
  }

  function release(worker: Worker, healthy: boolean) {
    if (!healthy || closed) {
      void worker.terminate();
      return;
    }
    idle.set(worker, setTimeout(() => void retire(worker), idleMs).unref());
    serveNext();
  }

  async function retire(worker: Worker) {
    const { isAtWork } = options;
    idle.delete(worker);
    const call = { signal: new AbortController().signal, budgetMs: askMs };
    const job = { name: isAtWork, input: {}, call };
    const free = (healthy: boolean) => release(worker, healthy);
    const isWanted = isAtWork !== undefined && (await runOn(worker, job, free).catch(() => false)) === true;
    if (isAtWork === undefined || (!isWanted && idle.has(worker))) void worker.terminate();
  }
}

/** Asked by the thread itself, which comes to answer when it has a moment. */
const askMs = 10_000;

function busy(): UserError {
  return new UserError('limit', 'The server is busy. Try again in a moment.');
}

function shuttingDown(): UserError {
  return new UserError('limit', 'The server is shutting down.');
}
