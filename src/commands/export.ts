import { randomUUID } from 'node:crypto';
import { createReadStream, mkdirSync, statSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Context } from '../context.ts';
import { StartError, systemCode } from '../errors.ts';
import { dump } from '../store/dump.ts';
import type { Counts } from '../store/dump-lines.ts';
import { noProject } from '../store/store.ts';
import { counted } from '../text/count.ts';
import { toMarkdown } from '../tickets/markdown.ts';
import { allTickets } from '../tickets/rows.ts';
import { ticketId } from '../tickets/ticket.ts';
import { exportPromptFolder, exportPrompts, isPromptFolder } from './export-prompts.ts';
import { replaceBy, replaceFile } from './replace-file.ts';
import type { Say } from './say.ts';

/**
 * `octant export [PATH]`: everything as JSON lines on stdout or in a new file, or the tickets and prompts as Markdown in a
 * folder, or the prompts alone in a folder that is called like those that clients read, such as `.claude/commands`. Where projects are named, only these.
 */
export async function exportAll(path: string | undefined, context: Context, stdout: Writable, say: Say): Promise<void> {
  const { store, settings } = context;
  if (path !== undefined && isPromptFolder(path)) return exportPromptFolder(resolve(path), context, say);
  if (!store.exists()) throw new StartError(`There is no store in ${settings.dataDir}, so there is nothing to export.`);
  const ids = await wantedProjects(context);
  try {
    if (path === undefined) await exportTo(stdout, ids, context);
    else await exportPath(path, ids, context, say);
  } catch (error) {
    if (systemCode(error) === 'EPIPE') return; // the reader has what it wanted
    if (systemCode(error) === 'ENOSPC')
      throw new StartError('The disk is full. Nothing was exported.', { cause: error });
    throw error;
  }
}

async function wantedProjects({ settings, projects }: Context): Promise<ReadonlySet<string>> {
  const known = (await projects.known()).map(({ id }) => id);
  if (settings.project.length === 0) return new Set([...known, noProject]);
  const named = (await projects.listKept()).map(({ id }) => id).filter((id) => known.includes(id));
  if (named.length > 0) return new Set(named);
  throw new StartError(`The store knows none of the named projects. It has: ${known.join(', ') || 'none'}.`);
}

async function exportPath(path: string, ids: ReadonlySet<string>, context: Context, say: Say) {
  const target = resolve(path);
  const found = statSync(target, { throwIfNoEntry: false });
  if (found?.isDirectory() === true || (!found && /[/\\]$/.test(path)))
    return exportMarkdown(target, ids, context, say);
  if (found) throw new StartError(`There is something at ${target} already. Name another file, or remove that one.`);
  const counts = await replaceBy(target, (draft) => writeDump(draft, ids, context));
  say(`Exported ${describe(counts)} to ${target}. It is read back with "octant import".`);
}

function describe({ projects, tickets, plans, prompts, conversations, events }: Counts): string {
  const parts = [
    counted(tickets, 'ticket'),
    ...(plans > 0 ? [counted(plans, 'plan')] : []),
    ...(prompts > 0 ? [counted(prompts, 'prompt')] : []),
    ...(conversations > 0 ? [counted(conversations, 'conversation')] : []),
  ];
  return `${counted(projects, 'project')} with ${parts.join(', ')} and ${counted(events, 'event')}`;
}

/** By way of a file: a reader that takes its time must not keep the store waiting, nor get half of it twice. */
async function exportTo(stdout: Writable, ids: ReadonlySet<string>, context: Context) {
  const draft = join(tmpdir(), `octant-export-${randomUUID()}`);
  try {
    await writeDump(draft, ids, context);
    await pipeline(createReadStream(draft), stdout);
  } finally {
    await rm(draft, { force: true });
  }
}

const bufferedCharacters = 64 * 1024;

/** The store may ask again after a broken connection: each attempt begins the file anew. */
function writeDump(path: string, ids: ReadonlySet<string>, { store }: Context): Promise<Counts> {
  return store.read(async ({ db }) => {
    const file = await open(path, 'w', 0o600).catch((error) => {
      throw new StartError(`No file can be made at ${path}.`, { cause: error });
    });
    let buffer = '';
    try {
      const counts = await dump(
        db,
        (id) => ids.has(id),
        async (line) => {
          buffer += `${line}\n`;
          if (buffer.length > bufferedCharacters) await flush();
        },
      );
      await flush();
      await file.sync();
      return counts;
    } finally {
      await file.close();
    }

    async function flush() {
      const text = buffer;
      buffer = '';
      await file.writeFile(text);
    }
  });
}

/** `<folder>/<project>/T-12.md`; the files of deleted tickets go. */
async function exportMarkdown(folder: string, ids: ReadonlySet<string>, context: Context, say: Say) {
  const projects = [...ids].filter((id) => id !== noProject);
  let total = 0;
  for (const id of projects) total += await exportProject(join(folder, id), id, context);
  const prompts = await exportPrompts(folder, ids, context);
  const others = prompts > 0 ? ` and ${counted(prompts, 'prompt')}` : '';
  say(`Wrote ${counted(total, 'ticket')} of ${counted(projects.length, 'project')}${others} to ${folder}.`);
  say('Plans and conversations are in an export to a file.');
}

function exportProject(folder: string, id: string, { store }: Context): Promise<number> {
  mkdirSync(folder, { recursive: true });
  return store.read(async ({ db }) => {
    let count = 0;
    for await (const ticket of allTickets(db, id)) {
      const path = join(folder, `${ticketId(ticket.number)}.md`);
      if (ticket.document.deleted) await rm(path, { force: true });
      else await replaceFile(path, toMarkdown(ticket));
      count += ticket.document.deleted ? 0 : 1;
    }
    return count;
  });
}
