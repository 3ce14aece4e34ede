import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Log } from '../../src/log.ts';
import { createSqliteStore } from '../../src/store/sqlite.ts';
import { isNetworkFileSystem } from '../../src/store/sqlite-file.ts';
import type { Database } from '../../src/store/store.ts';
import { openSqlite, silent } from '../helpers/stores.ts';
import { tempProject } from '../helpers/temp-project.ts';
import { report } from '../hostile/observe.ts';
import { readAcknowledged, startWriter } from '../stress/acknowledgements.ts';

const noTrace = spawnSync('strace', ['-qq', 'true']).status === 0 ? '' : ' (skipped: strace does not work here)';

describe('Each connection to a SQLite store', () => {
  it('waits for the disk at each commit, and checks foreign keys', async () => {
    const store = openSqlite(join(tempProject(), 'octant.db'));
    onTestFinished(() => store.close());
    const safe = { synchronous: 2, journal_mode: 'wal', foreign_keys: 1 };
    expect(await store.write('p', ({ db }) => pragmasOf(db))).toEqual(safe);
    expect(await store.read(({ db }) => pragmasOf(db))).toEqual(safe);
  });

  it.skipIf(noTrace !== '')(`has its journal on the disk before a change is acknowledged${noTrace}`, async () => {
    const folder = tempProject();
    const place = join(folder, 'octant.db');
    const log = join(folder, 'acknowledged');
    const trace = join(folder, 'trace');
    const project = { id: 'shop', name: 'shop', folder };
    const tracer = ['strace', '-f', '-y', '-qq', '-e', 'trace=fsync,fdatasync', '-o', trace];
    const writer = startWriter({ place, name: 'ann', project, log, count: 30 }, tracer);
    await once(writer.process, 'exit');
    const synced = [...readFileSync(trace, 'utf8').matchAll(/f(?:data)?sync\(\d+<[^>]*\/([^/>]+)>/g)].map(
      ([, name]) => name,
    );
    const acknowledged = synced.flatMap((name, index) => (name === 'acknowledged' ? [index] : []));
    const early = acknowledged.filter(
      (at, index) => !synced.slice(acknowledged[index - 1] ?? 0, at).includes('octant.db-wal'),
    );
    expect(acknowledged.length).toBe(30);
    expect(early).toEqual([]);
    const count = readAcknowledged(writer).numbers.size;
    report(
      `${count} acknowledgements, each after a sync of the journal (${synced.filter((name) => name === 'octant.db-wal').length} syncs)`,
    );
  });
});

describe('A network file system', () => {
  const types = {
    ...{ NFS: 0x6969, SMB: 0x517b, CIFS: 0xff534d42, SMB2: 0xfe534d42, FUSE: 0x65735546, '9p': 0x01021997 },
    ...{ AFS: 0x5346414f, Ceph: 0x00c36400, Lustre: 0x0bd00bd0 },
  };

  it.each(Object.entries(types))('%s is known, whether its number comes signed or not', (_name, type) => {
    expect(isNetworkFileSystem('/data', () => type)).toBe(true);
    expect(isNetworkFileSystem('/data', () => type | 0)).toBe(true);
  });

  it.each(Object.entries({ ext4: 0xef53, xfs: 0x58465342, btrfs: 0x9123683e, tmpfs: 0x01021994, apfs: 0x1a }))(
    '%s is none',
    (_name, type) => {
      expect(isNetworkFileSystem('/data', () => type)).toBe(false);
    },
  );

  it('is warned of when a store is opened on it, and is used all the same', async () => {
    expect(await warningsOf(0x6969)).toEqual([
      'the store is on a network file system, where SQLite files get damaged; use --data-dir or --store',
    ]);
    expect(await warningsOf(0xef53)).toEqual([]);
  });

  async function warningsOf(type: number) {
    const warnings: string[] = [];
    const log: Log = { ...silent, warn: (_fields, message) => warnings.push(message) };
    const path = join(tempProject(), 'octant.db');
    const store = createSqliteStore({ path, log, findDamage: async () => undefined, fileSystemType: () => type });
    await store.write('p', async () => {});
    await store.close();
    return warnings;
  }
});

async function pragmasOf(db: Database) {
  const found: Record<string, unknown> = {};
  for (const name of ['synchronous', 'journal_mode', 'foreign_keys']) {
    const { rows } = await sql<Record<string, unknown>>`pragma ${sql.raw(name)}`.execute(db);
    found[name] = rows[0]?.[name];
  }
  return found;
}
