import type { Log } from '../log.ts';
import type { Changed, Database } from './store.ts';

const pollMs = 200;
const maxEvents = 1000;

interface Source {
  reader: Database;
  dataVersion(): number;
}

/**
 * Finds out what any process has committed: a number that SQLite keeps tells cheaply whether something has, and the
 * events since the last look say what.
 */
export function createPoll(options: { connections(): Promise<Source>; tell(changed: Changed): void; log: Log }) {
  let timer: NodeJS.Timeout | undefined;
  let seenVersion: number | undefined;
  let seenEvent: number | undefined;
  let looking = false;

  return {
    start() {
      timer ??= setInterval(look, pollMs).unref();
      look();
    },
    stop() {
      clearInterval(timer);
      timer = undefined;
      seenVersion = undefined;
      seenEvent = undefined;
    },
    /** At once, after a change of our own. */
    look,
  };

  function look() {
    if (!timer || looking) return;
    looking = true;
    lookOnce()
      .catch((error) => options.log.debug({ err: error }, 'changes of the store could not be read'))
      .finally(() => {
        looking = false;
      });
  }

  async function lookOnce() {
    const { reader, dataVersion } = await options.connections();
    const version = dataVersion();
    if (version === seenVersion) return;
    seenVersion = version;
    const last = await lastEvent(reader);
    const since = seenEvent ?? last; // the first look only learns where we are
    seenEvent = last;
    if (last <= since) return;
    options.tell(last - since > maxEvents ? 'everything' : await eventsAfter(reader, since));
  }
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
