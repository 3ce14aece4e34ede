import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { type ErrorCode, messageOf, UserError } from '../errors.ts';
import type { Log } from '../log.ts';

/**
 * Everything that touches a project's disk or runs a caller's pattern happens in worker threads: the event loop stays
 * free for other calls, and a job that does not come back is ended with its thread. Threads start with the first job
 * and end after a minute without one, since many servers may run beside each other.
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
  close(): Promise<void>;
}

export type JobTable = { [name: string]: { input: unknown; output: unknown } };

export interface JobCall {
  signal: AbortSignal;
  /** Time that the job may take, in milliseconds. It is told to stop then, and ended 500 ms later. */
  budgetMs: number;
  onProgress?(update: JobProgress): void;
}

export interface JobProgress {
  /** Files looked at so far; only ever grows. */
  done: number;
  message: string;
}

export interface JobMessage<Name, Input> {
  name: Name;
  input: Input;
  budgetMs: number;
  /** One 32-bit integer; the job stops when it is not 0. */
  stopFlag: Int32Array<SharedArrayBuffer>;
}

export type JobReply<Output> =
  | { kind: 'done'; output: Output }
  | { kind: 'progress'; update: JobProgress }
  | { kind: 'refused'; code: ErrorCode; message: string }
  | { kind: 'failed'; message: string; stack: string | undefined };

interface Waiter {
  take(worker: Worker): void;
  refuse(error: Error): void;
}

const graceMs = 500;
const idleMs = 60_000;
const maxQueued = 256;

export function createWorkerPool<Jobs extends JobTable>(options: {
  entry: URL;
  log: Log;
  size?: number;
}): WorkerPool<Jobs> {
  const size = options.size ?? Math.min(4, Math.max(2, availableParallelism()));
  const idle = new Map<Worker, NodeJS.Timeout>(); // with the timer that ends it
  const all = new Set<Worker>();
  const waiting = new Set<Waiter>();
  let closed = false;

  return {
    async run<Name extends keyof Jobs & string>(name: Name, input: Jobs[Name]['input'], call: JobCall) {
      call.signal.throwIfAborted();
      const worker = await acquire(call.signal);
      if (call.signal.aborted) release(worker, true);
      call.signal.throwIfAborted();
      return new Promise<Jobs[Name]['output']>((resolve, reject) => {
        const stopFlag = new Int32Array(new SharedArrayBuffer(4));
        const stop = () => Atomics.store(stopFlag, 0, 1);
        let endTimer = setTimeout(overdue, call.budgetMs + graceMs);

        function overdue() {
          finish(false);
          const seconds = Math.round(call.budgetMs / 100) / 10;
          reject(new UserError('limit', `This took longer than ${seconds} s and was ended. Ask for less.`));
        }
        function cancel() {
          stop();
          clearTimeout(endTimer);
          endTimer = setTimeout(() => finish(false), graceMs);
          reject(call.signal.reason);
        }
        function onMessage(reply: JobReply<Jobs[Name]['output']>) {
          if (reply.kind === 'progress') return call.onProgress?.(reply.update);
          finish(true);
          if (reply.kind === 'done') resolve(reply.output);
          else if (reply.kind === 'refused') reject(new UserError(reply.code, reply.message));
          else reject(Object.assign(new Error(reply.message), { stack: reply.stack }));
        }
        function onDeath(reason: unknown) {
          finish(false);
          reject(new Error(`A worker thread ended: ${messageOf(reason)}`));
        }
        function finish(healthy: boolean) {
          clearTimeout(endTimer);
          call.signal.removeEventListener('abort', cancel);
          worker.off('message', onMessage).off('error', onDeath).off('exit', onDeath);
          release(worker, healthy);
        }

        call.signal.addEventListener('abort', cancel, { once: true });
        worker.on('message', onMessage).once('error', onDeath).once('exit', onDeath);
        const message: JobMessage<Name, Jobs[Name]['input']> = { name, input, budgetMs: call.budgetMs, stopFlag };
        worker.postMessage(message);
      });
    },

    async close() {
      closed = true;
      for (const { refuse } of waiting) refuse(shuttingDown());
      waiting.clear();
      await Promise.all([...all].map((worker) => worker.terminate()));
    },
  };

  /** A free worker, a new one, or a place in the queue that the caller's signal can give up. */
  async function acquire(signal: AbortSignal): Promise<Worker> {
    if (closed) throw shuttingDown();
    const worker = takeFree();
    if (worker) return worker;
    if (waiting.size >= maxQueued) throw new UserError('limit', 'The server is busy. Try again in a moment.');
    return new Promise((resolve, reject) => {
      const leave = () => {
        waiting.delete(waiter);
        reject(signal.reason);
      };
      const waiter: Waiter = {
        take(free) {
          signal.removeEventListener('abort', leave);
          resolve(free);
        },
        refuse: reject,
      };
      signal.addEventListener('abort', leave, { once: true });
      waiting.add(waiter);
    });
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
    const worker = new Worker(options.entry, { resourceLimits: { maxOldGenerationSizeMb: 1024 } });
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
    idle.set(worker, setTimeout(() => void worker.terminate(), idleMs).unref());
    serveNext();
  }
}

function shuttingDown(): UserError {
  return new UserError('limit', 'The server is shutting down.');
}
