import { constants } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf, systemCode } from '../errors.ts';
import { type FolderFile, notRead } from '../projects/read-folder.ts';

/** The Markdown files of the user's own folder, which may be links to where the user keeps them; none where there is none. */
export async function readOwnFolder(
  folder: string,
  { maxFiles, maxBytes }: { maxFiles: number; maxBytes: number },
): Promise<FolderFile[]> {
  const names = await readdir(folder).catch((error) => {
    if (systemCode(error) !== undefined) return [];
    throw error;
  });
  const wanted = names.filter((name) => name.endsWith('.md')).sort();
  const read = await Promise.all(wanted.slice(0, maxFiles).map((name) => readOne(join(folder, name), name, maxBytes)));
  return [...read, ...wanted.slice(maxFiles).map((name) => notRead(name, maxFiles))];
}

/** A FIFO must not be waited for. */
const readFlags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

async function readOne(path: string, name: string, maxBytes: number): Promise<FolderFile> {
  try {
    const file = await open(path, readFlags);
    try {
      const stats = await file.stat();
      if (!stats.isFile()) return { name, fault: 'is no regular file' };
      if (stats.size > maxBytes) return { name, fault: `has ${stats.size} bytes, and may have ${maxBytes}` };
      return { name, text: await file.readFile('utf8') };
    } finally {
      await file.close();
    }
  } catch (error) {
    return { name, fault: `cannot be read (${systemCode(error) ?? messageOf(error)})` };
  }
}
