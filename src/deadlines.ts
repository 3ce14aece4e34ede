/**
 * What one call may take, in milliseconds, waiting for a free thread included. The worker pool ends what runs in a
 * thread; `tools/register.ts` answers for all else. Work that may need more becomes a run with an id.
 */
export const deadlinesMs = {
  tool: 20_000,
  /** Of a tool that waits for models; clients give up after a minute. */
  modelTool: 50_000,
  /** How long its caller waits, before its work goes on as a run. */
  patience: 45_000,
  /** Of the work itself then. */
  run: 60 * 60_000,
  resource: 20_000,
  /** Its slots may have files looked for. */
  prompt: 20_000,
  /** A user is typing. */
  completion: 5_000,
  /** A subscriber is answered then, even if what it named is not watched yet. */
  subscribe: 2_000,
  /** Of the folders to watch for a subscriber, who is answered before. */
  watchList: 10_000,
  /** Of reading the store's file for damage; nobody waits for it. */
  damageCheck: 120_000,
};
