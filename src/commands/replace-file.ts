import { rename, rm, writeFile } from 'node:fs/promises';

/** A link at that place is replaced, not followed. */
export async function replaceFile(path: string, text: string): Promise<void> {
  const draft = `${path}.new-${process.pid}`;
  try {
    await writeFile(draft, text, { flag: 'wx' });
    await rename(draft, path);
  } finally {
    await rm(draft, { force: true });
  }
}
