import { randomInt, randomUUID } from 'node:crypto';
import type { Selectable } from 'kysely';
import { UserError } from '../errors.ts';
import { type Receipt, receiptsOfRun } from '../models/receipts.ts';
import { ensureRecord, type ProjectName } from '../projects/records.ts';
import { type ChangeRequest, findRequest } from '../store/requests.ts';
import type { RunsTable } from '../store/schema.ts';
import { isLeft } from '../store/signs-of-life.ts';
import type { Changed, Read, Store, Write } from '../store/store.ts';
import { readJson } from '../text/json.ts';
import { canonicalJson, type Json } from '../text/merge-patch.ts';
import {
  keptMs,
  newRunId,
  type Run,
  type RunDocument,
  type RunStatus,
  runDocument,
  runIdStart,
  runStatuses,
} from './run.ts';

/**
 * The runs of all processes on the store. A look makes no store that nobody has used yet.
 *
 * All of it may throw what the store throws.
 */
export interface Runs {
  /**
   * Writes a run down before it does anything.
   *
   * @throws UserError `conflict` where `repeated` finds another run of the same request
   */
  begin(project: ProjectName, document: RunDocument, request?: ChangeRequest): Promise<Run>;
  /**
   * The run of an earlier call of the same request, unless it came to nothing.
   *
   * @throws UserError as {@link findRequest}
   */
  repeated(project: ProjectName, request: ChangeRequest): Promise<Run | undefined>;
  /** How far it is. Nothing is written once it has ended. */
  save(run: Run, document: RunDocument): Promise<void>;
  end(run: Run, status: Exclude<RunStatus, 'running'>, document: RunDocument): Promise<void>;
  /** A sign of life of those that this process does. */
  beat(ids: readonly string[]): Promise<void>;
  /** Asks the process that does it to end it. Nothing happens to one that has ended. */
  cancel(run: Run, by: string): Promise<void>;
  /** Those of these that somebody wants to end. */
  cancelled(ids: readonly string[]): Promise<string[]>;
  /** @throws UserError `not_found` for what is not there, or is of no such project */
  get(id: string, projectIds: readonly string[]): Promise<Run>;
  /** The newest first. */
  list(projectIds: readonly string[], page: { before?: string | undefined; limit: number }): Promise<Run[]>;
  /** Of each call of a model, in order. */
  receipts(id: string): Promise<Receipt[]>;
  /** Calls `listener` after each change of a run that `concerns` says yes to, until it is ended. */
  watch(concerns: (id: string) => boolean, listener: () => void): () => void;
}

/** Whoever watches has heard of a step by then; a long run has many. */
const stepsKeptMs = 60_000;

export function createRuns(store: Store): Runs {
  const owner = randomUUID();

  return {
    begin: (project, document, caller) =>
      store.write(project.id, async (write) => {
        const { id: projectId } = await ensureRecord(write, project, document.by);
        const request = caller && (await takeRequest(write, projectId, caller));
        const run: Run = {
          id: newRunId(write.now, randomInt),
          projectId,
          status: 'running',
          createdAt: write.now,
          document,
        };
        await write.db
          .insertInto('runs')
          .values({
            ...{ id: run.id, project_id: projectId, status: run.status, created_at: write.now },
            ...{ owner, beat_at: write.now, is_cancelled: 0, document: toText(document) },
          })
          .execute();
        await prune(write, projectId);
        await note(write, run, 'began', document.by, request);
        return run;
      }),

    async repeated(project, request) {
      if (!store.exists()) return undefined;
      return store.read((read) => findRepeated(read, project.id, ownRequest(request)));
    },

    save: (run, document) => store.write(run.projectId, (write) => put(write, run, 'running', document)),

    end: (run, status, document) =>
      store.write(run.projectId, (write) => put(write, run, status, { ...document, ended_at: write.now })),

    async beat(ids) {
      await store.write('runs', ({ db, now }) =>
        db.updateTable('runs').set({ beat_at: now }).where('id', 'in', ids).where('owner', '=', owner).execute(),
      );
    },

    cancel: (run, by) =>
      store.write(run.projectId, async (write) => {
        const { numUpdatedRows } = await write.db
          .updateTable('runs')
          .set({ is_cancelled: 1 })
          .where('id', '=', run.id)
          .where('status', '=', 'running')
          .where('is_cancelled', '=', 0)
          .executeTakeFirst();
        if (numUpdatedRows > 0n) await note(write, run, 'cancel', by);
      }),

    cancelled: (ids) =>
      store.read(async ({ db }) => {
        const rows = await db
          .selectFrom('runs')
          .select('id')
          .where('id', 'in', ids)
          .where('is_cancelled', '=', 1)
          .execute();
        return rows.map(({ id }) => id);
      }),

    async get(id, projectIds) {
      const row = store.exists() ? await store.read((read) => findRow(read, id)) : undefined;
      if (row && projectIds.includes(row.projectId)) return row;
      throw new UserError(
        'not_found',
        `There is no run "${id}" of the projects served here. get_run without an id lists the last ones.`,
      );
    },

    async list(projectIds, { before, limit }) {
      if (!store.exists() || projectIds.length === 0) return [];
      return store.read(async ({ db, now }) => {
        const query = db.selectFrom('runs').selectAll().where('project_id', 'in', projectIds).orderBy('id', 'desc');
        const page = before === undefined ? query : query.where('id', '<', before);
        return (await page.limit(limit).execute()).flatMap((row) => toRun(row, now) ?? []);
      });
    },

    receipts: (id) => store.read(({ db }) => receiptsOfRun(db, id)),

    watch: (concerns, listener) =>
      store.onChange((changed: Changed) => {
        if (changed === 'everything') return listener();
        if (changed.some(({ entity, entityId }) => entity === 'run' && concerns(entityId))) listener();
      }),
  };

  /** Only by its owner, and only while it runs: an end is the last word. */
  async function put(write: Write, run: Run, status: RunStatus, document: RunDocument) {
    const { numUpdatedRows } = await write.db
      .updateTable('runs')
      .set({ status, document: toText(document), beat_at: write.now })
      .where('id', '=', run.id)
      .where('owner', '=', owner)
      .where('status', '=', 'running')
      .executeTakeFirst();
    if (numUpdatedRows === 0n) return;
    await note(write, run, status === 'running' ? 'step' : status, document.by);
  }
}

