import * as z from 'zod';
import { UserError } from '../errors.ts';
import { findRequest } from '../store/requests.ts';
import type { Read, Write } from '../store/store.ts';
import { readJson } from '../text/json.ts';
import { canonicalJson } from '../text/merge-patch.ts';
import { hasRunningLease } from './lease.ts';
import { readLabels } from './stored-json.ts';
import type { Author } from './ticket.ts';

/** A label with limits: so many of its tickets may be worked on at once, and each may fail so often. */
export interface Queue {
  label: string;
  parallel: number;
  attempts: number;
  isPaused: boolean;
  /** How many of its tickets are claimed now. */
  running: number;
}

/** What a caller sets; what is left out stays, or is the default of a new queue. */
export type QueueLimits = Pick<Queue, 'label' | 'parallel'> & {
  attempts?: number | undefined;
  isPaused?: boolean | undefined;
};

const defaults = { attempts: 3, isPaused: false };
const limitsSchema = z.object({ parallel: z.int(), attempts: z.int(), isPaused: z.boolean() });

export async function findQueues(read: Read, projectId: string): Promise<Queue[]> {
  const rows = await read.db
    .selectFrom('queues')
    .selectAll()
    .where('project_id', '=', projectId)
    .orderBy('label')
    .execute();
  if (rows.length === 0) return [];
  const labels = await claimedLabels(read, projectId);
  return rows.map(({ label, parallel, attempts, is_paused }) => ({
    ...{ label, parallel, attempts, isPaused: is_paused === 1 },
    running: labels.filter((each) => each === label).length,
  }));
}

async function countRunning(read: Read, projectId: string, label: string): Promise<number> {
  return (await claimedLabels(read, projectId)).filter((each) => each === label).length;
}

/** Those of all claimed tickets, one after the other. */
async function claimedLabels({ db, now }: Read, projectId: string): Promise<string[]> {
  const claimed = await db
    .selectFrom('tickets')
    .select('labels')
    .where('project_id', '=', projectId)
    .where(hasRunningLease(now))
    .execute();
  return claimed.flatMap((row) => readLabels(row.labels));
}

/** The labels of queues that give out none now. */
export function fullLabels(queues: readonly Queue[]): string[] {
  return queues.filter(({ isPaused, running, parallel }) => isPaused || running >= parallel).map(({ label }) => label);
}

export async function saveQueue(write: Write, projectId: string, limits: QueueLimits, author: Author): Promise<Queue> {
  const { label, parallel } = limits;
  const earlier = await findRequest(write.db, projectId, author.request);
  if (earlier) return savedUnder(write, projectId, label, earlier);
  const old = (await findQueues(write, projectId)).find((each) => each.label === label);
  const { attempts = (old ?? defaults).attempts, isPaused = (old ?? defaults).isPaused } = limits;
  const row = { parallel, attempts, is_paused: isPaused ? 1 : 0 };
  await write.db
    .insertInto('queues')
    .values({ project_id: projectId, label, ...row })
    .onConflict((conflict) => conflict.columns(['project_id', 'label']).doUpdateSet(row))
    .execute();
  await write.append({
    ...{ projectId, entity: 'queue', entityId: label, version: 1, action: 'limited', actor: author.source },
    before: old ? canonicalJson({ parallel: old.parallel, attempts: old.attempts, isPaused: old.isPaused }) : 'null',
    after: canonicalJson({ parallel, attempts, isPaused }),
    request: author.request,
  });
  return { label, parallel, attempts, isPaused, running: await countRunning(write, projectId, label) };
}

/** The limits as that request set them; how many run is told as it is now. */
async function savedUnder(write: Write, projectId: string, label: string, { seq }: { seq: number }): Promise<Queue> {
  const event = await write.db.selectFrom('events').select('after').where('seq', '=', seq).executeTakeFirstOrThrow();
  const limits = limitsSchema.safeParse(readJson(event.after)).data;
  if (limits) return { label, ...limits, running: await countRunning(write, projectId, label) };
  throw new UserError(
    'unavailable',
    `What this request_id did to the queue "${label}" cannot be read. Set its limits again under a new one.`,
  );
}
