import type { Log } from '../../log.ts';
import type { Turn } from '../rows/turn-rows.ts';
import type { Turns } from './turns.ts';

const beatMs = 2000;

export interface PartialKeeper {
  add(text: string): void;
  text(): string;
  /** Nothing is written after it. */
  stop(): Promise<void>;
}

/**
 * Every two seconds a sign of life of a turn, with the answer as far as it has come; `onGone` hears that it was purged. A store that is away is no reason to give
 * the answer up: it is asked again two seconds later.
 */
export function keepPartial(
  turn: Turn,
  { turns, log, begun, onGone }: { turns: Turns; log: Log; begun: string; onGone(): void },
): PartialKeeper {
  let text = begun;
  let kept = '';
  let writing: Promise<void> | undefined;
  const timer = setInterval(() => {
    writing ??= beat().finally(() => {
      writing = undefined;
    });
  }, beatMs);

  return {
    add(more) {
      text += more;
    },
    text: () => text,
    async stop() {
      clearInterval(timer);
      await writing;
    },
  };

  async function beat() {
    const grown = text === kept ? undefined : text;
    try {
      if (!(await turns.beat(turn, grown))) return onGone();
      kept = grown ?? kept;
    } catch (error) {
      log.warn({ err: error }, 'how far an answer is was not kept');
    }
  }
}