async function prune({ db, now }: Write, projectId: string) {
  const old = runIdStart(now - keptMs);
  await db.deleteFrom('runs').where('project_id', '=', projectId).where('id', '<', old).execute();
  await db
    .deleteFrom('events')
    .where('project_id', '=', projectId)
    .where('entity', '=', 'run')
    .where('action', '=', 'step')
    .where('at', '<', now - stepsKeptMs)
    .execute();
}

/** So that others hear of it; what is in the run stands in its row. */
function note(
  write: Write,
  { id, projectId }: Run,
  action: string,
  actor: string,
  request?: ChangeRequest,
): Promise<void> {
  return write.append({
    ...{ projectId, entity: 'run', entityId: id, version: 1, action, actor },
    ...{ before: 'null', after: 'null', request },
  });
}

/** The id itself is for the change that the run makes. */
function ownRequest({ id, digest }: ChangeRequest): ChangeRequest {
  return { id: `${id}~run`, digest };
}

const cameToNothing: readonly RunStatus[] = ['failed', 'cancelled', 'interrupted'];

async function findRepeated(read: Read, projectId: string, request: ChangeRequest): Promise<Run | undefined> {
  const first = await findRequest(read.db, projectId, request);
  const run = first && (await findRow(read, first.entity_id));
  return run && !cameToNothing.includes(run.status) ? run : undefined;
}

/** For the next run of this request; one that came to nothing gives it up. */
async function takeRequest(write: Write, projectId: string, caller: ChangeRequest): Promise<ChangeRequest> {
  const request = ownRequest(caller);
  const run = await findRepeated(write, projectId, request);
  if (run) throw new UserError('conflict', `The same request has begun ${run.id} already. See get_run.`);
  await write.db
    .updateTable('events')
    .set({ request_id: null, request_digest: null })
    .where('project_id', '=', projectId)
    .where('request_id', '=', request.id)
    .execute();
  return request;
}

async function findRow({ db, now }: Read, id: string): Promise<Run | undefined> {
  const row = await db.selectFrom('runs').selectAll().where('id', '=', id).executeTakeFirst();
  return row && toRun(row, now);
}

/** `undefined` for what is no run of ours: another program wrote it, or a newer Octant. */
function toRun(row: Selectable<RunsTable>, now: number): Run | undefined {
  const { data: document } = runDocument.safeParse(readJson(row.document));
  if (!document) return undefined;
  const status = isLeft(row, now) ? 'interrupted' : statusOf(row.status);
  return { id: row.id, projectId: row.project_id, status, createdAt: row.created_at, document };
}

function statusOf(text: string): RunStatus {
  return runStatuses.find((each) => each === text) ?? 'failed';
}

function toText(document: RunDocument): string {
  const json: Json = JSON.parse(JSON.stringify(document));
  return canonicalJson(json);
}

/** Removes the runs that are turns of a conversation for good, all or those of some turns. */
export async function purgeRunsOfTurns(
  { db }: Write,
  projectId: string,
  conversation: number,
  turns?: ReadonlySet<string>,
): Promise<void> {
  const rows = await db
    .selectFrom('runs')
    .select(['id', 'document'])
    .where('project_id', '=', projectId)
    .where('document', 'like', '%"turns":{%')
    .execute();
  for (const { id, document } of rows) {
    const about = runDocument.safeParse(readJson(document)).data?.turns;
    if (about?.conversation !== conversation || (turns && !about.ids.some((turn) => turns.has(turn)))) continue;
    await db.deleteFrom('runs').where('id', '=', id).execute();
  }
}

/** Removes all runs of a project for good. */
export async function purgeRuns({ db }: Write, projectId: string): Promise<void> {
  await db.deleteFrom('runs').where('project_id', '=', projectId).execute();
}
