import { UserError } from '../errors.ts';
import { ensureRecord, type ProjectName } from '../projects/records.ts';
import { type ChangeRequest, findRequest } from '../store/requests.ts';
import { noProject, type Store, type Write } from '../store/store.ts';
import type { PromptDocument } from './prompt.ts';
import {
  countUse,
  insertVersion,
  type ListedRow,
  listRows,
  listUses,
  listVersions,
  loadHead,
  loadReadable,
  loadVersion,
  type PromptState,
  type PromptUses,
  type PromptVersion,
  type StoredPrompt,
  type VersionKey,
} from './prompt-rows.ts';

/** Who changes a prompt, and the caller's own id of the request where it gave one. */
export interface PromptAuthor {
  /** `human` or `agent:NAME`. */
  source: string;
  request?: ChangeRequest | undefined;
}

/** Whose a prompt is: a project's, or everybody's. */
export type Owner = ProjectName | 'global';

/**
 * The prompts in the store. Each change is one transaction with its event and makes a version, whole; earlier ones stay,
 * those of a deleted prompt too. Given a request id again, a change gives its first result. A look makes no store that
 * nobody has used yet.
 */
export interface SavedPrompts {
  /**
   * A new version, of what `change` makes of the one before.
   *
   * @throws UserError `conflict` when the newest is not `ifVersion`
   */
  save(
    owner: Owner,
    name: string,
    change: (before: PromptDocument | undefined) => PromptDocument,
    author: PromptAuthor & { ifVersion?: number | undefined },
  ): Promise<StoredPrompt>;
  /** An earlier version as a new one, also of a deleted prompt. */
  restore(owner: Owner, name: string, version: number, author: PromptAuthor): Promise<StoredPrompt>;
  /** Out of all lists; `restore` brings it back. @throws UserError `not_found` */
  remove(
    owner: Owner,
    name: string,
    author: PromptAuthor & { ifVersion?: number | undefined },
  ): Promise<{ version: number }>;
  /** Those of some projects and of everybody, with what is known of the uses of any. */
  list(projectIds: readonly string[]): Promise<{ prompts: ListedRow[]; uses: PromptUses }>;
  /** Some of a list, whole, in no order; but for those that cannot be read. */
  read(listed: readonly VersionKey[]): Promise<StoredPrompt[]>;
  head(owner: Owner, name: string): Promise<PromptState | undefined>;
  versions(owner: Owner, name: string): Promise<PromptVersion[]>;
  get(owner: Owner, name: string, version: number): Promise<StoredPrompt>;
  /** Counts a use of a version, or of what is not in the store; where there is no store, there is nothing to count in. */
  used(owner: Owner, name: string, version: number): Promise<void>;
  /** Calls `listener` after each change of any, and of the projects that have them, by any server. */
  watch(listener: () => void): () => void;
}

