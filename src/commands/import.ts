import { createReadStream, readdirSync, readFileSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { Context } from '../context.ts';
import { StartError } from '../errors.ts';
import { checkDump, loadDump } from '../store/dump.ts';
import { counted } from '../text/count.ts';
import { fromBeads } from '../tickets/beads.ts';
import type { ForeignTicket } from '../tickets/foreign.ts';
import { fromMarkdown } from '../tickets/markdown.ts';
import { fromTaskMaster } from '../tickets/task-master.ts';
import { reindexTickets } from '../tickets/ticket-index.ts';
import type { Say } from './say.ts';

/** `octant import PATH`: an export of our own, or the tickets of another system into the first project. */
export async function importAny(path: string, context: Context, say: Say): Promise<void> {
  const target = resolve(path);
  const isFolder = isFolderAt(target);
  if (!isFolder && (await isDump(target))) return importDump(target, context, say);
  const tickets = isFolder || isMarkdown(target) ? readMarkdown(target, isFolder) : readForeign(target);
  if (tickets.length === 0) throw new StartError(`No ticket was found in ${target}.`);
  await importTickets(tickets, context, say);
}

function isFolderAt(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) throw new StartError(`There is nothing at ${path}.`);
  return found.isDirectory();
}

async function isDump(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(64), position: 0 });
    return buffer.toString('utf8', 0, bytesRead).startsWith('{"octant":"export"');
  } finally {
    await file.close();
  }
}

/** Read twice: nothing is written before all of it is known to be sound. */
async function importDump(path: string, { store, settings }: Context, say: Say) {
  const { counts, projects } = await checkDump(linesOf(path));
  const [project] = projects;
  const [folder, ...others] = settings.project.map((each) => resolve(each));
  if (folder !== undefined && (projects.length !== 1 || others.length > 0)) {
    throw new StartError(
      `${path} holds ${counted(projects.length, 'project')}: "--project" can say where one is, not where several are.`,
    );
  }
  await store.write(project?.id ?? 'import', async (write) => {
    await loadDump(write, linesOf(path), (each) => folder ?? each.folder);
    for (const { id } of projects) await reindexTickets(write, id);
  });
  say(
    `Imported ${counted(counts.projects, 'project')} with ${counted(counts.tickets, 'ticket')} and ${counted(counts.events, 'event')}.`,
  );
}

function linesOf(path: string): AsyncIterable<string> {
  return createInterface({ input: createReadStream(path, 'utf8'), crlfDelay: Number.POSITIVE_INFINITY });
}

function readMarkdown(path: string, isFolder: boolean): ForeignTicket[] {
  if (!isFolder) return readTicket(path, basename(path));
  const names = readdirSync(path, { recursive: true, encoding: 'utf8' });
  const files = names.filter(isMarkdown).sort();
  return files.flatMap((name) => readTicket(join(path, name), name.replaceAll('\\', '/')));
}

function isMarkdown(path: string): boolean {
  return /\.(md|markdown)$/i.test(path);
}

/** None for Markdown that is no ticket. */
function readTicket(path: string, name: string): ForeignTicket[] {
  const ticket = fromMarkdown(name, readFileSync(path, 'utf8'));
  return ticket ? [ticket] : [];
}

/** One JSON value, or one a line. */
function readForeign(path: string): ForeignTicket[] {
  const text = readFileSync(path, 'utf8');
  const tickets = fromTaskMaster(orUndefined(text));
  if (tickets) return tickets;
  const lines = text.split('\n');
  if (typeof orUndefined(lines[0] ?? '') === 'object') return fromBeads(lines);
  throw new StartError(
    `${path} is nothing that can be imported: an export of Octant, Task Master's tasks.json, beads' issues.jsonl, a Markdown file with front matter, or a folder of these.`,
  );
}

function orUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function importTickets(tickets: readonly ForeignTicket[], { projects, tickets: service }: Context, say: Say) {
  const project = await projects.findKept(undefined);
  const author = { source: 'human', connection: 'import' };
  const { project: id, tickets: added, known, dropped } = await service.import(project, tickets, author);
  const others = known > 0 ? `; ${known} were there already` : '';
  say(`Imported ${counted(added.length, 'ticket')} into ${id}${others}.`);
  for (const link of dropped.slice(0, 20)) say(`Left out a link that leads nowhere or in a circle: ${link}`);
  if (dropped.length > 20) say(`and ${dropped.length - 20} more.`);
}
