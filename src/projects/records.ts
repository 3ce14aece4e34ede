import { UserError } from '../errors.ts';
import type { Database, Write } from '../store/store.ts';
import { canonicalJson } from '../text/merge-patch.ts';

/** What the store needs to know of a project to keep something for it. */
export interface ProjectName {
  /** What it is called while the store does not know it; the id it gets then may have a number more. */
  id: string;
  name: string;
  folder: string;
}

export interface ProjectRecord extends ProjectName {
  isAdded: boolean;
  isRemoved: boolean;
  createdAt: number;
}

const columns = ['id', 'name', 'folder', 'is_added', 'removed_at', 'created_at'] as const;

/** All projects of the store in the order in which they came to it, the removed ones too. */
export async function listRecords(db: Database): Promise<ProjectRecord[]> {
  const rows = await db.selectFrom('projects').select(columns).orderBy('created_at').orderBy('id').execute();
  return rows.map(toRecord);
}

/** The project's id in the store, which takes it in with the first thing that it keeps for it. */
export async function ensureRecord(write: Write, project: ProjectName, by: string): Promise<ProjectRecord> {
  const known = await write.db
    .selectFrom('projects')
    .select(columns)
    .where('folder', '=', project.folder)
    .executeTakeFirst();
  if (known) return toRecord(known);
  const taken = await write.db.selectFrom('projects').select('id').execute();
  const id = freeId(project.id, new Set(taken.map((row) => row.id)));
  const row = { id, name: project.name, folder: project.folder, is_added: 0, removed_at: null, created_at: write.now };
  await write.db
    .insertInto('projects')
    .values({ ...row, next_ticket: 1 })
    .execute();
  const record = toRecord(row);
  await appendProjectEvent(write, { before: undefined, after: record, action: 'met', by });
  return record;
}

export interface ProjectChange {
  before: ProjectRecord | undefined;
  after: ProjectRecord;
  action: string;
  by: string;
}

export async function appendProjectEvent(write: Write, { before, after, action, by }: ProjectChange): Promise<void> {
  await write.append({
    ...{ projectId: after.id, entity: 'project', entityId: after.id, version: 1, action, actor: by },
    before: before ? canonicalJson({ ...before }) : 'null',
    after: canonicalJson({ ...after }),
  });
}

/** The id that a project wishes for, or the first one after it that is free. */
export function freeId(wanted: string, taken: ReadonlySet<string>): string {
  let id = wanted;
  for (let number = 2; taken.has(id); number++) id = `${wanted}-${number}`;
  return id;
}

/**
 * The project that somebody means. An id is one project's alone, and so is a folder; a name may be that of several.
 *
 * @throws UserError `bad_input` for a name that is
 */
export function findReferred<Found extends ProjectName>(
  projects: readonly Found[],
  reference: string,
): Found | undefined {
  const exact = projects.find(({ id }) => id === reference) ?? projects.find(({ folder }) => folder === reference);
  if (exact) return exact;
  const [named, ...others] = projects.filter(({ name }) => name === reference);
  if (others.length === 0) return named;
  const ids = [named, ...others].map((each) => each?.id).join(', ');
  throw new UserError(
    'bad_input',
    `Several projects are called ${JSON.stringify(reference)}. Give the id of one: ${ids}.`,
  );
}

interface ProjectRow {
  id: string;
  name: string;
  folder: string;
  is_added: number;
  removed_at: number | null;
  created_at: number;
}

function toRecord(row: ProjectRow): ProjectRecord {
  return {
    ...{ id: row.id, name: row.name, folder: row.folder, createdAt: row.created_at },
    ...{ isAdded: row.is_added === 1, isRemoved: row.removed_at !== null },
  };
}
