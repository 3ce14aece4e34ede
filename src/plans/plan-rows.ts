import { UserError } from '../errors.ts';
import type { Database, Write } from '../store/store.ts';
import { readJson } from '../text/json.ts';
import { canonicalJson } from '../text/merge-patch.ts';
import { type Plan, type PlanDocument, planDocument, planId } from './plan.ts';

const maxDocumentCharacters = 500_000;

/** A plan by what lists know of it. */
export interface PlanHead {
  projectId: string;
  number: number;
  /** The newest. */
  revision: number;
  createdAt: number;
}

/** @throws UserError `not_found` */
export async function loadHead(db: Database, projectId: string, number: number): Promise<PlanHead> {
  const row = await db
    .selectFrom('plans')
    .select(['revision', 'created_at'])
    .where('project_id', '=', projectId)
    .where('number', '=', number)
    .executeTakeFirst();
  if (!row) throw noPlan(number, await lastNumber(db, projectId));
  return { projectId, number, revision: row.revision, createdAt: row.created_at };
}

/** @param revision the newest where it is absent @throws UserError `not_found`, or `unavailable` for what is no plan */
export async function loadPlan(db: Database, projectId: string, number: number, revision?: number): Promise<Plan> {
  const head = await loadHead(db, projectId, number);
  const stored = await db
    .selectFrom('plan_revisions')
    .select(['revision', 'at', 'document'])
    .where('project_id', '=', projectId)
    .where('number', '=', number)
    .where('revision', '=', revision ?? head.revision)
    .executeTakeFirst();
  if (!stored) throw noRevision(number, revision ?? head.revision, head.revision);
  const document = planDocument.safeParse(readJson(stored.document)).data;
  if (!document) throw unreadable(number, stored.revision);
  return { ...head, revision: stored.revision, updatedAt: stored.at, document };
}

/** An earlier revision, with numbers for new steps and questions that no revision has used. */
export async function loadToRestore(db: Database, head: PlanHead, revision: number): Promise<PlanDocument> {
  const { projectId, number } = head;
  const { document } = await loadPlan(db, projectId, number, revision);
  const rows = await db
    .selectFrom('plan_revisions')
    .select('document')
    .where('project_id', '=', projectId)
    .where('number', '=', number)
    .execute();
  const all = rows.flatMap((row) => planDocument.safeParse(readJson(row.document)).data ?? []);
  return {
    ...document,
    next_step: Math.max(...all.map(({ next_step }) => next_step)),
    next_question: Math.max(...all.map(({ next_question }) => next_question)),
  };
}

/** Writes a revision; the first makes the plan. */
export async function insertRevision({ db, now }: Write, plan: Plan): Promise<void> {
  const { projectId, number, revision, document } = plan;
  const text = canonicalJson(document);
  if (text.length > maxDocumentCharacters) {
    throw new UserError('limit', `A plan may have ${maxDocumentCharacters} characters in all. Split it.`);
  }
  const row = { ...columnsOf(document), revision, updated_at: now };
  if (revision === 1) {
    await db
      .insertInto('plans')
      .values({ project_id: projectId, number, created_at: now, ...row })
      .execute();
  } else {
    await db.updateTable('plans').set(row).where('project_id', '=', projectId).where('number', '=', number).execute();
  }
  await db
    .insertInto('plan_revisions')
    .values({ project_id: projectId, number, revision, at: now, document: text })
    .execute();
}

export function columnsOf({ title, steps, ticket }: PlanDocument) {
  return { title, steps: steps.length, ticket: ticket ?? null };
}

export async function takeNumber({ db }: Write, projectId: string): Promise<number> {
  const { next_plan: next } = await db
    .updateTable('projects')
    .set(({ eb }) => ({ next_plan: eb('next_plan', '+', 1) }))
    .where('id', '=', projectId)
    .returning('next_plan')
    .executeTakeFirstOrThrow();
  return next - 1;
}

/** What a list shows of a plan. */
export interface ListedPlan {
  number: number;
  revision: number;
  title: string;
  steps: number;
  ticket: string | undefined;
  createdAt: number;
  updatedAt: number;
}

/** The newest plans first. @param before only those with lower numbers */
export async function listRows(
  db: Database,
  projectId: string,
  { limit, before }: { limit: number; before?: number | undefined },
): Promise<{ rows: ListedPlan[]; hasMore: boolean }> {
  const query = db
    .selectFrom('plans')
    .select(['number', 'revision', 'title', 'steps', 'ticket', 'created_at', 'updated_at'])
    .where('project_id', '=', projectId)
    .orderBy('number', 'desc')
    .limit(limit + 1);
  const found = await (before === undefined ? query : query.where('number', '<', before)).execute();
  const rows = found.slice(0, limit).map(({ created_at: createdAt, updated_at: updatedAt, ticket, ...row }) => {
    return { ...row, ticket: ticket ?? undefined, createdAt, updatedAt };
  });
  return { rows, hasMore: found.length > limit };
}

/** The newest revisions of some plans, but for those that cannot be read. */
export async function loadReadable(db: Database, projectId: string, numbers: readonly number[]): Promise<Plan[]> {
  if (numbers.length === 0) return [];
  const rows = await db
    .selectFrom('plans')
    .innerJoin('plan_revisions as stored', (join) =>
      join
        .onRef('stored.project_id', '=', 'plans.project_id')
        .onRef('stored.number', '=', 'plans.number')
        .onRef('stored.revision', '=', 'plans.revision'),
    )
    .select(['plans.number', 'plans.revision', 'plans.created_at', 'plans.updated_at', 'stored.document'])
    .where('plans.project_id', '=', projectId)
    .where('plans.number', 'in', numbers)
    .execute();
  return rows.flatMap(({ number, revision, created_at: createdAt, updated_at: updatedAt, ...row }) => {
    const document = planDocument.safeParse(readJson(row.document)).data;
    return document ? [{ projectId, number, revision, createdAt, updatedAt, document }] : [];
  });
}

/** Removes all plans of a project for good. */
export async function purgePlans({ db }: Write, projectId: string): Promise<void> {
  for (const table of ['plan_revisions', 'plans'] as const) {
    await db.deleteFrom(table).where('project_id', '=', projectId).execute();
  }
}

async function lastNumber(db: Database, projectId: string): Promise<number | undefined> {
  const [last] = (await listRows(db, projectId, { limit: 1 })).rows;
  return last?.number;
}

/** @param last the last one that there is */
export function noPlan(number: number, last: number | undefined): UserError {
  const known = last === undefined ? 'It has none yet; make one with create_plan' : `The last one is ${planId(last)}`;
  return new UserError(
    'not_found',
    `There is no ${planId(number)} in this project. ${known}; find plans with list_plans.`,
  );
}

function noRevision(number: number, revision: number, last: number): UserError {
  return new UserError('not_found', `${planId(number)} has no revision ${revision}; it has 1 to ${last}.`);
}

function unreadable(number: number, revision: number): UserError {
  return new UserError(
    'unavailable',
    `Revision ${revision} of ${planId(number)} cannot be read: what is stored of it is no plan. Others are not concerned: name another revision, or bring an earlier one back with revise_plan and "restore".`,
  );
}
