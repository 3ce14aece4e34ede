import type { Worker } from 'node:worker_threads';
import { type ErrorCode, messageOf, UserError } from '../errors.ts';

/** The caller's side of a job. */
export interface JobCall {
  signal: AbortSignal;
  /** Time that the job may take, in milliseconds, waiting included. It is told to stop then, and ended 500 ms later. */
  budgetMs: number;
  onProgress?(update: JobProgress): void;
}

/** For several jobs that share the time of one call. None reports how far it is: the next would begin at 0 again. */
export function countdown({ signal, budgetMs }: JobCall): () => JobCall {
  const until = performance.now() + budgetMs;
  return () => ({ signal, budgetMs: Math.max(1, until - performance.now()) });
}

export interface JobProgress {
  /** Files looked at so far; only ever grows. */
  done: number;
  /** Of so many, where that is known. */
  total?: number;
  message: string;
  /** The message is a part of the answer, and goes out whole. */
  isText?: true;
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

/**
 * Runs one job on a worker and waits for its reply, its time limit, its caller's cancellation or its death.
 *
 * @param release called once: whether the worker can be used again
 */
export function runOn<Name, Input, Output>(
  worker: Worker,
  job: { name: Name; input: Input; call: JobCall },
  release: (healthy: boolean) => void,
): Promise<Output> {
  const { name, input, call } = job;
  return new Promise((resolve, reject) => {
    const stopFlag = new Int32Array(new SharedArrayBuffer(4));
    let endTimer = setTimeout(overdue, call.budgetMs + graceMs);
    call.signal.addEventListener('abort', cancel, { once: true });
    worker.on('message', onMessage).once('error', onDeath).once('exit', onDeath);
    const message: JobMessage<Name, Input> = { name, input, budgetMs: call.budgetMs, stopFlag };
    worker.postMessage(message);

    function onMessage(reply: JobReply<Output>) {
      if (reply.kind === 'progress') return call.onProgress?.(reply.update);
      finish(true);
      if (reply.kind === 'done') resolve(reply.output);
      else if (reply.kind === 'refused') reject(new UserError(reply.code, reply.message));
      else reject(Object.assign(new Error(reply.message), { stack: reply.stack }));
    }

    function overdue() {
      finish(false);
      const seconds = Math.round(call.budgetMs / 100) / 10;
      reject(new UserError('limit', `This took longer than ${seconds} s and was ended. Ask for less.`));
    }

    /** The caller has its answer at once; the worker has a moment to see the flag. */
    function cancel() {
      Atomics.store(stopFlag, 0, 1);
      clearTimeout(endTimer);
      endTimer = setTimeout(() => finish(false), graceMs);
      reject(call.signal.reason);
    }

    function onDeath(reason: unknown) {
      finish(false);
      reject(new Error(`A worker thread ended: ${messageOf(reason)}`));
    }

    function finish(healthy: boolean) {
      clearTimeout(endTimer);
      call.signal.removeEventListener('abort', cancel);
      worker.off('message', onMessage).off('error', onDeath).off('exit', onDeath);
      release(healthy);
    }
  });
}
