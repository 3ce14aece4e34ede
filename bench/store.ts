import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { benchChanges } from './changes.ts';
import { makeStore } from './tickets.ts';

/** The store of record: what changes cost beside bare SQLite, and what reading costs as tickets grow in number. */
export async function benchStore() {
  const scratch = realpathSync(mkdtempSync(join(tmpdir(), 'octant-bench-')));
  try {
    const small = await make(scratch, 1000);
    await benchChanges(scratch, small);
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

async function make(scratch: string, count: number): Promise<string> {
  const folder = join(scratch, String(count));
  mkdirSync(folder);
  await makeStore(folder, count);
  return folder;
}
