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
  const waiting: Array<() => void> = [];
  let closed = false;

  return {
    async run<Name extends keyof Jobs & string>(name: Name, input: Jobs[Name]['input'], call: JobCall) {
      call.signal.throwIfAborted();
      const worker = await acquire(call.signal);
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
      for (const wake of waiting.splice(0)) wake();
      await Promise.all([...all].map((worker) => worker.terminate()));
    },
  };

  async function acquire(signal: AbortSignal): Promise<Worker> {
    for (;;) {
      if (closed) throw new UserError('limit', 'The server is shutting down.');
      signal.throwIfAborted();
      const worker = takeIdle() ?? (all.size < size ? spawn() : undefined);
      if (worker) return worker;
      if (waiting.length >= maxQueued) throw new UserError('limit', 'The server is busy. Try again in a moment.');
      await new Promise<void>((wake) => waiting.push(wake));
    }
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
      waiting.shift()?.();
    });
    return worker;
  }

  function release(worker: Worker, healthy: boolean) {
    if (!healthy || closed) {
      void worker.terminate();
      return;
    }
    idle.set(worker, setTimeout(() => void worker.terminate(), idleMs).unref());
    waiting.shift()?.();
  }
}
