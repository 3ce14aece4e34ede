import type { Keyv } from 'keyv';
import { messageOf, systemCode } from '../errors.ts';
import type { Log } from '../log.ts';
import type { CacheBackend, CacheConnection } from './cache-backend.ts';

/** The way to a backend that may be slow, dead or gone. */
export interface CacheLink {
  /** Does `work` on the namespace; undefined when that fails or takes longer than `ms`. Never throws. */
  run<Answer>(namespace: string, ms: number, work: (keyv: Keyv) => Promise<Answer>): Promise<Answer | undefined>;
  close(): Promise<void>;
}

/** One connection, from its first byte to its end. */
interface Attempt {
  opening: Promise<CacheConnection>;
  isSettled: boolean;
  namespaces: Map<string, Promise<Keyv>>;
}

/** After a failure nothing is tried for so long, so that a dead cache costs a call next to nothing. */
const pauseMs = 5_000;
/** For a connection, which goes on opening when nobody waits for it any more. */
const waitMs = 250;
const closeMs = 500;

/** JSON as it is. What it cannot hold, in a value or in what somebody else has written, reads as a miss. */
const serialization = {
  stringify: (entry: unknown): string => orElse(() => JSON.stringify(entry), 'null'),
  parse: <Entry>(text: string): Entry | undefined => orElse(() => JSON.parse(text), undefined),
};

/**
 * Connects with the first operation, and again with the first one after a pause; nothing runs in between, so an
 * outage holds no timers and no sockets. `where` names the backend in the log.
 */
export function createCacheLink(options: { where: string; load: () => Promise<CacheBackend>; log: Log }): CacheLink {
  const { where, load, log } = options;
  const running = new Set<Promise<unknown>>();
  let loading: ReturnType<typeof loadAll> | undefined;
  let current: Attempt | undefined;
  let lastError: unknown;
  let pausedUntil = 0;
  let isDown = false;
  let isClosed = false;

  async function loadAll() {
    const [{ Keyv }, backend] = await Promise.all([import('keyv'), load()]);
    return { Keyv, backend };
  }

  async function attemptTo<Answer>(namespace: string, ms: number, work: (keyv: Keyv) => Promise<Answer>) {
    let attempt: Attempt | undefined;
    try {
      loading ??= loadAll();
      const { Keyv, backend } = await loading; // takes its time once, and always ends
      current ??= open(backend);
      attempt = current;
      const keyv = within(Math.min(ms, waitMs), onNamespace(Keyv, attempt, namespace));
      const answer = await within(ms, keyv.then(work));
      if (attempt !== current) return undefined; // Keyv tells errors to its listener, and then answers as for a miss
      recover();
      return answer;
    } catch (error) {
      fail(attempt, error);
      return undefined;
    }
  }

  function open(backend: CacheBackend): Attempt {
    const attempt: Attempt = { opening: backend.connect(lastError), isSettled: false, namespaces: new Map() };
    attempt.opening.then(
      () => {
        attempt.isSettled = true;
        if (attempt === current) pausedUntil = 0; // later than its first caller could wait
      },
      (error) => {
        attempt.isSettled = true;
        fail(attempt, error);
      },
    );
    return attempt;
  }

  async function onNamespace(KeyvOf: typeof Keyv, attempt: Attempt, namespace: string): Promise<Keyv> {
    let opened = attempt.namespaces.get(namespace);
    if (!opened) {
      opened = attempt.opening.then(async (connection) => {
        const keyv = new KeyvOf({ store: await connection.createAdapter(), namespace, serialization });
        keyv.on('error', (error) => fail(attempt, error));
        return keyv;
      });
      attempt.namespaces.set(namespace, opened);
    }
    return opened;
  }

  function fail(attempt: Attempt | undefined, error: unknown) {
    if (attempt !== current) return; // an echo of a failure that is dealt with
    // A server that closes an idle connection is no outage: the next operation connects again.
    if (running.size > 0) suspend(error);
    if (attempt?.isSettled) drop(error);
  }

  function suspend(error: unknown) {
    pausedUntil = Date.now() + pauseMs;
    if (isDown || isClosed) return;
    isDown = true;
    log.warn({ cache: where, reason: reasonOf(error) }, 'the cache does not answer');
  }

  function recover() {
    if (!isDown) return;
    isDown = false;
    log.info({ cache: where }, 'the cache answers again');
  }

  function drop(error: unknown) {
    const dropped = current;
    current = undefined;
    lastError = error;
    dropped?.opening.then((connection) => connection.close()).catch(() => {});
  }

  return {
    async run(namespace, ms, work) {
      if (isClosed || Date.now() < pausedUntil) return undefined;
      const answer = attemptTo(namespace, ms, work);
      running.add(answer);
      try {
        return await answer;
      } finally {
        running.delete(answer);
      }
    },

    async close() {
      isClosed = true;
      await Promise.all(running); // none of which fails, or takes long
      const closed = current?.opening.then((connection) => connection.close());
      current = undefined;
      if (closed) await within(closeMs, closed).catch(() => {});
    },
  };
}

/** Rejects after `ms`, but not before the event loop has read what came while it was busy with other things. */
function within<Answer>(ms: number, work: Promise<Answer>): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => setImmediate(() => reject(new Error(`no answer within ${ms} ms`))), ms);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** A code where there is one: messages of the system hold paths. SQLite has one code for everything. */
function reasonOf(error: unknown): string {
  const code = systemCode(error);
  return code === undefined || code === 'ERR_SQLITE_ERROR' ? messageOf(error) : code;
}

function orElse<Answer>(work: () => Answer, otherwise: Answer): Answer {
  try {
    return work();
  } catch {
    return otherwise;
  }
}
