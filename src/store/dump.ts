import * as z from 'zod';
import { UserError } from '../errors.ts';
import { readJson } from '../text/json.ts';
import { canonicalJson } from '../text/merge-patch.ts';
import { chatsOf } from './dump-chats.ts';
import { promptRows } from './dump-prompts.ts';
import { jsonColumns, type Line, line, rows } from './dump-rows.ts';
import { migrations } from './migrations.ts';
import { type Database, noProject, type Write } from './store.ts';

/*
 * Everything in the store as JSON lines: a head, then each project with its queues, tickets, plans, prompts, conversations,
 * receipts, runs and events, then what is of no project, then a foot that counts them, so that a file that was cut short
 * is known. What can be made anew from these (full text, links, terms) is
 * left out, and so are counters of the database itself, so that the same lines come out of any store they are read into.
 */

const head = z.strictObject({ octant: z.literal('export'), schema: z.int() });
const counts = z.strictObject({
  projects: z.int(),
  queues: z.int(),
  tickets: z.int(),
  events: z.int(),
  receipts: z.int().default(0),
  runs: z.int().default(0),
  plans: z.int().default(0),
  plan_revisions: z.int().default(0),
  prompts: z.int().default(0),
  prompt_versions: z.int().default(0),
  prompt_uses: z.int().default(0),
  conversations: z.int().default(0),
  chat_branches: z.int().default(0),
  chat_messages: z.int().default(0),
  chat_turns: z.int().default(0),
  chat_summaries: z.int().default(0),
});
export type Counts = z.infer<typeof counts>;

/** By table; a test holds that no table or column is forgotten, unless it can be made anew. */
export const dumpedColumns: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries(rows).map(([table, row]) => [table, Object.keys(row.shape)]),
);

const end = z.strictObject({ end: counts });

const packedColumns = new Map(counts.keyof().options.map((table) => [table, jsonColumns(table)]));

const pageSize = 500;

