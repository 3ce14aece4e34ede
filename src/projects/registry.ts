import { basename } from 'node:path';
import { messageOf, StartError, UserError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Store, Write } from '../store/store.ts';
import { withPatience } from '../store/with-patience.ts';
import { nearest } from '../text/nearest.ts';
import type { Root } from './door.ts';
import { impliedFolders, isSystemFolder, namedFolder } from './folders.ts';
import { appendProjectEvent, ensureRecord, findReferred, freeId, listRecords, type ProjectRecord } from './records.ts';

export interface Project extends Root {
  /** Short, and the same in every server on the store: the folder's name in lower case, numbered where two are equal. */
  id: string;
  /** What people call it; the folder's own name where nobody said. */
  name: string;
}

/** The projects that this server offers to its clients. */
export interface Projects {
  /** The default one first. */
  list(): Promise<readonly Project[]>;
  /** By id, name or path. @throws UserError `no_project` or `not_found`. */
  find(reference: string | undefined): Promise<Project>;
  /**
   * The same two for what the store keeps of projects. `list` and `find` guess ids while the store cannot tell them,
   * which is good enough for files; another project may have such an id. @throws what the store throws, too.
   */
  listKept(): Promise<readonly Project[]>;
  findKept(reference: string | undefined): Promise<Project>;
  /** Offers a folder from now on, here and in every server on the store that has the toolset `projects`. */
  add(path: string, name: string | undefined, by: string): Promise<Project>;
  /**
   * Offers it no more. What the store keeps of it stays, to be there again when it is added, unless `purge` removes it
   * for good.
   */
  remove(reference: string, options: { purge: boolean; by: string }): Promise<ProjectRecord>;
  /** All that the store knows, offered here or not. */
  known(): Promise<ProjectRecord[]>;
}

export interface ProjectChoice {
  /** Folders that the operator named. */
  named: readonly string[];
  /** Where the client started the server; taken only when nothing is named and it looks like a project. */
  startFolder: string;
  refuseHardLinks: boolean;
  /** Whether projects that `add_project` added are offered too. */
  offersAdded: boolean;
}

export interface ProjectServices {
  store: Store;
  log: Log;
  /** Removes what other domains keep of a project, inside the change that removes the project. */
  purge(write: Write, projectId: string): Promise<void>;
}

/** A server whose store cannot be read still serves files: it calls the projects by their folders for so long. */
const patienceMs = 1000;
const coolDownMs = 10_000;

