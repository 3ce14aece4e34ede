import { describe, expect, it, onTestFinished } from 'vitest';
import { connect } from '../helpers/connect.ts';
import { startSilentServer } from '../helpers/redis.ts';
import { tempProject } from '../helpers/temp-project.ts';

describe('A call that waits for the store', () => {
  it('ends when its caller gives up, and others go on', async () => {
    const silent = await startSilentServer(); // takes connections, and says nothing
    onTestFinished(() => silent.close());
    const args = ['--project', tempProject({ 'a.ts': 'x' }), '--store', `postgres://me@127.0.0.1:${silent.port}/test`];
    const client = await connect('v2-2026', { args });
    onTestFinished(() => client.close());
    const caller = new AbortController();
    const waiting = client.callTool('create_ticket', { title: 'Lost' }, { signal: caller.signal });
    setTimeout(() => caller.abort(), 300);
    await expect(waiting).rejects.toThrow(/abort/i);
    expect((await client.callTool('search_files', { query: 'x' })).data).toMatchObject({ match_count: 1 });
  });

  it('says that the store cannot be reached, within its deadline', { timeout: 40_000 }, async () => {
    const silent = await startSilentServer();
    onTestFinished(() => silent.close());
    const args = ['--project', tempProject(), '--store', `postgres://me:hunter2@127.0.0.1:${silent.port}/test`];
    const client = await connect('v1', { args });
    onTestFinished(() => client.close());
    const { isError, text } = await client.callTool('create_ticket', { title: 'Late' });
    expect(isError).toBe(true);
    expect(text).toMatch(/^(unavailable|limit): /);
    expect(text).not.toContain('hunter2');
  });
});