/** @param isWanted which projects, by their ids */
export async function dump(
  db: Database,
  isWanted: (project: string) => boolean,
  emit: (line: string) => Promise<void>,
): Promise<Counts> {
  const found = noCounts();
  await emit(JSON.stringify({ octant: 'export', schema: migrations.length }));
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
  await emit(JSON.stringify({ end: found }));
  return found;

  async function writePrompts(owner: string) {
    for (const [table, row] of await promptRows(db, owner)) await write(table, row);
  }

  function write(table: keyof Counts, row: Readonly<Record<string, string | number | null>>): Promise<void> {
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

async function* ticketsOf(db: Database, project: string) {
  const columns = rows.tickets.keyof().options;
  const query = db.selectFrom('tickets').select(columns).where('project_id', '=', project).orderBy('number');
  for (let last: number | undefined = 0; last !== undefined; ) {
    const page = await query.where('number', '>', last).limit(pageSize).execute();
    yield* page;
    last = page.at(-1)?.number;
  }
}

async function* plansOf(db: Database, project: string) {
  const columns = rows.plans.keyof().options;
  const query = db.selectFrom('plans').select(columns).where('project_id', '=', project).orderBy('number');
  for (let last: number | undefined = 0; last !== undefined; ) {
    const page = await query.where('number', '>', last).limit(pageSize).execute();
    yield* page;
    last = page.at(-1)?.number;
  }
}

function revisionsOf(db: Database, { project_id: project, number }: { project_id: string; number: number }) {
  const columns = rows.plan_revisions.keyof().options;
  const query = db.selectFrom('plan_revisions').select(columns).where('project_id', '=', project);
  return query.where('number', '=', number).orderBy('revision').execute();
}

async function* receiptsOf(db: Database, project: string) {
  const columns = rows.receipts.keyof().options;
  const query = db.selectFrom('receipts').select(columns).where('project_id', '=', project).orderBy('id');
  for (let last: string | undefined = ''; last !== undefined; ) {
    const page = await query.where('id', '>', last).limit(pageSize).execute();
    yield* page;
    last = page.at(-1)?.id;
  }
}

async function* eventsOf(db: Database, project: string) {
  const columns = [...rows.events.keyof().options, 'seq'] as const;
  const query = db.selectFrom('events').select(columns).where('project_id', '=', project).orderBy('seq');
  for (let last: number | undefined = 0; last !== undefined; ) {
    const page = await query.where('seq', '>', last).limit(pageSize).execute();
    for (const { seq: _, ...event } of page) yield event;
    last = page.at(-1)?.seq;
  }
}

async function* runsOf(db: Database, project: string) {
  const columns = rows.runs.keyof().options;
  const query = db.selectFrom('runs').select(columns).where('project_id', '=', project).orderBy('id');
  for (let last: string | undefined = ''; last !== undefined; ) {
    const page = await query.where('id', '>', last).limit(pageSize).execute();
    yield* page;
    last = page.at(-1)?.id;
  }
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

/** What a file of lines holds. */
export interface Dump {
  counts: Counts;
  projects: ReadonlyArray<{ id: string; folder: string }>;
}

/** @throws UserError `bad_input` for a line that is none of ours, and for a file that was cut short */
export async function checkDump(lines: AsyncIterable<string>): Promise<Dump> {
  const found = noCounts();
  const projects: Dump['projects'][number][] = [];
  const seen = new Set<string>();
  const next = new Map<string, NextNumbers>([[noProject, { next_ticket: 1, next_plan: 1, next_conversation: 1 }]]);
  for await (const parsed of parseLines(lines)) {
    if ('projects' in parsed) {
      projects.push(parsed.projects);
      next.set(parsed.projects.id, parsed.projects);
    }
    const key = keyOf(parsed);
    if (key !== undefined && seen.has(key)) throw new UserError('bad_input', `The export holds ${key} twice.`);
    if (key !== undefined) seen.add(key);
    checkOwner(parsed, next);
    for (const table of tables) found[table] += Number(table in parsed);
  }
  return { counts: found, projects };
}

/** What may be there once; an event has no name of its own but its request's. */
function keyOf(parsed: Line): string | undefined {
  if ('projects' in parsed) return `the project ${parsed.projects.id}`;
  if ('tickets' in parsed) return `the ticket ${parsed.tickets.project_id}.T-${parsed.tickets.number}`;
  if ('queues' in parsed) return `the queue ${parsed.queues.label} of ${parsed.queues.project_id}`;
  if ('plans' in parsed) return `the plan ${parsed.plans.project_id}.P-${parsed.plans.number}`;
  if ('plan_revisions' in parsed) {
    const { project_id: project, number, revision } = parsed.plan_revisions;
    return `revision ${revision} of the plan ${project}.P-${number}`;
  }
  if ('prompts' in parsed) return `the prompt ${parsed.prompts.name} of ${parsed.prompts.project_id}`;
  if ('prompt_versions' in parsed) {
    const { project_id: project, name, version } = parsed.prompt_versions;
    return `version ${version} of the prompt ${name} of ${project}`;
  }
  if ('prompt_uses' in parsed) return `the uses of ${parsed.prompt_uses.name} of ${parsed.prompt_uses.project_id}`;
  const part = chatKeyOf(parsed);
  if (part !== undefined) return part;
  if ('receipts' in parsed) return `the receipt ${parsed.receipts.id}`;
  if ('runs' in parsed) return `the run ${parsed.runs.id}`;
  if (!('events' in parsed)) return undefined;
  const { project_id: project, request_id: request } = parsed.events;
  return request === null ? undefined : `the request ${request} of ${project}`;
}

function chatKeyOf(parsed: Line): string | undefined {
  if ('conversations' in parsed) {
    return `the conversation ${parsed.conversations.project_id}.C-${parsed.conversations.number}`;
  }
  if ('chat_messages' in parsed) {
    const { project_id: project, conversation, number } = parsed.chat_messages;
    return `the message ${project}.C-${conversation}/${number}`;
  }
  if ('chat_branches' in parsed) {
    const { project_id: project, conversation, id } = parsed.chat_branches;
    return `branch ${id} of ${project}.C-${conversation}`;
  }
  if ('chat_summaries' in parsed) {
    const { project_id: project, conversation, message } = parsed.chat_summaries;
    return `the summary of ${project}.C-${conversation}/${message}`;
  }
  return 'chat_turns' in parsed ? `the turn ${parsed.chat_turns.id}` : undefined;
}

interface NextNumbers {
  next_ticket: number;
  next_plan: number;
  next_conversation: number;
}

/** Each line belongs to a project before it, whose next ticket and plan get a number that none has. */
function checkOwner(parsed: Line, next: ReadonlyMap<string, NextNumbers>) {
  if ('projects' in parsed) return;
  const owner = ownerOf(parsed);
  const limit = next.get(owner);
  if (limit === undefined) throw new UserError('bad_input', `The export holds a line of ${owner} before that project.`);
  if ('tickets' in parsed && parsed.tickets.number >= limit.next_ticket) {
    const number = parsed.tickets.number;
    throw new UserError(
      'bad_input',
      `The export has T-${number} in ${owner}, whose next ticket is T-${limit.next_ticket}.`,
    );
  }
  if ('plans' in parsed && parsed.plans.number >= limit.next_plan) {
    const number = parsed.plans.number;
    throw new UserError(
      'bad_input',
      `The export has P-${number} in ${owner}, whose next plan is P-${limit.next_plan}.`,
    );
  }
  if ('conversations' in parsed && parsed.conversations.number >= limit.next_conversation) {
    const number = parsed.conversations.number;
    throw new UserError(
      'bad_input',
      `The export has C-${number} in ${owner}, whose next conversation is C-${limit.next_conversation}.`,
    );
  }
}

function ownerOf(parsed: Exclude<Line, { projects: unknown }>): string {
  const [row] = Object.values<{ project_id: string }>(parsed);
  return row?.project_id ?? '';
}

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
    if ('projects' in parsed) {
      const { projects: project } = parsed;
      project.folder = folderOf(project);
      await checkFree(db, project);
    }
    if ('prompts' in parsed) await checkFreeName(db, parsed.prompts);
    batch.push(parsed);
    if (batch.length < pageSize) continue;
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

/** Projects before what refers to them. */
async function insert(db: Database, batch: readonly Line[]) {
  const projects = batch.flatMap((each) => ('projects' in each ? [each.projects] : []));
  const queues = batch.flatMap((each) => ('queues' in each ? [each.queues] : []));
  const tickets = batch.flatMap((each) => ('tickets' in each ? [each.tickets] : []));
  const plans = batch.flatMap((each) => ('plans' in each ? [each.plans] : []));
  const revisions = batch.flatMap((each) => ('plan_revisions' in each ? [each.plan_revisions] : []));
  const prompts = batch.flatMap((each) => ('prompts' in each ? [each.prompts] : []));
  const versions = batch.flatMap((each) => ('prompt_versions' in each ? [each.prompt_versions] : []));
  const uses = batch.flatMap((each) => ('prompt_uses' in each ? [each.prompt_uses] : []));
  const conversations = batch.flatMap((each) => ('conversations' in each ? [each.conversations] : []));
  const branches = batch.flatMap((each) => ('chat_branches' in each ? [each.chat_branches] : []));
  const messages = batch.flatMap((each) => ('chat_messages' in each ? [each.chat_messages] : []));
  const turns = batch.flatMap((each) => ('chat_turns' in each ? [each.chat_turns] : []));
  const summaries = batch.flatMap((each) => ('chat_summaries' in each ? [each.chat_summaries] : []));
  const receipts = batch.flatMap((each) => ('receipts' in each ? [each.receipts] : []));
  const events = batch.flatMap((each) => ('events' in each ? [each.events] : []));
  const runs = batch.flatMap((each) => ('runs' in each ? [each.runs] : []));
  if (projects.length > 0) await db.insertInto('projects').values(projects).execute();
  if (queues.length > 0) await db.insertInto('queues').values(queues).execute();
  if (tickets.length > 0) await db.insertInto('tickets').values(tickets).execute();
  if (plans.length > 0) await db.insertInto('plans').values(plans).execute();
  if (revisions.length > 0) await db.insertInto('plan_revisions').values(revisions).execute();
  if (prompts.length > 0) await db.insertInto('prompts').values(prompts).execute();
  if (versions.length > 0) await db.insertInto('prompt_versions').values(versions).execute();
  if (uses.length > 0) {
    const query = db.insertInto('prompt_uses').values(uses);
    await query.onConflict((conflict) => conflict.columns(['project_id', 'name']).doNothing()).execute();
  }
  if (conversations.length > 0) await db.insertInto('conversations').values(conversations).execute();
  if (branches.length > 0) await db.insertInto('chat_branches').values(branches).execute();
  if (messages.length > 0) await db.insertInto('chat_messages').values(messages).execute();
  if (turns.length > 0) await db.insertInto('chat_turns').values(turns).execute();
  if (summaries.length > 0) await db.insertInto('chat_summaries').values(summaries).execute();
  if (receipts.length > 0) await db.insertInto('receipts').values(receipts).execute();
  if (events.length > 0) await db.insertInto('events').values(events).execute();
  if (runs.length > 0) await db.insertInto('runs').values(runs).execute();
}

/** @throws UserError `bad_input` */
async function* parseLines(lines: AsyncIterable<string>): AsyncGenerator<Line> {
  const found = noCounts();
  let number = 0;
  let expected: Counts | undefined;
  for await (const text of lines) {
    const content = number === 0 ? text.replace(/^\uFEFF/, '') : text;
    if (content.trim() === '') continue;
    const value = readJson(content);
    if (++number === 1) checkHead(value);
    else if (expected) throw new UserError('bad_input', `Line ${number} stands behind the end of the export.`);
    else {
      const parsed = z.union([line, end]).safeParse(value);
      if (!parsed.success) throw new UserError('bad_input', `Line ${number} is none of an export of Octant.`);
      if ('end' in parsed.data) expected = parsed.data.end;
      else {
        for (const table of tables) found[table] += Number(table in parsed.data);
        yield parsed.data;
      }
    }
  }
  if (expected && canonicalJson(expected) === canonicalJson(found)) return;
  throw new UserError('bad_input', 'The export was cut short: its last lines are missing. Nothing was imported.');
}

/** Whether a file that begins with this line is one of ours. */
export function isHead(line: string): boolean {
  return head.safeParse(readJson(line.replace(/^\uFEFF/, ''))).success;
}

function checkHead(value: unknown) {
  const parsed = head.safeParse(value);
  if (!parsed.success) throw new UserError('bad_input', 'The first line is not the one of an export of Octant.');
  if (parsed.data.schema > migrations.length) {
    throw new UserError('bad_input', 'The export was made by a newer Octant. Update Octant.');
  }
}

const tables = counts.keyof().options;

function noCounts(): Counts {
  return counts.parse({ projects: 0, queues: 0, tickets: 0, events: 0 });
}
