import { utimesSync } from 'node:fs';
import { join } from 'node:path';
import { createClient } from '@keyv/redis';
import { describe, expect, it, onTestFinished } from 'vitest';
import { connect } from '../helpers/connect.ts';
import { freePort, hasRedisServer, kill, startRedis } from '../helpers/redis.ts';
import { tempProject } from '../helpers/temp-project.ts';

const why = hasRedisServer ? '' : ' (skipped: no redis-server)';

describe.skipIf(!hasRedisServer)(`A Redis for caches${why}`, () => {
  it('may forget all, throw out what it likes, or die: every answer stays the same', async () => {
    const port = await freePort();
    const redis = await startRedis(port);
    onTestFinished(() => kill(redis));
    const folder = tempProject({ 'a.txt': 'one\n', 'b.txt': 'two\n' });
    for (const name of ['a.txt', 'b.txt']) utimesSync(join(folder, name), 1e9, 1e9); // hashes of fresh files are not kept
    const args = ['--project', folder, '--data-dir', tempProject(), '--cache', `redis://127.0.0.1:${port}`];
    const client = await connect('v1', { args });
    onTestFinished(() => client.close());
    await client.callTool('create_ticket', { title: 'Cites', files: ['a.txt', 'b.txt'] });
    const answers = async () => [
      (await client.callTool('list_tickets', {})).text,
      (await client.callTool('get_ticket', { ticket: 'T-1' })).text,
      (await client.callTool('search_files', { query: 'two' })).text,
    ];
    const before = await answers();

    const admin = createClient({ url: `redis://127.0.0.1:${port}` });
    admin.on('error', () => {});
    await admin.connect();
    expect(await admin.dbSize()).toBeGreaterThan(0);
    await admin.flushAll();
    expect(await answers()).toEqual(before);
    await admin.configSet({ 'maxmemory-policy': 'allkeys-random', maxmemory: '1' });
    expect(await answers()).toEqual(before);
    expect(await admin.dbSize()).toBe(0);
    admin.destroy();
    await kill(redis);
    expect(await answers()).toEqual(before);
    expect(await client.callTool('create_ticket', { title: 'Without' })).toMatchObject({ isError: false });
  });
});
