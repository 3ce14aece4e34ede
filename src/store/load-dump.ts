import { UserError } from '../errors.ts';
import { parseLines, tables } from './dump-lines.ts';
import type { Line, Row, Table } from './dump-rows.ts';
import type { Database, Write } from './store.ts';

const batchSize = 500;

/**
 * Puts the lines into the store as they are.
 *
 * @param folderOf where the folder of a project is on this machine
 * @throws UserError `conflict` when one of the projects is there already; `bad_input` as `checkDump`
 */
export async function loadDump(
  { db }: Write,
  lines: AsyncIterable<string>,
  folderOf: (project: { folder: string }) => string,
): Promise<void> {
  let batch: Line[] = [];
  for await (const parsed of parseLines(lines)) {
    if (parsed.projects) {
      const { projects: project } = parsed;
      project.folder = folderOf(project);
      await checkFree(db, project);
    }
    if (parsed.prompts) await checkFreeName(db, parsed.prompts);
    batch.push(parsed);
    if (batch.length < batchSize) continue;
    await insert(db, batch);
    batch = [];
  }
  await insert(db, batch);
}

async function checkFree(db: Database, { id, folder }: { id: string; folder: string }) {
  const taken = await db
    .selectFrom('projects')
    .select('id')
    .where((eb) => eb.or([eb('id', '=', id), eb('folder', '=', folder)]))
    .executeTakeFirst();
  if (!taken) return;
  throw new UserError(
    'conflict',
    `The store has the project "${taken.id}" already, and an import changes nothing that is there. Remove it for good first (remove_project with "purge"), or name an empty store with --data-dir or --store. For another place of the same project give --project PATH with the import.`,
  );
}

/** Prompts of no project, which may be there already. */
async function checkFreeName(db: Database, { project_id: owner, name }: { project_id: string; name: string }) {
  const query = db.selectFrom('prompts').select('name').where('project_id', '=', owner).where('name', '=', name);
  if (!(await query.executeTakeFirst())) return;
  throw new UserError(
    'conflict',
    `The store has a prompt "${name}" already, and an import changes nothing that is there. Export the projects that you want by --project, without what is of none.`,
  );
}

async function insert(db: Database, batch: readonly Line[]) {
  for (const table of tables) await insertInto(table, db, batch);
}

async function insertInto<Of extends Table>(table: Of, db: Database, batch: readonly Line[]) {
  const found = batch.map((each) => each[table]).filter((row) => row !== undefined);
  if (found.length > 0) await inserts[table](db, found).execute();
}

type Insert<Of extends Table> = (db: Database, rows: Row<Of>[]) => { execute(): Promise<unknown> };

const inserts: { [Of in Table]: Insert<Of> } = {
  projects: (db, rows) => db.insertInto('projects').values(rows),
  queues: (db, rows) => db.insertInto('queues').values(rows),
  tickets: (db, rows) => db.insertInto('tickets').values(rows),
  plans: (db, rows) => db.insertInto('plans').values(rows),
  plan_revisions: (db, rows) => db.insertInto('plan_revisions').values(rows),
  prompts: (db, rows) => db.insertInto('prompts').values(rows),
  prompt_versions: (db, rows) => db.insertInto('prompt_versions').values(rows),
  prompt_uses: (db, rows) =>
    db
      .insertInto('prompt_uses')
      .values(rows)
      .onConflict((conflict) => conflict.columns(['project_id', 'name', 'version']).doNothing()),
  conversations: (db, rows) => db.insertInto('conversations').values(rows),
  chat_branches: (db, rows) => db.insertInto('chat_branches').values(rows),
  chat_messages: (db, rows) => db.insertInto('chat_messages').values(rows),
  chat_turns: (db, rows) => db.insertInto('chat_turns').values(rows),
  chat_summaries: (db, rows) => db.insertInto('chat_summaries').values(rows),
  receipts: (db, rows) => db.insertInto('receipts').values(rows),
  events: (db, rows) => db.insertInto('events').values(rows),
  runs: (db, rows) => db.insertInto('runs').values(rows),
};
