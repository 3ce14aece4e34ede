import { copyFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it, onTestFinished } from 'vitest';
import { runOctant } from '../helpers/command.ts';
import { connect } from '../helpers/connect.ts';
import { hasPostgres, noPostgres, tempDatabase } from '../helpers/postgres.ts';
import { tempProject } from '../helpers/temp-project.ts';

async function open(folder: string, data: string) {
  const client = await connect('v2-2026', { args: ['--project', folder, '--data-dir', data] });
  onTestFinished(() => client.close());
  return client;
}

describe('octant backup', () => {
  it('copies a store that is being written, and the copy is a store', async () => {
    const [folder, data, target, restored] = [tempProject(), tempProject(), tempProject(), tempProject()];
    const client = await open(folder, data);
    await client.callTool('create_ticket', { title: 'Before', overview: 'Words to find' });
    const writing = Promise.all(
      Array.from({ length: 100 }, (_, index) => client.callTool('create_ticket', { title: `While ${index}` })),
    );
    expect(runOctant(['backup', target, '--data-dir', data]).stderr).toMatch(/^Copied the store to /);
    await writing;
    const [name = ''] = readdirSync(target);
    expect(name).toMatch(/^octant-\d{8}T\d{6}\.db$/);
    const copy = join(target, name);
    expect(statSync(copy).mode & 0o777).toBe(0o600);
    const database = new DatabaseSync(copy, { readOnly: true });
    expect(database.prepare('pragma integrity_check').get()).toEqual({ integrity_check: 'ok' });
    database.close();

    copyFileSync(copy, join(restored, 'octant.db'));
    const reader = await open(folder, restored);
    const { data: found } = await reader.callTool('list_tickets', { query: 'find' });
    expect(found).toMatchObject({ tickets: [{ id: 'T-1', title: 'Before' }] });
    expect((await reader.callTool('create_ticket', { title: 'After' })).isError).toBe(false);
  });

  it('takes the place of nothing, and says what it needs', async () => {
    const [folder, data] = [tempProject({ 'there.db': 'x' }), tempProject()];
    expect(runOctant(['backup', folder, '--data-dir', data]).stderr).toMatch(/^octant: There is no store in /);
    await (await open(folder, data)).callTool('create_ticket', { title: 'One' });
    const taken = runOctant(['backup', join(folder, 'there.db'), '--data-dir', data]);
    expect([taken.status, taken.stderr]).toEqual([1, expect.stringContaining('There is a file at that path already')]);
    const nowhere = runOctant(['backup', join(folder, 'no', 'where.db'), '--data-dir', data]);
    expect(nowhere.stderr).toContain('No file can be made at that path');
    expect(runOctant(['backup', '--data-dir', data]).stderr).toContain('octant backup needs a path');
    expect(readdirSync(folder)).toEqual(['there.db']);
  });

  it.skipIf(!hasPostgres)(`sends users of PostgreSQL to pg_dump${noPostgres}`, async () => {
    const { url, drop } = await tempDatabase();
    onTestFinished(drop);
    expect(runOctant(['backup', join(tempProject(), 'x.db'), '--store', url]).stderr).toMatch(/^octant: .*pg_dump/);
  });
});
