import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { packageFolder } from '../../package.ts';
import type { SlicePlan } from '../engine/build-slice.ts';
import type { BuiltSlice, SliceJob } from './read-slices.ts';

/** Threads that index the files of a large project, and whose memory goes back with them. */
export interface SliceThreads {
  /** Makes a slice, without a pause, while others are still being planned; in path order. */
  begin(plan: SlicePlan): void;
  /**
   * Makes the other slices too.
   *
   * @param nextPlan the next one, if there is one more
   * @param pause tells whether to go on
   * @returns all slices, in path order
   * @throws what ended a thread
   */
  finish(
    nextPlan: () => SlicePlan | undefined,
    pause: () => Promise<boolean>,
  ): Promise<BuiltSlice[] | 'full' | 'stopped'>;
  close(): void;
}

/** @param job with the claims on slices that were begun: whoever is the first to set one makes the slice */
export interface ThreadJob extends SliceJob {
  claims: Int32Array<SharedArrayBuffer>;
}

export interface SliceOrder {
  plan: SlicePlan;
  /** Missing where nobody else can make it. */
  claim?: number;
}

export type SliceAnswer = BuiltSlice | 'full' | 'taken';

interface SliceThread {
  ask(order: SliceOrder): Promise<SliceAnswer>;
  end(): void;
}

/** More than the most files that are listed can make. */
const maxBegun = 1024;
/** What a thread throws away after each file is little, and would else stay in memory until it ends. */
const youngMb = 8;

export function startSliceThreads(sliceJob: SliceJob): SliceThreads {
  const job = { ...sliceJob, claims: new Int32Array(new SharedArrayBuffer(maxBegun * 4)) };
  const first = startThread(job);
  const threads = [first];
  const begun: SlicePlan[] = [];
  const answers: Promise<SliceAnswer>[] = [];

  return {
    begin(plan) {
      answers.push(first.ask({ plan, claim: begun.length }));
      begun.push(plan);
    },
    async finish(nextPlan, pause) {
      const second = startThread(job); // while files were listed, its processor was busy with that
      threads.push(second);
      const left = begun.filter((_, claim) => Atomics.exchange(job.claims, claim, 1) === 0);
      const slices: BuiltSlice[] = [];
      const ends = await Promise.all([finishBegun(), keepBusy(second)]);
      return ends.find((end) => end !== undefined) ?? slices.sort((a, b) => a.slice.first - b.slice.first);

      async function finishBegun() {
        for (const answer of await Promise.all(answers)) {
          if (answer === 'full') return answer;
          if (answer !== 'taken') slices.push(answer);
        }
        return keepBusy(first);
      }

      async function keepBusy(thread: SliceThread): Promise<'full' | 'stopped' | undefined> {
        for (let plan = left.shift() ?? nextPlan(); plan; plan = left.shift() ?? nextPlan()) {
          if (!(await pause())) return 'stopped';
          const built = await thread.ask({ plan });
          if (built === 'full') return built;
          if (built !== 'taken') slices.push(built);
        }
        return undefined;
      }
    },
    close() {
      for (const thread of threads) thread.end();
    },
  };
}

/** The program lies in `dist/`, for the sources too: to strip its types would take longer than to read a middling project. */
function startThread(workerData: ThreadJob): SliceThread {
  const entry = join(packageFolder, 'dist', 'build-worker.js');
  const thread = new Worker(entry, { workerData, resourceLimits: { maxYoungGenerationSizeMb: youngMb } });
  const waiting: PromiseWithResolvers<SliceAnswer>[] = []; // it answers in the order in which it is asked
  let failure: { error: unknown } | undefined;
  thread.on('message', (answer: SliceAnswer) => waiting.shift()?.resolve(answer));
  thread.on('error', (error) => {
    failure = { error };
    for (const each of waiting.splice(0)) each.reject(error);
  });
  return {
    ask(order) {
      const answer = Promise.withResolvers<SliceAnswer>();
      answer.promise.catch(() => {}); // it may fail before anybody waits for it
      if (failure) answer.reject(failure.error);
      else waiting.push(answer);
      thread.postMessage(order);
      return answer.promise;
    },
    end: () => void thread.terminate(),
  };
}
