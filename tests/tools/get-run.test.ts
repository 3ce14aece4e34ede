import { setTimeout as delay } from 'node:timers/promises';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { deadMs } from '../../src/store/signs-of-life.ts';
import { connect, type TestClient } from '../helpers/connect.ts';
import { startHttp } from '../helpers/program.ts';
import { sharedBackend, sharedHttp, sharedModelServer, sharedServer } from '../helpers/shared-server.ts';
import { answer, calls, says, serveShop, shopFiles, shopModels } from '../helpers/shop.ts';
import { backends, silenceRuns } from '../helpers/stores.ts';
import { tempProject } from '../helpers/temp-project.ts';

const server = sharedModelServer();
beforeEach(() => server.play({}));

const slowly = { timeout: 10_000 };
const chats = async () => (await server.journal()).filter(({ path }) => path.endsWith('/completions'));

async function startRun(client: TestClient): Promise<string> {
  const { data } = await client.callTool('run_agent', { agent: 'researcher', task: 'What is sold?', wait: 0 });
  expect(data).toMatchObject({ status: 'running' });
  await expect.poll(chats, slowly).not.toHaveLength(0);
  return String(data?.run_id);
}

const withModel = () => ({ files: shopFiles, env: shopModels(server) });

describe('get_run', () => {
  const served = sharedServer(withModel);

  it('lists the last runs, the newest first, and tells one whole', async () => {
    await server.play({ chat: [says(answer)] });
    const client = await serveShop(server);
    expect(await client.callTool('get_run', {})).toMatchObject({
      data: { runs: [] },
      text: 'There is no run yet. run_agent starts one.',
    });
    const first = await client.callTool('run_agent', { agent: 'researcher', task: 'One' });
    const second = await client.callTool('run_agent', { agent: 'file-finder', task: 'Two\nlines' });
    const { data, text } = await client.callTool('get_run', {});
    expect(data).toEqual({
      runs: [
        {
          run_id: second.data?.run_id,
          agent: 'file-finder',
          status: 'done',
          task: 'Two lines',
          started: expect.any(String),
        },
        { run_id: first.data?.run_id, agent: 'researcher', status: 'done', task: 'One', started: expect.any(String) },
      ],
    });
    expect(text.split('\n')[1]).toMatch(/^run-\w+ done researcher, 20\d\d-.*Z: One$/);
    expect((await client.callTool('get_run', { id: String(first.data?.run_id).toUpperCase() })).data).toEqual(
      first.data,
    );
  });

  it('says what is wrong with an id', async () => {
    const client = served();
    expect((await client.callTool('get_run', { id: 'T-1' })).text).toMatch(/^bad_input: "T-1" is no run id\./);
    expect((await client.callTool('get_run', { id: 'run-000000000000000' })).text).toMatch(
      /^not_found: There is no run "run-0{15}"/,
    );
  });

  it('tells nothing of a project that is not served', async () => {
    await server.play({ chat: [says(answer)] });
    const { data } = await served().callTool('run_agent', { agent: 'researcher', task: 'x' });
    const args = [...served().store];
    const other = await serveShop(server, { args, project: tempProject({ 'b.ts': 'b' }) });
    expect((await other.callTool('get_run', {})).data).toEqual({ runs: [] });
    expect((await other.callTool('get_run', { id: data?.run_id })).text).toMatch(/^not_found: /);
  });

  it('waits over HTTP too, where the request that began the run has ended', async () => {
    await server.play({ chat: [{ kind: 'answer', pieces: [JSON.stringify(answer)], everyMs: 300 }] });
    const args = ['--project', tempProject(shopFiles), '--data-dir', tempProject()];
    const host = await startHttp(args, { env: shopModels(server) });
    onTestFinished(async () => void (await host.stop()));
    const client = await connect('v2-2026', { url: host.url });
    onTestFinished(() => client.close());
    const id = await startRun(client);
    expect((await client.callTool('get_run', { id, wait: 10 })).data).toMatchObject({ status: 'done', result: answer });
  });
});

describe.each(backends)('Runs on $name', ({ isThere, create }) => {
  describe.skipIf(!isThere)('', () => {
    const backend = sharedBackend(create);
    const host = sharedHttp(() => ({ ...withModel(), store: backend().flags }));
    const owner = sharedServer(() => ({ url: host().url }));
    const other = sharedServer(() => ({ ...withModel(), project: host().project, store: backend().flags }));

    /** A server on the same store that will not live as long as the others. */
    async function startMortal() {
      const mortal = await startHttp(host().flags, { env: shopModels(server) });
      onTestFinished(async () => void mortal.process.kill('SIGKILL'));
      const begun = await connect('v2-2026', { url: mortal.url });
      onTestFinished(() => begun.close());
      return { mortal, begun };
    }

    it('are seen and cancelled from another server, within a second', async () => {
      await server.play({ chat: [calls({ name: 'search_files', arguments: { query: 'x' } }), { kind: 'silent' }] });
      const id = await startRun(owner());
      await expect.poll(async () => (await other().callTool('get_run', { id })).data?.steps, slowly).toHaveLength(1);
      await delay(400); // until it hears of changes
      const cancelled = performance.now();
      const { data } = await other().callTool('get_run', { id, cancel: true });
      expect(performance.now() - cancelled).toBeLessThan(1500);
      expect(data).toMatchObject({ run_id: id, status: 'cancelled' });
      await expect.poll(async () => (await chats()).at(-1)?.abortedAfterMs, slowly).toBeDefined();
      expect((await owner().callTool('get_run', { id })).data).toMatchObject({ status: 'cancelled' });
    });

    it('are heard of when they end', async () => {
      await server.play({ chat: [{ kind: 'answer', pieces: [JSON.stringify(answer)], everyMs: 700 }] });
      const id = await startRun(owner());
      expect((await other().callTool('get_run', { id, wait: 20 })).data).toMatchObject({
        status: 'done',
        result: answer,
      });
    });

    it('whose server is killed are interrupted, and keep their steps', async () => {
      await server.play({ chat: [calls({ name: 'search_files', arguments: { query: 'x' } }), { kind: 'silent' }] });
      const { mortal, begun } = await startMortal();
      const id = await startRun(begun);
      await expect.poll(async () => (await other().callTool('get_run', { id })).data?.steps, slowly).toHaveLength(1);
      mortal.process.kill('SIGKILL');
      await silenceRuns(backend(), deadMs - 2000);
      expect((await other().callTool('get_run', { id })).data).toMatchObject({ status: 'running' });
      const { data } = await other().callTool('get_run', { id, wait: 30 });
      expect(data).toMatchObject({
        run_id: id,
        status: 'interrupted',
        steps: [expect.stringMatching(/^1\. search_files/)],
      });
      expect((await other().callTool('get_run', { id, cancel: true })).data).toMatchObject({ status: 'interrupted' });
    });

    it('whose server is stopped are interrupted at once', async () => {
      await server.play({ chat: [{ kind: 'silent' }] });
      const { mortal, begun } = await startMortal();
      const id = await startRun(begun);
      await begun.close();
      await mortal.stop();
      expect((await other().callTool('get_run', { id })).data).toMatchObject({ status: 'interrupted' });
    });

    it('go with the project when it is purged', async () => {
      await server.play({ chat: [says(answer)] });
      const client = await serveShop(server, { args: [...backend().flags, '--toolsets', 'agents,projects'] });
      const { data } = await client.callTool('run_agent', { agent: 'researcher', task: 'x' });
      await client.callTool('remove_project', { project: data?.project, purge: true });
      expect((await client.callTool('get_run', {})).data).toEqual({ runs: [] });
    });
  });
});
