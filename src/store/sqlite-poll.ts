import type { Log } from '../log.ts';
import type { Changed, Database } from './store.ts';

const pollMs = 200;
const maxEvents = 1000;
/** A store that cannot be opened is not asked for each time. */
const failedPauseMs = 5000;

interface Source {
  reader: Database;
  dataVersion(): number;
}

/**
 * Finds out what any process has committed: a number that SQLite keeps tells cheaply whether something has, and the
 * events since the last look say what.
 */
export function createPoll(options: {
  /** Until it does, there is nothing to hear of: a store is not made by looking. */
  exists(): boolean;
  connections(): Promise<Source>;
  tell(changed: Changed): void;
  log: Log;
}) {
  let timer: NodeJS.Timeout | undefined;
  let seen: { source: Source; version: number; event: number } | undefined;
  let wasAbsent = false;
  let looking = false;
  let pausedUntil = 0;

  return {
    start() {
      timer ??= setInterval(look, pollMs).unref();
      look();
    },
    stop() {
      clearInterval(timer);
      timer = undefined;
      seen = undefined;
      wasAbsent = false;
    },
    /** At once, after a change of our own. */
    look,
  };

  function look() {
    if (!timer || looking || performance.now() < pausedUntil) return;
    looking = true;
    lookOnce()
      .catch((error) => {
        pausedUntil = performance.now() + failedPauseMs;
        options.log.debug({ err: error }, 'changes of the store could not be read');
      })
      .finally(() => {
        looking = false;
      });
  }

  async function lookOnce() {
    if (!options.exists()) {
      wasAbsent = true;
      return;
    }
    const source = await options.connections();
    const version = source.dataVersion();
    if (source === seen?.source && version === seen.version) return;
    const event = await lastEvent(source.reader);
    const changed = wasAbsent ? 'everything' : seen && (await changedSince(seen, { source, event }));
    wasAbsent = false;
    seen = { source, version, event };
    if (changed) options.tell(changed);
  }
}

/** Another source is another file, or the same one after it could not be read. */
async function changedSince(
  seen: { source: Source; event: number },
  { source, event }: { source: Source; event: number },
): Promise<Changed | undefined> {
  if (source !== seen.source || event - seen.event > maxEvents) return 'everything';
  return event > seen.event ? eventsAfter(source.reader, seen.event) : undefined;
}

async function lastEvent(db: Database): Promise<number> {
  const row = await db.selectFrom('events').select('seq').orderBy('seq', 'desc').limit(1).executeTakeFirst();
  return row?.seq ?? 0;
}

async function eventsAfter(db: Database, seq: number) {
  const rows = await db
    .selectFrom('events')
    .select(['project_id', 'entity', 'entity_id'])
    .distinct()
    .where('seq', '>', seq)
    .execute();
  return rows.map((row) => ({ projectId: row.project_id, entity: row.entity, entityId: row.entity_id }));
}
