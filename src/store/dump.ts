import * as z from 'zod';
import { canonicalJson } from '../text/merge-patch.ts';
import { chatsOf } from './dump-chats.ts';
import { type Counts, footLine, headLine, noCounts, tables } from './dump-lines.ts';
import { promptRows } from './dump-prompts.ts';
import { jsonColumns, rows, type Table } from './dump-rows.ts';
import { readPages } from './read-pages.ts';
import { type Database, noProject } from './store.ts';

/*
 * Everything in the store as JSON lines: each project with its queues, tickets, plans, prompts, conversations, receipts, runs
 * and events, then what is of no project. What can be made anew from these (full text, links, terms) is left out, and so
 * are counters of the database itself, so that the same lines come out of any store they are read into.
 */

const packedColumns = new Map(tables.map((table) => [table, jsonColumns(table)]));

/** @param isWanted which projects, by their ids */
export async function dump(
  db: Database,
  isWanted: (project: string) => boolean,
  emit: (line: string) => Promise<void>,
): Promise<Counts> {
  const found = noCounts();
  await emit(headLine());
  const projects = await db.selectFrom('projects').select(rows.projects.keyof().options).orderBy('id').execute();
  for (const project of projects.filter(({ id }) => isWanted(id))) {
    await write('projects', project);
    for (const queue of await queuesOf(db, project.id)) await write('queues', queue);
    for await (const ticket of ticketsOf(db, project.id)) await write('tickets', ticket);
    for await (const plan of plansOf(db, project.id)) {
      await write('plans', plan);
      for (const revision of await revisionsOf(db, plan)) await write('plan_revisions', revision);
    }
    await writePrompts(project.id);
    for await (const { table, row } of chatsOf(db, project.id)) await write(table, row);
    for await (const receipt of receiptsOf(db, project.id)) await write('receipts', receipt);
    for await (const run of runsOf(db, project.id)) await write('runs', run);
    for await (const event of eventsOf(db, project.id)) await write('events', event);
  }
  if (isWanted(noProject)) {
    await writePrompts(noProject);
    for await (const event of eventsOf(db, noProject)) await write('events', event);
  }
  await emit(footLine(found));
  return found;

  async function writePrompts(owner: string) {
    for (const [table, row] of await promptRows(db, owner)) await write(table, row);
  }

  function write(table: Table, row: Readonly<Record<string, string | number | null>>): Promise<void> {
    found[table]++;
    const packed = packedColumns.get(table);
    const unpacked = Object.entries(row).map(([key, value]) => [key, packed?.has(key) ? unpack(value) : value]);
    return emit(JSON.stringify({ [table]: Object.fromEntries(unpacked) }));
  }
}

function queuesOf(db: Database, project: string) {
  const columns = rows.queues.keyof().options;
  return db.selectFrom('queues').select(columns).where('project_id', '=', project).orderBy('label').execute();
}

function ticketsOf(db: Database, project: string) {
  const columns = rows.tickets.keyof().options;
  const query = db.selectFrom('tickets').select(columns).where('project_id', '=', project).orderBy('number');
  return readPages('number', 0, (last) => query.where('number', '>', last));
}

function plansOf(db: Database, project: string) {
  const columns = rows.plans.keyof().options;
  const query = db.selectFrom('plans').select(columns).where('project_id', '=', project).orderBy('number');
  return readPages('number', 0, (last) => query.where('number', '>', last));
}

function revisionsOf(db: Database, { project_id: project, number }: { project_id: string; number: number }) {
  const columns = rows.plan_revisions.keyof().options;
  const query = db.selectFrom('plan_revisions').select(columns).where('project_id', '=', project);
  return query.where('number', '=', number).orderBy('revision').execute();
}

function receiptsOf(db: Database, project: string) {
  const columns = rows.receipts.keyof().options;
  const query = db.selectFrom('receipts').select(columns).where('project_id', '=', project).orderBy('id');
  return readPages('id', '', (last) => query.where('id', '>', last));
}

async function* eventsOf(db: Database, project: string) {
  const columns = [...rows.events.keyof().options, 'seq'] as const;
  const query = db.selectFrom('events').select(columns).where('project_id', '=', project).orderBy('seq');
  const pages = readPages('seq', 0, (last) => query.where('seq', '>', last));
  for await (const { seq: _, ...event } of pages) yield event;
}

function runsOf(db: Database, project: string) {
  const columns = rows.runs.keyof().options;
  const query = db.selectFrom('runs').select(columns).where('project_id', '=', project).orderBy('id');
  return readPages('id', '', (last) => query.where('id', '>', last));
}

/** JSON within JSON is hard to read. A text that would not come out of it again as it was stays a text. */
function unpack(value: string | number | null): unknown {
  if (typeof value !== 'string' || !/^[[{n]/.test(value)) return value;
  try {
    const parsed = z.json().parse(JSON.parse(value));
    return typeof parsed === 'object' && canonicalJson(parsed) === value ? parsed : value;
  } catch {
    return value;
  }
}
