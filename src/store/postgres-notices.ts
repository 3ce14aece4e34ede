import { setTimeout as delay } from 'node:timers/promises';
import { sql } from 'kysely';
import type { Client } from 'pg';
import * as z from 'zod';
import type { Log } from '../log.ts';
import type { Changed, Database } from './store.ts';

const channel = 'octant_events';
/** PostgreSQL takes payloads of up to 8,000 bytes. */
const maxPayload = 7900;
const maxPauseMs = 5000;

export interface EntityName {
  projectId: string;
  entity: string;
  entityId: string;
}

const payloadSchema = z.array(z.tuple([z.string(), z.string(), z.string()]));

/** Tells all processes what a transaction changed; they hear of it when it commits. */
export async function announce(db: Database, changed: readonly EntityName[]): Promise<void> {
  if (changed.length === 0) return;
  const names = changed.map(({ projectId, entity, entityId }) => [projectId, entity, entityId]);
  const payload = JSON.stringify(names);
  const fits = Buffer.byteLength(payload) <= maxPayload;
  await sql`select pg_notify(${channel}, ${fits ? payload : 'everything'})`.execute(db);
}

/** Listens on a connection of its own, and connects again when that breaks; what was missed is `everything`. */
export function createPostgresNotices({ url, log, tell }: { url: string; log: Log; tell(changed: Changed): void }) {
  let client: Client | undefined;
  let wanted = 0; // counts starts and stops, so that an old loop knows that it is over

  return {
    start() {
      void listen(++wanted);
    },
    async stop() {
      wanted++;
      const old = client;
      client = undefined;
      await old?.end().catch(() => {});
    },
  };

  async function listen(mine: number) {
    let isFirst = true;
    for (let pauseMs = 100; mine === wanted; pauseMs = Math.min(pauseMs * 2, maxPauseMs)) {
      try {
        await listenOnce(mine, () => {
          if (!isFirst) tell('everything'); // only now: what is changed from here on is heard of
          pauseMs = 50;
        });
      } catch (error) {
        log.debug({ err: error }, 'no notices from the store');
      }
      isFirst = false;
      if (mine === wanted) await delay(pauseMs, undefined, { ref: false });
    }
  }

  /** Resolves when the connection has ended. */
  async function listenOnce(mine: number, onListening: () => void) {
    const { default: pg } = await import('pg');
    const own = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000, keepAlive: true });
    const ended = new Promise<void>((resolve) => own.once('end', resolve));
    own.on('error', (error) => log.debug({ err: error }, 'the connection for notices broke'));
    own.on('notification', ({ payload }) => tell(parse(payload)));
    await own.connect();
    if (mine !== wanted) return void own.end();
    client = own;
    try {
      await own.query(`listen ${channel}`);
      onListening();
      await ended;
    } finally {
      await own.end().catch(() => {});
    }
  }
}

function parse(payload: string | undefined): Changed {
  try {
    const names = payloadSchema.parse(JSON.parse(payload ?? ''));
    return names.map(([projectId, entity, entityId]) => ({ projectId, entity, entityId }));
  } catch {
    return 'everything';
  }
}
