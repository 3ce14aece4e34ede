import { UserError } from '../errors.ts';
import type { Database, Write } from '../store/store.ts';
import { readJson } from '../text/json.ts';
import { canonicalJson } from '../text/merge-patch.ts';
import { nearest } from '../text/nearest.ts';
import { type PromptDocument, promptDocument } from './prompt.ts';

/** A prompt as the store has it. */
export interface StoredPrompt {
  /** Of its project, or what stands for none. */
  projectId: string;
  name: string;
  version: number;
  updatedAt: number;
  document: PromptDocument;
}

export interface PromptHead {
  version: number;
  isDeleted: boolean;
}

const maxPrompts = 2000;

/** The newest versions, by name; but for those that are deleted or cannot be read. */
export async function listRows(db: Database, projectIds: readonly string[]): Promise<StoredPrompt[]> {
  const rows = await db
    .selectFrom('prompts')
    .innerJoin('prompt_versions as stored', (join) =>
      join
        .onRef('stored.project_id', '=', 'prompts.project_id')
        .onRef('stored.name', '=', 'prompts.name')
        .onRef('stored.version', '=', 'prompts.version'),
    )
    .select(['prompts.project_id', 'prompts.name', 'prompts.version', 'prompts.updated_at', 'stored.document'])
    .where('prompts.project_id', 'in', projectIds)
    .where('prompts.is_deleted', '=', 0)
    .orderBy('prompts.name')
    .limit(maxPrompts)
    .execute();
  return rows.flatMap(({ project_id: projectId, name, version, updated_at: updatedAt, document: text }) => {
    const document = readDocument(text);
    return document ? [{ projectId, name, version, updatedAt, document }] : [];
  });
}

export async function loadHead(db: Database, projectId: string, name: string): Promise<PromptHead | undefined> {
  const row = await db
    .selectFrom('prompts')
    .select(['version', 'is_deleted'])
    .where('project_id', '=', projectId)
    .where('name', '=', name)
    .executeTakeFirst();
  return row && { version: row.version, isDeleted: row.is_deleted === 1 };
}

/** @throws UserError `not_found`, or `unavailable` for what is no prompt */
export async function loadVersion(
  db: Database,
  projectId: string,
  name: string,
  version: number,
): Promise<StoredPrompt> {
  const row = await db
    .selectFrom('prompt_versions')
    .select(['at', 'document'])
    .where('project_id', '=', projectId)
    .where('name', '=', name)
    .where('version', '=', version)
    .executeTakeFirst();
  if (!row) {
    throw new UserError(
      'not_found',
      `The prompt ${name} has no version ${version}. list_prompts with "name" tells those that it has.`,
    );
  }
  const document = readDocument(row.document);
  if (document) return { projectId, name, version, updatedAt: row.at, document };
  throw new UserError(
    'unavailable',
    `Version ${version} of the prompt ${name} cannot be read: what is stored of it is no prompt. Bring an earlier one back with save_prompt and "restore".`,
  );
}

function readDocument(text: string): PromptDocument | undefined {
  return promptDocument.safeParse(readJson(text)).data;
}

/** Writes a version; the first makes the prompt, and any brings it back where it was deleted. */
export async function insertVersion({ db, now }: Write, prompt: StoredPrompt, actor: string): Promise<void> {
  const { projectId, name, version, document } = prompt;
  const row = { version, is_deleted: 0, updated_at: now };
  await db
    .insertInto('prompts')
    .values({ project_id: projectId, name, created_at: now, ...row })
    .onConflict((conflict) => conflict.columns(['project_id', 'name']).doUpdateSet(row))
    .execute();
  await db
    .insertInto('prompt_versions')
    .values({ project_id: projectId, name, version, at: now, actor, document: canonicalJson(jsonOf(document)) })
    .execute();
}

export function jsonOf(document: PromptDocument) {
  const declared = document.arguments.map(({ default: initial, description, complete, ...rest }) => {
    return { ...rest, default: initial, description, complete };
  });
  return { ...document, arguments: declared };
}

export interface PromptVersion {
  version: number;
  at: number;
  by: string;
}

const maxVersions = 50;

/** The newest first. */
export async function listVersions(db: Database, projectId: string, name: string): Promise<PromptVersion[]> {
  const rows = await db
    .selectFrom('prompt_versions')
    .select(['version', 'at', 'actor'])
    .where('project_id', '=', projectId)
    .where('name', '=', name)
    .orderBy('version', 'desc')
    .limit(maxVersions)
    .execute();
  return rows.map(({ actor: by, ...row }) => ({ ...row, by }));
}

export interface PromptUses {
  uses: number;
  usedAt: number;
}

/** By project and name, as `usesKey` has them. */
export async function listUses(db: Database, projectIds: readonly string[]): Promise<Map<string, PromptUses>> {
  const rows = await db.selectFrom('prompt_uses').selectAll().where('project_id', 'in', projectIds).execute();
  return new Map(
    rows.map(({ project_id: owner, name, uses, used_at: usedAt }) => [usesKey(owner, name), { uses, usedAt }]),
  );
}

export function usesKey(projectId: string, name: string): string {
  return `${projectId} ${name}`;
}

export async function countUse({ db, now }: Write, projectId: string, name: string): Promise<void> {
  await db
    .insertInto('prompt_uses')
    .values({ project_id: projectId, name, uses: 1, used_at: now })
    .onConflict((conflict) =>
      conflict.columns(['project_id', 'name']).doUpdateSet(({ eb }) => ({
        uses: eb('prompt_uses.uses', '+', 1),
        used_at: now,
      })),
    )
    .execute();
}

/** Removes all prompts of a project for good. */
export async function purgePrompts({ db }: Write, projectId: string): Promise<void> {
  for (const table of ['prompt_uses', 'prompt_versions', 'prompts'] as const) {
    await db.deleteFrom(table).where('project_id', '=', projectId).execute();
  }
}

/** @param known names that there are */
export function noPrompt(name: string, known: readonly string[]): UserError {
  const near = nearest(name, known, 5).join(', ') || 'none';
  const shown = JSON.stringify(name.slice(0, 100));
  return new UserError('not_found', `There is no prompt ${shown}. Nearest: ${near}; find others with list_prompts.`);
}
