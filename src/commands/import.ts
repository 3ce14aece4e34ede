import { createReadStream, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { restoreChats } from '../chats/rows/restore-chats.ts';
import type { Context } from '../context.ts';
import { StartError } from '../errors.ts';
import { readPromptFile } from '../library/foreign.ts';
import { restorePrompts } from '../library/restore-prompts.ts';
import { restorePlans } from '../plans/restore-plans.ts';
import { namedFolder } from '../projects/folders.ts';
import { checkDump, type Dump } from '../store/check-dump.ts';
import { isHead } from '../store/dump-lines.ts';
import { loadDump } from '../store/load-dump.ts';
import { noProject } from '../store/store.ts';
import { counted } from '../text/count.ts';
import { readJson } from '../text/json.ts';
import { fromBeads } from '../tickets/beads.ts';
import type { ForeignTicket } from '../tickets/foreign.ts';
import { fromMarkdown } from '../tickets/markdown.ts';
import { restoreTickets } from '../tickets/restore.ts';
import { fromTaskMaster } from '../tickets/task-master.ts';
import { importPrompts, type PromptInFile } from './import-prompts.ts';
import type { Say } from './say.ts';

/** `octant import PATH`: an export of our own, or tickets and prompts, also of other systems, into the first project. */
export async function importAny(path: string, context: Context, say: Say): Promise<void> {
  const target = resolve(path);
  const isFolder = isFolderAt(target);
  if (!isFolder && (await isDump(target))) return importDump(target, context, say);
  const hasMarkdown = isFolder || isMarkdown(target);
  const { tickets, prompts } = hasMarkdown
    ? readMarkdown(target, isFolder)
    : { tickets: readForeign(target), prompts: [] };
  if (tickets.length + prompts.length === 0) throw new StartError(`No ticket or prompt was found in ${target}.`);
  if (prompts.length > 0) await importPrompts(prompts, context, say);
  if (tickets.length > 0) await importTickets(tickets, context, say);
}

function isFolderAt(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) throw new StartError(`There is nothing at ${path}.`);
  if (!found.isDirectory() && !found.isFile())
    throw new StartError(`${path} is no regular file. Save it as one first.`);
  return found.isDirectory();
}

async function isDump(path: string): Promise<boolean> {
  for await (const line of linesOf(path)) return isHead(line);
  return false;
}

/** Read twice: nothing is written before all of it is known to be sound. */
async function importDump(path: string, { store, settings }: Context, say: Say) {
  const dump = await checkDump(linesOf(path));
  const folder = folderFor(path, dump, settings.project);
  await store.write(dump.projects[0]?.id ?? 'import', async (write) => {
    await loadDump(write, linesOf(path), (each) => folder ?? each.folder);
    for (const { id } of dump.projects) {
      await restoreTickets(write, id);
      await restorePlans(write, id);
      await restoreChats(write, id);
      await restorePrompts(write, id);
    }
    await restorePrompts(write, noProject);
  });
  const { projects, tickets, events } = dump.counts;
  say(`Imported ${counted(projects, 'project')} with ${counted(tickets, 'ticket')} and ${counted(events, 'event')}.`);
  for (const project of dump.projects) say(describePlace(project.id, folder ?? project.folder));
}

/** Where a single project is on this machine, if somebody said so. */
function folderFor(path: string, { projects }: Dump, named: readonly string[]): string | undefined {
  const [folder, ...others] = named.map(namedFolder);
  if (folder === undefined || (projects.length === 1 && others.length === 0)) return folder;
  throw new StartError(
    `${path} holds ${counted(projects.length, 'project')}, and ${counted(named.length, 'folder')} are named (--project, OCTANT_PROJECT or the config file). Name one folder for an export of one project, or none.`,
  );
}

function describePlace(id: string, folder: string): string {
  const isHere = statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true;
  return isHere
    ? `${id} is ${folder}.`
    : `${id} was ${folder}, which is not here. To say where it is, import into a store without it and give --project PATH.`;
}

function linesOf(path: string): AsyncIterable<string> {
  return createInterface({ input: createReadStream(path, 'utf8'), crlfDelay: Number.POSITIVE_INFINITY });
}

function readMarkdown(path: string, isFolder: boolean): { tickets: ForeignTicket[]; prompts: PromptInFile[] } {
  const tickets: ForeignTicket[] = [];
  const prompts: PromptInFile[] = [];
  for (const file of isFolder ? markdownIn(path) : [path]) {
    const text = readFileSync(file, 'utf8');
    const shown = isFolder ? slashed(relative(path, file)) : basename(path);
    const prompt = readPromptFile(slashed(file), text);
    if (prompt) prompts.push({ path: shown, ...prompt });
    else tickets.push(...[fromMarkdown(shown, text)].filter((ticket) => ticket !== undefined)); // none in other Markdown
  }
  return { tickets, prompts };
}

function markdownIn(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && isMarkdown(entry.name));
  return files.map(({ parentPath, name }) => join(parentPath, name)).sort();
}

function slashed(path: string): string {
  return path.replaceAll('\\', '/');
}

function isMarkdown(path: string): boolean {
  return /\.(mdc?|markdown)$/i.test(path);
}

/** One JSON value, or one a line. */
function readForeign(path: string): ForeignTicket[] {
  const text = readFileSync(path, 'utf8').replace(/^\uFEFF/, '');
  const tickets = fromTaskMaster(readJson(text));
  if (tickets) return tickets;
  const lines = text.split('\n');
  if (typeof readJson(lines[0] ?? '') === 'object') return fromBeads(lines);
  throw new StartError(
    `${path} is nothing that can be imported: an export of Octant, Task Master's tasks.json, beads' issues.jsonl, a Markdown file with front matter, or a folder of these.`,
  );
}

async function importTickets(tickets: readonly ForeignTicket[], { projects, tickets: service }: Context, say: Say) {
  const project = await projects.findKept(undefined);
  const author = { source: 'human', connection: 'import' };
  const { project: id, tickets: added, known, dropped } = await service.import(project, tickets, author);
  const others = known > 0 ? `; ${known} were there already` : '';
  say(`Imported ${counted(added.length, 'ticket')} into ${id}${others}.`);
  for (const what of dropped.slice(0, 20)) say(`Left out: ${what}.`);
  if (dropped.length > 20) say(`and ${dropped.length - 20} more.`);
}