/** @throws StartError when a named folder cannot be a project. */
export function createProjects(choice: ProjectChoice, { store, log, purge }: ProjectServices): Projects {
  const { named, startFolder, refuseHardLinks, offersAdded } = choice;
  const own = [...new Set(named.length > 0 ? named.map(operatorFolder) : impliedFolders(startFolder))];
  let recorded: readonly ProjectRecord[] = [];
  let askAgainAt = 0;

  return {
    list,

    find: async (reference) => pick(await list(), reference),

    listKept,

    findKept: async (reference) => pick(await listKept(), reference),

    async add(path, name, by) {
      const folder = addedFolder(path);
      const id = slugOf(folder);
      const record = await store.write(id, async (write) => {
        const before = await ensureRecord(write, { id, name: basename(folder), folder }, by);
        const after = { ...before, name: name ?? before.name, isAdded: true, isRemoved: false };
        await write.db
          .updateTable('projects')
          .set({ name: after.name, is_added: 1, removed_at: null })
          .where('id', '=', before.id)
          .execute();
        await appendProjectEvent(write, { before, after, action: 'added', by });
        return after;
      });
      forget();
      return { id: record.id, name: record.name, folder, refuseHardLinks };
    },

    async remove(reference, { purge: isPurged, by }) {
      const records = await store.read(({ db }) => listRecords(db));
      const record = findReferred(records, reference);
      if (!record) throw notFound(reference, records);
      await store.write(record.id, (write) => (isPurged ? purgeAll(write, record.id) : hide(write, record, by)));
      forget();
      return record;
    },

    known: () => store.read(({ db }) => listRecords(db)),
  };

  /** The folders of this server, called by the ids that the store gave them or will give them. */
  async function list(): Promise<readonly Project[]> {
    return called(await readRecords());
  }

  async function listKept(): Promise<readonly Project[]> {
    if (!isComplete() && store.exists()) recorded = await store.read(({ db }) => listRecords(db));
    return called(recorded);
  }

  function called(records: readonly ProjectRecord[]): readonly Project[] {
    const added = offersAdded ? records.filter(isOffered) : [];
    const folders = [...new Set([...own, ...added.map(({ folder }) => folder)])];
    const taken = new Set(records.map(({ id }) => id));
    return folders.map((folder) => {
      const record = records.find((each) => each.folder === folder);
      const id = record?.id ?? freeId(slugOf(folder), taken);
      taken.add(id);
      return { id, name: record?.name ?? basename(folder), folder, refuseHardLinks };
    });
  }

  /** Ids never change, so a server that offers only its own folders asks no more once it knows them. */
  async function readRecords(): Promise<readonly ProjectRecord[]> {
    if (isComplete() || Date.now() < askAgainAt || !store.exists()) return recorded;
    try {
      recorded = await withPatience(
        store.read(({ db }) => listRecords(db)),
        patienceMs,
      );
    } catch (error) {
      askAgainAt = Date.now() + coolDownMs;
      log.warn({ err: error }, 'the store cannot tell the ids of projects; they are called by their folders for now');
    }
    return recorded;
  }

  function isComplete(): boolean {
    return !offersAdded && own.every((folder) => recorded.some((record) => record.folder === folder));
  }

  function forget() {
    recorded = [];
    askAgainAt = 0;
  }

  async function purgeAll(write: Write, id: string) {
    await purge(write, id);
    await write.db.deleteFrom('events').where('project_id', '=', id).execute();
    await write.db.deleteFrom('projects').where('id', '=', id).execute();
  }

  async function hide(write: Write, record: ProjectRecord, by: string) {
    await write.db
      .updateTable('projects')
      .set({ is_added: 0, removed_at: write.now })
      .where('id', '=', record.id)
      .execute();
    const after = { ...record, isAdded: false, isRemoved: true };
    await appendProjectEvent(write, { before: record, after, action: 'removed', by });
  }
}

/** Looked at again each time: a store may come from a file that somebody else wrote. */
function isOffered({ isAdded, isRemoved, folder }: ProjectRecord): boolean {
  return isAdded && !isRemoved && !isSystemFolder(folder);
}

function pick(projects: readonly Project[], reference: string | undefined): Project {
  const [first] = projects;
  if (!first) throw new UserError('no_project', noProjectMessage);
  if (reference === undefined) return first;
  const found = findReferred(projects, reference);
  if (found) return found;
  throw notFound(reference, projects);
}

const noProjectMessage = `Octant was started without a project, in a folder that it does not take by itself. \
Name one: start it with "--project PATH", set OCTANT_PROJECT, or start the client in the project's folder.`;

function operatorFolder(path: string): string {
  try {
    return namedFolder(path);
  } catch (error) {
    throw new StartError(`--project ${path}: ${messageOf(error)}`, { cause: error });
  }
}

/** A model may name the folder: what is no project by itself is none because somebody says so. */
function addedFolder(path: string): string {
  const shown = JSON.stringify(path.slice(0, 200));
  let folder: string;
  try {
    folder = namedFolder(path);
  } catch (error) {
    throw new UserError('bad_input', `${shown} is no folder that can be opened. Give the absolute path of one.`, {
      cause: error,
    });
  }
  if (isSystemFolder(folder)) {
    throw new UserError('denied', `${shown} is a system folder or a personal one. Add a project's own folder.`);
  }
  return folder;
}

function notFound(reference: string, projects: readonly { id: string }[]): UserError {
  const ids = projects.map(({ id }) => id);
  const near = nearest(reference, ids, 10).join(', ') || 'none';
  return new UserError('not_found', `There is no project ${JSON.stringify(reference.slice(0, 200))}. Known: ${near}.`);
}

function slugOf(folder: string): string {
  const name = basename(folder) || folder;
  const slug = name
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[-.]+|[-.]+$/g, '');
  return slug || 'project';
}
