import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { answerSchema, type Order, type Outcome } from './orders.ts';

/** Processes with one store open, which begin their jobs together. */
export interface Fleet {
  /** Gives all of them the same order at one moment, and waits for all. */
  run(order: Order): Promise<Outcome[]>;
  /** Gives it to one. */
  runOne(index: number, order: Order): Promise<Outcome>;
  /** Ends one as a power cut would. */
  kill(index: number): Promise<void>;
  stop(): Promise<void>;
}

/** @param skewMs how far the clocks of the processes are off */
export async function startFleet(
  size: number,
  { flags, folder, skewMs = 0 }: { flags: readonly string[]; folder: string; skewMs?: number },
): Promise<Fleet> {
  const children = Array.from({ length: size }, (_, index) => {
    const args = [`p${index}${skewMs === 0 ? '' : 'skewed'}`, folder, String(skewMs), ...flags];
    return fork(join(import.meta.dirname, 'fleet-member.ts'), args, { execArgv: [] });
  });
  await Promise.all(children.map((child) => messageOf(child)));

  return {
    run: (order) => Promise.all(children.map((child) => perform(child, order))),
    runOne: (index, order) => perform(childAt(index), order),
    kill: (index) => end(childAt(index)),
    async stop() {
      await Promise.all(children.map(end));
    },
  };

  function childAt(index: number): ChildProcess {
    const child = children[index];
    if (!child) throw new Error(`there is no process ${index}`);
    return child;
  }
}

async function perform(child: ChildProcess, order: Order): Promise<Outcome> {
  const answered = messageOf(child);
  child.send(order);
  const answer = answerSchema.parse(await answered);
  if ('fault' in answer) throw new Error(answer.fault);
  return answer.outcome;
}

async function messageOf(child: ChildProcess): Promise<unknown> {
  const waiting = new AbortController();
  const { signal } = waiting;
  const ended = once(child, 'exit', { signal }).then(([code]) => {
    throw new Error(`a process of the fleet ended with ${code}`);
  });
  ended.catch(() => {}); // aborted once there is a message
  try {
    const [message] = await Promise.race([once(child, 'message', { signal }), ended]);
    return message;
  } finally {
    waiting.abort();
  }
}

async function end(child: ChildProcess) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}
