/** A process that works on a row gives a sign of life so often, and is taken for dead after so long without one. */
export const beatMs = 3000;
export const deadMs = 15_000;

/** Whether the process that was to bring a row to its end has left it: nobody else may say how it ended. */
export function isLeft({ status, beat_at: beatAt }: { status: string; beat_at: number }, now: number): boolean {
  return status === 'running' && now - beatAt > deadMs;
}
