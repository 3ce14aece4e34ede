import type { JobProgress } from '../../projects/worker-job.ts';

/** Tells who waits for an answer how far it is. */
export interface Pace {
  /** More of it has come. */
  add(text: string): void;
  /** Something else has happened on the way to it. */
  note(words: string): void;
  /** Nothing more is told after this; what was not told yet is told now. */
  end(): void;
}

export interface PaceOptions {
  report(progress: JobProgress): void;
  /** What is told while nothing has come, every so often, so that a client knows that somebody is there. */
  waiting: string;
  now?(): number;
}

const flushMs = 250;
const flushCharacters = 200;
const beatMs = 10_000;

/**
 * The text as it comes, in parts: every 250 ms, or sooner where there is much. `done` is the characters so far, and the
 * message is what has come since the last one. Before the first word, and where none comes for long, there are beats.
 */
export function createPace({ report, waiting, now = () => performance.now() }: PaceOptions): Pace {
  let told = 0;
  let beats = 0;
  let held = '';
  let heldSince = 0;
  let timer: NodeJS.Timeout | undefined;
  let beat = setInterval(sayAlive, beatMs);

  return {
    add(text) {
      if (held === '') heldSince = now();
      held += text;
      if (held.length >= flushCharacters || now() - heldSince >= flushMs) return flush();
      timer ??= setTimeout(flush, flushMs);
    },
    note: sayMeanwhile,
    end() {
      flush();
      clearInterval(beat);
    },
  };

  function flush() {
    clearTimeout(timer);
    timer = undefined;
    if (held === '') return;
    told += held.length;
    report({ done: told + beats, message: held, isText: true });
    held = '';
    clearInterval(beat);
    beat = setInterval(sayAlive, beatMs);
  }

  function sayAlive() {
    sayMeanwhile(told === 0 ? waiting : '');
  }

  /** Progress has to rise, and nothing else has: it counts as a thousandth of a character. */
  function sayMeanwhile(message: string) {
    beats += 0.001;
    report({ done: told + beats, message });
  }
}
