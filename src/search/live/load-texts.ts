import type { TextLimits } from '../engine/build-slice.ts';
import type { TextIndex } from '../engine/text-index.ts';

const stepMs = 8;

/**
 * Takes the text of indexed files into memory, in short steps between which the thread does other things.
 *
 * @param limits of what is kept, as when an index is built
 */
export async function loadTexts(
  index: TextIndex,
  limits: TextLimits,
  {
    read,
    doubt,
    pause,
  }: {
    read(path: string): Uint8Array | undefined;
    /** Told of a file that is not as it was indexed. */
    doubt(path: string): void;
    /** Tells whether to go on. */
    pause(): Promise<boolean>;
  },
): Promise<void> {
  let until = performance.now() + stepMs;
  for (let file = 0; file < index.indexedCount; file++) {
    if (performance.now() >= until) {
      if (!(await pause())) return;
      until = performance.now() + stepMs;
    }
    const { path, state, length } = index.files.entry(file);
    const isKept = length <= limits.textBytes && index.arena.usedBytes() + length < limits.arenaBytes;
    if (!isKept || state !== 'disk' || !index.files.isLive(file)) continue;
    const text = read(path);
    if (text === undefined || !index.load(file, text)) doubt(path);
  }
}
