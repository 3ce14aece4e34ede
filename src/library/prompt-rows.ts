import { UserError } from '../errors.ts';
import type { Database, Write } from '../store/store.ts';
import { readJson } from '../text/json.ts';
import { canonicalJson } from '../text/merge-patch.ts';
import { nearest } from '../text/nearest.ts';
import { headOf, type PromptDocument, type PromptHead, promptDocument, promptHead } from './prompt.ts';

/** A prompt as the store has it. */
export interface StoredPrompt {
  /** Of its project, or what stands for none. */
  projectId: string;
  name: string;
  version: number;
  updatedAt: number;
  document: PromptDocument;
}

export type VersionKey = Pick<StoredPrompt, 'projectId' | 'name' | 'version'>;

/** A prompt by what lists tell of it. */
export type ListedRow = Omit<StoredPrompt, 'document' | 'updatedAt'> & { head: PromptHead };

/** Which version of a prompt is the newest. */
export interface PromptState {
  version: number;
  isDeleted: boolean;
}

/** The newest versions without their bodies, by name; but for those that are deleted or cannot be read. */
export async function listRows(db: Database, projectIds: readonly string[]): Promise<ListedRow[]> {
  const found = await db
    .selectFrom('prompts')
    .select(['project_id', 'name', 'version', 'head'])
    .where('project_id', 'in', projectIds)
    .where('is_deleted', '=', 0)
    .orderBy('name')
    .execute();
  const rows = found.map(({ project_id: projectId, name, version, head }) => {
    return { projectId, name, version, head: promptHead.safeParse(readJson(head ?? '')).data };
  });
  const older = await loadReadable(
    db,
    rows.filter(({ head }) => !head),
  );
  const known = new Map(older.map((prompt) => [promptKey(prompt.projectId, prompt.name), headOf(prompt.document)]));
  return rows.flatMap((row) => {
    const head = row.head ?? known.get(promptKey(row.projectId, row.name));
    return head ? [{ ...row, head }] : [];
  });
}

/** Some versions whole, but for those that cannot be read. */
export async function loadReadable(db: Database, wanted: readonly VersionKey[]): Promise<StoredPrompt[]> {
  const loaded: StoredPrompt[] = [];
  for (let at = 0; at < wanted.length; at += maxLoaded) {
    const keys = wanted.slice(at, at + maxLoaded);
    const rows = await db
      .selectFrom('prompt_versions')
      .select(['project_id', 'name', 'version', 'at', 'document'])
      .where(({ eb, refTuple, tuple }) =>
        eb(
          refTuple('project_id', 'name', 'version'),
          'in',
          keys.map(({ projectId, name, version }) => tuple(projectId, name, version)),
        ),
      )
      .execute();
    for (const { project_id: projectId, name, version, at: updatedAt, document: text } of rows) {
      const document = readDocument(text);
      if (document) loaded.push({ projectId, name, version, updatedAt, document });
    }
  }
  return loaded;
}

/** In one query. */
const maxLoaded = 200;

export async function loadHead(db: Database, projectId: string, name: string): Promise<PromptState | undefined> {
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
  const row = { version, is_deleted: 0, updated_at: now, head: headText(document) };
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

/** What lists tell of a prompt, as it is stored. */
export function headText(document: PromptDocument): string {
  return canonicalJson({ ...headOf(document), arguments: argumentsOf(document) });
}

export function jsonOf(document: PromptDocument) {
  return { ...document, arguments: argumentsOf(document) };
}

function argumentsOf({ arguments: declared }: PromptDocument) {
  return declared.map(({ default: initial, description, complete, ...rest }) => {
    return { ...rest, default: initial, description, complete };
  });
}

export interface PromptVersion {
  version: number;
  at: number;
  by: string;
  uses: number;
}

const maxVersions = 50;

/** The newest first. */
export async function listVersions(db: Database, projectId: string, name: string): Promise<PromptVersion[]> {
  const rows = await db
    .selectFrom('prompt_versions as stored')
    .leftJoin('prompt_uses as used', (join) =>
      join
        .onRef('used.project_id', '=', 'stored.project_id')
        .onRef('used.name', '=', 'stored.name')
        .onRef('used.version', '=', 'stored.version'),
    )
    .select(['stored.version', 'stored.at', 'stored.actor', 'used.uses'])
    .where('stored.project_id', '=', projectId)
    .where('stored.name', '=', name)
    .orderBy('stored.version', 'desc')
    .limit(maxVersions)
    .execute();
  return rows.map(({ actor: by, uses, ...row }) => ({ ...row, by, uses: uses ?? 0 }));
}

/** What stands for the version of a prompt that is not in the store. */
export const ofFile = 0;
export const ofOctant = -1;

/** By project and name, as `promptKey` has them, with what is in the store as one whatever its versions. */
export type PromptUses = ReadonlyMap<string, Readonly<Record<'stored' | 'file' | 'octant', number>>>;

export async function listUses(db: Database, projectIds: readonly string[]): Promise<PromptUses> {
  const rows = await db
    .selectFrom('prompt_uses')
    .select(['project_id', 'name', 'version', 'uses'])
    .where('project_id', 'in', projectIds)
    .execute();
  const found = new Map<string, { stored: number; file: number; octant: number }>();
  for (const { project_id: owner, name, version, uses } of rows) {
    const known = found.get(promptKey(owner, name)) ?? { stored: 0, file: 0, octant: 0 };
    known[version === ofFile ? 'file' : version === ofOctant ? 'octant' : 'stored'] += uses;
    found.set(promptKey(owner, name), known);
  }
  return found;
}

export function promptKey(projectId: string, name: string): string {
  return `${projectId} ${name}`;
}

export async function countUse({ db, now }: Write, { projectId, name, version }: VersionKey): Promise<void> {
  await db
    .insertInto('prompt_uses')
    .values({ project_id: projectId, name, version, uses: 1, used_at: now })
    .onConflict((conflict) =>
      conflict.columns(['project_id', 'name', 'version']).doUpdateSet(({ eb }) => ({
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
