import type { Database, Write } from '../store/store.ts';
import { canonicalJson } from '../text/merge-patch.ts';
import { readLabels } from './stored-json.ts';

/** A label with limits: so many of its tickets may be worked on at once, and each may fail so often. */
export interface Queue {
  label: string;
  parallel: number;
  attempts: number;
  isPaused: boolean;
  /** How many of its tickets are claimed now. */
  running: number;
}

export const defaultAttempts = 3;

export async function findQueues(db: Database, projectId: string, now: number): Promise<Queue[]> {
  const rows = await db.selectFrom('queues').selectAll().where('project_id', '=', projectId).orderBy('label').execute();
  if (rows.length === 0) return [];
  const claimed = await db
    .selectFrom('tickets')
    .select('labels')
    .where('project_id', '=', projectId)
    .where('claim_expires_at', '>', now)
    .execute();
  const labels = claimed.flatMap((row) => readLabels(row.labels));
  return rows.map(({ label, parallel, attempts, is_paused }) => ({
    ...{ label, parallel, attempts, isPaused: is_paused === 1 },
    running: labels.filter((each) => each === label).length,
  }));
}

export function fullLabels(queues: readonly Queue[]): string[] {
  return queues.filter(({ isPaused, running, parallel }) => isPaused || running >= parallel).map(({ label }) => label);
}

export async function saveQueue(write: Write, projectId: string, queue: Queue, by: string): Promise<Queue> {
  const { label, parallel, attempts, isPaused } = queue;
  const old = (await findQueues(write.db, projectId, write.now)).find((each) => each.label === label);
  const row = { parallel, attempts, is_paused: isPaused ? 1 : 0 };
  await write.db
    .insertInto('queues')
    .values({ project_id: projectId, label, ...row })
    .onConflict((conflict) => conflict.columns(['project_id', 'label']).doUpdateSet(row))
    .execute();
  await write.append({
    ...{ projectId, entity: 'queue', entityId: label, version: 1, action: 'limited', actor: by },
    before: old ? canonicalJson({ parallel: old.parallel, attempts: old.attempts, isPaused: old.isPaused }) : 'null',
    after: canonicalJson({ parallel, attempts, isPaused }),
  });
  return { ...queue, running: old?.running ?? 0 };
}
