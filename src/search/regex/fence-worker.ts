import { parentPort, workerData } from 'node:worker_threads';
import { type FenceRequest, fenceStates, fenceWords } from './fence-memory.ts';

/** The program of the thread behind a fence: it runs patterns that may never end, and is ended from outside if so. */

const words: unknown = workerData;
if (!(words instanceof Int32Array)) throw new TypeError('A fence needs memory to answer in.');
serve(words);

function serve(words: Int32Array) {
  let texts: readonly string[] = [];
  let compiled: RegExp | undefined;
  Atomics.store(words, fenceWords.isUp, 1);
  Atomics.notify(words, fenceWords.isUp);
  parentPort?.on('message', (request: FenceRequest) => {
    Atomics.store(words, fenceWords.state, answer(request));
    Atomics.notify(words, fenceWords.state);
  });

  function answer({ source, flags, texts: given, from }: FenceRequest): number {
    texts = given ?? texts.slice(-1);
    try {
      if (compiled?.source !== source || compiled.flags !== flags) compiled = new RegExp(source, flags);
    } catch {
      return fenceStates.refused; // V8's only reason: the pattern is too large for it
    }
    try {
      for (const [place, text] of texts.entries()) {
        compiled.lastIndex = from;
        const found = compiled.exec(text);
        words[fenceWords.results + 2 * place] = found ? found.index + 1 : 0;
        words[fenceWords.results + 2 * place + 1] = found ? found[0].length : 0;
        Atomics.store(words, fenceWords.decided, place + 1);
      }
      return fenceStates.done;
    } catch {
      return fenceStates.failed; // its stack was full
    }
  }
}