export function createSavedPrompts(store: Store): SavedPrompts {
  return {
    save: (owner, name, change, { ifVersion, ...author }) =>
      write(owner, author, async (inside, projectId) => {
        const earlier = await findEarlier(inside, projectId, author.request);
        if (earlier) return earlier;
        const head = await loadHead(inside.db, projectId, name);
        const current = head && !head.isDeleted ? head.version : undefined;
        if (ifVersion !== undefined && ifVersion !== current) throw changedMeanwhile(name, ifVersion, current);
        const before = current === undefined ? undefined : await loadVersion(inside.db, projectId, name, current);
        return append(inside, { projectId, name, document: change(before?.document) }, head?.version, author);
      }),

    restore: (owner, name, version, author) =>
      write(owner, author, async (inside, projectId) => {
        const earlier = await findEarlier(inside, projectId, author.request);
        if (earlier) return earlier;
        const head = await loadHead(inside.db, projectId, name);
        const { document } = await loadVersion(inside.db, projectId, name, version);
        return append(inside, { projectId, name, document }, head?.version, author);
      }),

    remove: (owner, name, { ifVersion, ...author }) =>
      write(owner, author, async (inside, projectId) => {
        const first = await findRequest(inside.db, projectId, author.request);
        if (first) return { version: first.version };
        const head = await loadHead(inside.db, projectId, name);
        if (!head || head.isDeleted) throw gone(name, head?.version);
        const { version } = head;
        if (ifVersion !== undefined && ifVersion !== version) throw changedMeanwhile(name, ifVersion, version);
        await inside.db
          .updateTable('prompts')
          .set({ is_deleted: 1, updated_at: inside.now })
          .where('project_id', '=', projectId)
          .where('name', '=', name)
          .execute();
        await inside.append({
          ...{ projectId, entity: 'prompt', entityId: name, version, action: 'deleted', actor: author.source },
          ...{ request: author.request, before: versionText(version), after: 'null' },
        });
        return { version };
      }),

    async list(projectIds) {
      if (!store.exists()) return { prompts: [], uses: new Map() };
      const owners = [...projectIds, noProject];
      return store.read(async ({ db }) => ({ prompts: await listRows(db, owners), uses: await listUses(db, owners) }));
    },

    read: async (listed) => (listed.length === 0 ? [] : store.read(({ db }) => loadReadable(db, listed))),

    async head(owner, name) {
      if (!store.exists()) return undefined;
      return store.read(({ db }) => loadHead(db, idOf(owner), name));
    },

    async versions(owner, name) {
      if (!store.exists()) return [];
      return store.read(({ db }) => listVersions(db, idOf(owner), name));
    },

    get: (owner, name, version) => store.read(({ db }) => loadVersion(db, idOf(owner), name, version)),

    async used(owner, name, version) {
      const projectId = idOf(owner);
      if (store.exists()) await store.write(projectId, (inside) => countUse(inside, { projectId, name, version }));
    },

    watch: (listener) =>
      store.onChange((changed) => {
        if (changed === 'everything' || changed.some(({ entity }) => entity === 'prompt' || entity === 'project'))
          listener();
      }),
  };

  function write<Result>(
    owner: Owner,
    { source }: PromptAuthor,
    change: (inside: Write, projectId: string) => Promise<Result>,
  ): Promise<Result> {
    return store.write(idOf(owner), async (inside) => {
      if (owner === 'global') return change(inside, noProject);
      return change(inside, (await ensureRecord(inside, owner, source)).id);
    });
  }
}

export function idOf(owner: Owner): string {
  return owner === 'global' ? noProject : owner.id;
}

async function findEarlier({ db }: Pick<Write, 'db'>, projectId: string, request: ChangeRequest | undefined) {
  const first = await findRequest(db, projectId, request);
  return first && loadVersion(db, projectId, first.entity_id, first.version);
}

async function append(
  inside: Write,
  prompt: Pick<StoredPrompt, 'projectId' | 'name' | 'document'>,
  last: number | undefined,
  { source, request }: PromptAuthor,
): Promise<StoredPrompt> {
  const version = (last ?? 0) + 1;
  const { projectId, name } = prompt;
  const saved = { ...prompt, version, updatedAt: inside.now };
  await insertVersion(inside, saved, source);
  await inside.append({
    ...{ projectId, entity: 'prompt', entityId: name, version, action: last === undefined ? 'created' : 'saved' },
    ...{ actor: source, request, before: last === undefined ? 'null' : versionText(last) },
    after: versionText(version), // whole in its own table
  });
  return saved;
}

function versionText(version: number): string {
  return `{"version":${version}}`;
}

function changedMeanwhile(name: string, asked: number, current: number | undefined): UserError {
  const now = current === undefined ? 'is not there now' : `has version ${current} now`;
  return new UserError(
    'conflict',
    `The prompt ${name} ${now}, not ${asked}. Nothing was changed; look with list_prompts.`,
  );
}

function gone(name: string, last: number | undefined): UserError {
  if (last === undefined)
    return new UserError('not_found', `The store has no prompt ${name} there. Find it with list_prompts.`);
  return new UserError(
    'not_found',
    `The prompt ${name} is deleted. Bring it back with save_prompt and "restore": ${last}.`,
  );
}
