import { UserError } from '../errors.ts';
import { ensureRecord, type ProjectName } from '../projects/records.ts';
import { type ChangeRequest, findRequest } from '../store/requests.ts';
import type { Store, Write } from '../store/store.ts';
import { type Plan, type PlanDocument, planId } from './plan.ts';
import {
  insertRevision,
  type ListedPlan,
  listRows,
  loadHead,
  loadPlan,
  loadReadable,
  loadToRestore,
  noPlan,
  type PlanHead,
  takeNumber,
} from './plan-rows.ts';

/** Who changes a plan, and the caller's own id of the request where it gave one. */
export interface PlanAuthor {
  /** `human` or `agent:NAME`. */
  source: string;
  request?: ChangeRequest | undefined;
}

/**
 * The plans of all projects. Each change is one transaction with its event and makes a revision, whole; earlier ones stay.
 * Given a request id again, a change gives its first result. A look makes no store that nobody has used yet.
 */
export interface Plans {
  create(project: ProjectName, document: PlanDocument, author: PlanAuthor): Promise<Plan>;
  /**
   * A new revision.
   *
   * @param based the revision that the document was made from
   * @throws UserError `conflict` when it is not the newest any more
   */
  revise(project: ProjectName, based: PlanHead, document: PlanDocument, author: PlanAuthor): Promise<Plan>;
  /** What a new revision is made from: the newest one, or an earlier one that is to be brought back. */
  start(projectId: string, number: number, restore?: number): Promise<{ based: PlanHead; document: PlanDocument }>;
  /** What an earlier call of the same request id made, to give it again before anything else is looked at. */
  repeated(project: ProjectName, author: PlanAuthor): Promise<Plan | undefined>;
  /** The newest revision, or the one asked for. @throws UserError `not_found` */
  get(projectId: string, number: number, revision?: number): Promise<Plan>;
  /** Several at once, in no order, but for those that cannot be read. */
  getAll(projectId: string, numbers: readonly number[]): Promise<Plan[]>;
  /** The newest first. */
  list(
    projectId: string,
    page: { limit: number; before?: number | undefined },
  ): Promise<{ rows: ListedPlan[]; hasMore: boolean }>;
  /** Calls `listener` after each change of a plan that `concerns` says yes to, until it is ended. */
  watch(concerns: (projectId: string, number: number) => boolean, listener: () => void): () => void;
}

export function createPlans(store: Store): Plans {
  return {
    create: (project, document, author) =>
      store.write(project.id, async (write) => {
        const { id } = await ensureRecord(write, project, author.source);
        const earlier = await findEarlier(write, id, author.request);
        if (earlier) return earlier;
        const times = { createdAt: write.now, updatedAt: write.now };
        const plan = { projectId: id, number: await takeNumber(write, id), revision: 1, ...times, document };
        return save(write, plan, 'created', author);
      }),

    revise: (project, based, document, author) =>
      store.write(project.id, async (write) => {
        const earlier = await findEarlier(write, based.projectId, author.request);
        if (earlier) return earlier;
        const head = await loadHead(write.db, based.projectId, based.number);
        if (head.revision !== based.revision) throw revisedMeanwhile(head, based.revision);
        const { told: _, ...revised } = document;
        const plan = { ...head, revision: head.revision + 1, updatedAt: write.now, document: revised };
        return save(write, plan, 'revised', author);
      }),

    async repeated(project, { request }) {
      if (!request || !store.exists()) return undefined;
      return store.read((read) => findEarlier(read, project.id, request));
    },

    async start(projectId, number, restore) {
      if (!store.exists()) throw noPlan(number, undefined);
      return store.read(async ({ db }) => {
        const based = await loadHead(db, projectId, number);
        if (restore !== undefined) return { based, document: await loadToRestore(db, based, restore) };
        return { based, document: (await loadPlan(db, projectId, number)).document };
      });
    },

    async get(projectId, number, revision) {
      if (!store.exists()) throw noPlan(number, undefined);
      return store.read(({ db }) => loadPlan(db, projectId, number, revision));
    },

    async getAll(projectId, numbers) {
      if (!store.exists()) return [];
      return store.read(({ db }) => loadReadable(db, projectId, numbers));
    },

    async list(projectId, page) {
      if (!store.exists()) return { rows: [], hasMore: false };
      return store.read(({ db }) => listRows(db, projectId, page));
    },

    watch(concerns, listener) {
      return store.onChange((changed) => {
        const isConcerned =
          changed === 'everything' ||
          changed.some(({ projectId, entity, entityId }) => entity === 'plan' && concerns(projectId, Number(entityId)));
        if (isConcerned) listener();
      });
    },
  };
}

async function findEarlier({ db }: Pick<Write, 'db'>, projectId: string, request: ChangeRequest | undefined) {
  const first = await findRequest(db, projectId, request);
  return first && loadPlan(db, projectId, Number(first.entity_id), first.version);
}

async function save(write: Write, plan: Plan, action: 'created' | 'revised', author: PlanAuthor): Promise<Plan> {
  const { projectId, number, revision } = plan;
  await insertRevision(write, plan);
  await write.append({
    ...{ projectId, entity: 'plan', entityId: String(number), version: revision, action, actor: author.source },
    ...{ request: author.request, before: revision === 1 ? 'null' : `{"revision":${revision - 1}}` },
    after: `{"revision":${revision}}`, // whole in its own table
  });
  return plan;
}

/** @param based the revision that the caller had in mind */
export function revisedMeanwhile({ number, revision }: PlanHead, based: number): UserError {
  return new UserError(
    'conflict',
    `${planId(number)} has revision ${revision} by now, not ${based}. Nothing was changed; see what is new with get_plan and "compare": ${based}.`,
  );
}
