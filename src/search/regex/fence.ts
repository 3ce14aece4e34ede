import { Worker } from 'node:worker_threads';
import { UserError } from '../../errors.ts';
import type { Found } from './automaton.ts';
import { type FenceRequest, fenceStates, fenceWords } from './fence-memory.ts';

/** A pattern took too long on the text that follows those that were decided. */
export class FenceClosed extends Error {
  override readonly name = 'FenceClosed';
  readonly decided: ReadonlyArray<Found | undefined>;

  constructor(decided: ReadonlyArray<Found | undefined>) {
    super('A regular expression took too long.');
    this.decided = decided;
  }
}

export interface Fence {
  /**
   * The first match of each text, from a place on.
   *
   * @throws FenceClosed
   */
  findEach(texts: readonly string[], from: number): ReadonlyArray<Found | undefined>;
}

/**
 * Texts are decided in batches. One that takes longer than this is given up: ordinary patterns need microseconds a line,
 * one that explodes needs years, and the caller is to hear of it within a quarter of a second.
 */
const batchMs = 150;
const batchTexts = 256;
const batchCharacters = 64 * 1024;
const startMs = 5000;
const idleMs = 30_000;

interface Guarded {
  worker: Worker;
  words: Int32Array<SharedArrayBuffer>;
  idle: NodeJS.Timeout;
  /** What it has got last and need not be sent again. */
  lastText?: string | undefined;
}

/** The thread behind the fence, one for each thread that has use for it. */
let guarded: Guarded | undefined;

/**
 * Runs a pattern that backtracks in a thread of its own, which is ended when it does not come back; this thread waits
 * meanwhile, so that a search goes through its lines as with any other pattern.
 */
export function createFence(pattern: { source: string; flags: string }): Fence {
  return {
    findEach(texts, from) {
      const found: Array<Found | undefined> = [];
      while (found.length < texts.length) {
        const batch = nextBatch(texts, found.length);
        const decided = decide({ ...pattern, from }, batch);
        found.push(...decided);
        if (decided.length < batch.length) throw new FenceClosed(found);
      }
      return found;
    },
  };
}

function nextBatch(texts: readonly string[], first: number): string[] {
  const batch: string[] = [];
  let characters = 0;
  for (let at = first; at < texts.length && batch.length < batchTexts; at++) {
    const text = texts[at] ?? '';
    characters += text.length;
    if (batch.length > 0 && characters > batchCharacters) break;
    batch.push(text);
  }
  return batch;
}

/** Fewer answers than texts when it took too long. */
function decide(pattern: Omit<FenceRequest, 'texts'>, texts: readonly string[]): Array<Found | undefined> {
  guarded ??= start();
  const { worker, words, idle, lastText } = guarded;
  idle.refresh();
  words.fill(0);
  const isAgain = texts.length === 1 && texts[0] === lastText;
  worker.postMessage({ ...pattern, texts: isAgain ? undefined : texts } satisfies FenceRequest);
  guarded.lastText = texts.at(-1);
  Atomics.wait(words, fenceWords.state, 0, batchMs);
  const state = Atomics.load(words, fenceWords.state);
  if (state === fenceStates.refused) throw new UserError('bad_input', 'The regular expression is too large.');
  if (state !== fenceStates.done) end();
  const decided = state === fenceStates.done ? texts.length : Atomics.load(words, fenceWords.decided);
  return texts.slice(0, decided).map((_, place) => {
    const at = fenceWords.results + 2 * place;
    const index = words[at] ?? 0;
    return index === 0 ? undefined : { index: index - 1, length: words[at + 1] ?? 0 };
  });
}

function start(): Guarded {
  const words = new Int32Array(new SharedArrayBuffer(4 * (fenceWords.results + 2 * batchTexts)));
  const entry = new URL(import.meta.url.endsWith('.ts') ? './fence-worker.ts' : './fence-worker.js', import.meta.url);
  const worker = new Worker(entry, { workerData: words, resourceLimits: { maxOldGenerationSizeMb: 256 } });
  worker.unref();
  worker.on('error', () => guarded?.worker === worker && end());
  if (Atomics.wait(words, fenceWords.isUp, 0, startMs) === 'timed-out') {
    void worker.terminate();
    throw new UserError('limit', 'The server is busy. Try again in a moment.');
  }
  return { worker, words, idle: setTimeout(end, idleMs).unref() };
}

function end() {
  if (!guarded) return;
  clearTimeout(guarded.idle);
  void guarded.worker.terminate();
  guarded = undefined;
}
