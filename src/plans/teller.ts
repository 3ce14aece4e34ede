import type { JobCall } from '../projects/worker-job.ts';

const beatMs = 5000;

/** Says what is done now, and again from time to time that it still is: models can be slow. */
export function createTeller({ onProgress }: Pick<JobCall, 'onProgress'>) {
  const begun = performance.now();
  let done = 0;
  let last = '';
  const beat = setInterval(() => {
    onProgress?.({ done: ++done, message: `${last} (${Math.round((performance.now() - begun) / 1000)} s)` });
  }, beatMs);
  return {
    tell(message: string) {
      last = message;
      onProgress?.({ done: ++done, message });
    },
    stop: () => clearInterval(beat),
  };
}
