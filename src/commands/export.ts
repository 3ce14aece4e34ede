import { mkdirSync, statSync } from 'node:fs';
import { open, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { Context } from '../context.ts';
import { StartError } from '../errors.ts';
import { dumpLines } from '../store/dump.ts';
import { counted } from '../text/count.ts';
import { toMarkdown } from '../tickets/markdown.ts';
import { allTickets } from '../tickets/rows.ts';
import { ticketId } from '../tickets/ticket.ts';
import type { Say } from './say.ts';

/**
 * `octant export [PATH]`: everything as JSON lines on stdout or in a file, or the tickets as Markdown in a folder. Where
 * projects are named, only these.
 */
export async function exportAll(path: string | undefined, context: Context, stdout: Writable, say: Say): Promise<void> {
  const { store, settings } = context;
  if (!store.exists()) throw new StartError(`There is no store in ${settings.dataDir}, so there is nothing to export.`);
  const wanted = await wantedProjects(context);
  if (path === undefined) return exportTo(stdout, wanted, context);
  const target = resolve(path);
  const isFolder = /[/\\]$/.test(path) || statSync(target, { throwIfNoEntry: false })?.isDirectory() === true;
  await (isFolder ? exportMarkdown(target, wanted, context, say) : exportFile(target, wanted, context, say));
}

async function wantedProjects({ settings, projects }: Context): Promise<(id: string) => boolean> {
  if (settings.project.length === 0) return () => true;
  const named = new Set((await projects.listKept()).map(({ id }) => id));
  return (id) => named.has(id);
}

async function exportTo(out: Writable, wanted: (id: string) => boolean, { store }: Context) {
  await store.read(async ({ db }) => {
    for await (const line of dumpLines(db, wanted)) await write(out, `${line}\n`);
  });
}

/** The file gets its name when it is complete. */
async function exportFile(path: string, wanted: (id: string) => boolean, context: Context, say: Say) {
  const draft = `${path}.new-${process.pid}`;
  const file = await open(draft, 'wx', 0o600).catch((error) => {
    throw new StartError(`No file can be made at ${path}.`, { cause: error });
  });
  try {
    const stream = file.createWriteStream({ flush: true });
    await exportTo(stream, wanted, context);
    stream.end();
    await finished(stream);
    await rename(draft, path);
  } finally {
    await rm(draft, { force: true });
  }
  say(`Exported to ${path}. It is read back with "octant import".`);
}

/** `<folder>/<project>/T-12.md`; deleted tickets are left out. */
async function exportMarkdown(folder: string, wanted: (id: string) => boolean, { store, projects }: Context, say: Say) {
  let count = 0;
  const known = (await projects.known()).filter(({ id }) => wanted(id));
  for (const { id } of known) {
    mkdirSync(join(folder, id), { recursive: true });
    await store.read(async ({ db }) => {
      for await (const ticket of allTickets(db, id)) {
        if (ticket.document.deleted) continue;
        await writeFile(join(folder, id, `${ticketId(ticket.number)}.md`), toMarkdown(ticket));
        count++;
      }
    });
  }
  say(`Wrote ${counted(count, 'ticket')} of ${counted(known.length, 'project')} to ${folder}.`);
}

async function write(out: Writable, text: string): Promise<void> {
  if (!out.write(text)) await new Promise((resolve) => out.once('drain', resolve));
}
