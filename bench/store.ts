import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { benchChanges } from './changes.ts';
import { benchReading } from './reading.ts';
import { makeStore } from './tickets.ts';

const [few, many] = [1_000, 100_000];

/** The store of record: what changes cost beside bare SQLite, and what reading costs as tickets grow in number. */
export async function benchStore() {
  const scratch = realpathSync(mkdtempSync(join(tmpdir(), 'octant-bench-')));
  const make = async (count: number) => {
    const folder = join(scratch, String(count));
    mkdirSync(folder);
    await makeStore(folder, count);
    return folder;
  };
  try {
    const small = await make(few);
    await benchChanges(scratch, small);
    console.log(`\nstore: making ${many} tickets, in changes of 500, takes a minute`);
    await benchReading({ empty: await make(0), small: await make(few + 1), large: await make(many) });
  } finally {
    rmSync(scratch, { recursive: true });
  }
}
