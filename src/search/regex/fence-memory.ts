/** What a thread behind the fence is asked; it finds the answers in memory that both share. */
export interface FenceRequest {
  source: string;
  flags: string;
  /** Undefined: the last text again. */
  texts: readonly string[] | undefined;
  from: number;
}

/** The words of the shared memory. */
export const fenceWords = { isUp: 0, state: 1, decided: 2, results: 3 } as const;

/** `failed`: V8 gave up on the text after those that are decided. */
export const fenceStates = { done: 1, refused: 2, failed: 3 } as const;
