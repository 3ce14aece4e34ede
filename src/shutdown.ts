import type { ProgramLog } from './log.ts';

export interface Shutdown {
  /** Starts the shutdown; a second call changes nothing. */
  begin(reason: string, exitCode?: number): void;
}

const hardLimitMs = 10_000;
const parentCheckMs = 2_000;

/**
 * One way out for everything that can end a server: signals, the end of stdin, a broken pipe and the death of the
 * parent lead here. `close` lets work finish or ends it; whatever happens, the process is gone after ten seconds.
 */
export function createShutdown(log: ProgramLog, close: () => Promise<void>): Shutdown {
  let begun = false;

  function begin(reason: string, exitCode = 0) {
    if (begun) return;
    begun = true;
    log.debug({ reason }, 'shutting down');
    // process.exit waits for worker threads, and V8 cannot interrupt one that compiles a regular expression
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), hardLimitMs).unref();
    close()
      .catch((error) => log.error({ err: error }, 'shutdown failed'))
      .then(() => log.written())
      .finally(() => process.exit(exitCode));
  }

  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => begin(signal));
  process.stderr.on('error', () => {}); // nobody reads the log any more
  process.on('uncaughtException', (error) => {
    log.fatal({ err: error }, 'uncaught exception');
    begin('uncaught exception', 1);
  });
  process.on('unhandledRejection', (reason) => log.error({ err: reason }, 'unhandled rejection'));
  watchParent(() => begin('the parent process is gone'));
  return { begin };
}

/** A child whose parent dies is handed to another process; a wrapper may keep stdin open all the same. */
function watchParent(onDeath: () => void) {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) onDeath();
  }, parentCheckMs).unref();
}
