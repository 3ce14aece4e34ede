import { rename, rm, writeFile } from 'node:fs/promises';

/** A file gets its name when it is complete. A link at that place is replaced, not followed. */
export function replaceFile(path: string, text: string): Promise<void> {
  return replaceBy(path, (draft) => writeFile(draft, text, { flag: 'wx' }));
}

/** @param write makes the file under the name of a draft, where there is none */
export async function replaceBy<Result>(path: string, write: (draft: string) => Promise<Result>): Promise<Result> {
  const draft = `${path}.new-${process.pid}`;
  await rm(draft, { force: true }); // of a process of that number that was killed
  try {
    const result = await write(draft);
    await rename(draft, path);
    return result;
  } finally {
    await rm(draft, { force: true });
  }
}
