import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { deadMs } from '../../src/store/signs-of-life.ts';
import { connect, type TestClient } from '../helpers/connect.ts';
import type { Reply } from '../helpers/model-server-program.ts';
import { startHttp } from '../helpers/program.ts';
import { sharedHttp, sharedModelServer, sharedServer } from '../helpers/shared-server.ts';
import { chatsOf, says, serveShop, shopModels } from '../helpers/shop.ts';
import { backends, silenceRuns } from '../helpers/stores.ts';
import { tempProject } from '../helpers/temp-project.ts';

/* Calls of other tools than run_agent whose work goes on as a run. */

const files = {
  'package.json': JSON.stringify({ scripts: { test: 'vitest run' } }),
  'src/cart.ts': 'export function cartTotal(prices: number[]) {\n  return prices.length;\n}\n',
  'src/tax.ts': 'export const taxRate = 0.2;\n',
  'tests/cart.test.ts': "import { cartTotal } from '../src/cart.ts';\n",
};
const goal = 'cartTotal gives the sum of the prices.';
const plan = {
  title: 'The sum of the prices',
  approach: 'cartTotal adds up.',
  steps: [
    {
      ...{ number: 1, title: 'Add up the prices', why: 'It counts them.', size: 'small', depends_on: [] },
      files: [
        { path: 'src/cart.ts', action: 'edit' },
        { path: 'tests/cart.test.ts', action: 'edit' },
      ],
      acceptance: [{ text: 'cartTotal gives the sum of the prices.', check: 'npm test' }],
    },
  ],
};
const summary = { purpose: 'Adds up.', responsibilities: [], api: [], gotchas: [], depends_on: [] };
const tasks = { tasks: [{ title: 'Add up the prices', files: ['src/cart.ts'] }], open_questions: [] };

const server = sharedModelServer();
beforeEach(() => server.play({}));

const slowly = { timeout: 10_000 };
const saysAfter = (ms: number, value: unknown): Reply => ({
  kind: 'answer',
  pieces: [JSON.stringify(value)],
  afterMs: ms,
});
const plansOf = async (client: TestClient): Promise<object[]> =>
  Object((await client.callTool('list_plans', {})).data).plans;
const runsOf = async (client: TestClient): Promise<Array<{ run_id: string }>> =>
  Object((await client.callTool('get_run', {})).data).runs;

/** A look at the runs that have begun since. */
async function watchRuns(client: TestClient) {
  const before = new Set((await runsOf(client)).map(({ run_id }) => run_id));
  return async () => (await runsOf(client)).filter(({ run_id }) => !before.has(run_id));
}

const idIn = (data: Record<string, unknown> | undefined) => String(Object(data?.plan).id);

const withModel = () => ({ files, env: shopModels(server) });
const http = sharedHttp(withModel);
const clients = { stdio: sharedServer(withModel), HTTP: sharedServer(() => ({ url: http().url })) };

describe.each(['stdio', 'HTTP'] as const)('A call that takes longer than its caller waits, over %s', (transport) => {
  it('answers with a run, whose result is the answer of the tool; the plan is kept when it is ready', async () => {
    await server.play({ chat: [saysAfter(1500, plan)] });
    const client = clients[transport]();
    const [plans, newRuns] = [await plansOf(client), await watchRuns(client)];
    const begun = await client.callTool('create_plan', { goal, wait: 0 });
    expect(begun).toMatchObject({
      isError: false,
      data: { tool: 'create_plan', status: 'running', mode: 'model', run_id: expect.stringMatching(/^run-\w{15}$/) },
      text: expect.stringMatching(/^create_plan \(run-\w+\): running\n/),
    });
    expect(begun.data?.note).toBe(
      `It goes on. Wait for it with get_run, id "${begun.data?.run_id}"; cancel: true ends it.`,
    );
    const id = String(begun.data?.run_id);
    const progress = async () => (await client.callTool('get_run', { id })).data?.progress;
    await expect.poll(progress, slowly).toMatch(/^Asking the model for a plan/);
    expect(await plansOf(client)).toEqual(plans);
    const { data, text } = await client.callTool('get_run', { id, wait: 20 });
    expect(data).toMatchObject({
      ...{ run_id: id, tool: 'create_plan', status: 'done', mode: 'model', model: 'shop/small', tokens: 10 },
      result: {
        mode: 'model',
        plan: { id: expect.stringMatching(/^P-\d+$/), title: plan.title, findings: [] },
        facts: { conventions: [] },
      },
    });
    const made = idIn(Object(data?.result));
    expect(text).toContain(`${made} The sum of the prices\nrevision 1, model (shop/small)`);
    expect(await plansOf(client)).toMatchObject([{ id: made }, ...plans]);
    const shown = (await client.readResource(`octant://runs/${id}`))[0]?.text ?? '';
    expect(shown).toMatch(/^# create_plan, run-\w+\n[\s\S]*- status: done\n/);
    expect(shown).toMatch(/## Receipts\n[\s\S]*\| shop\/small \| ok \| 7 \| 3 \|.*src\/cart\.ts/);
    expect(await newRuns()).toMatchObject([{ run_id: id, tool: 'create_plan', task: goal }]);
  });

  it('is cancelled by its run, down to the provider, and keeps nothing', async () => {
    await server.play({ chat: [{ kind: 'silent' }] });
    const client = clients[transport]();
    const plans = await plansOf(client);
    const { data } = await client.callTool('create_plan', { goal, wait: 0 });
    await expect.poll(() => chatsOf(server), slowly).toHaveLength(1);
    const ended = await client.callTool('get_run', { id: data?.run_id, cancel: true });
    expect(ended.data).toMatchObject({ status: 'cancelled' });
    expect((await server.journal()).at(-1)?.abortedAfterMs).toBeDefined();
    expect(await plansOf(client)).toEqual(plans);
  });

  it('summarizes many files as a run, and what is told already is told at once', async () => {
    await server.play({ chat: [saysAfter(1500, summary)] });
    const client = clients[transport]();
    const newRuns = await watchRuns(client);
    const asked = { paths: ['src/*.ts'], model: 'shop/small', wait: 0 };
    const { data } = await client.callTool('summarize_files', asked);
    expect(data).toMatchObject({ status: 'running', summaries: [], complete: false });
    expect((await client.callTool('get_run', { id: data?.run_id, wait: 20 })).data).toMatchObject({
      ...{ tool: 'summarize_files', status: 'done' },
      result: { complete: true, total: 2, summaries: [{ path: 'src/cart.ts', purpose: 'Adds up.' }, {}] },
    });
    const again = await client.callTool('summarize_files', { ...asked, wait: 20 });
    expect(again.data).toMatchObject({ complete: true, summaries: [{ purpose: 'Adds up.' }, {}] });
    expect(again.data).not.toHaveProperty('run_id');
    expect(await newRuns()).toHaveLength(1);
  });
});

describe('A run of another tool than run_agent', () => {
  it('is there as soon as a model is asked, and not where none is', async () => {
    await server.play({ chat: [says(plan)] });
    const client = clients.stdio();
    const newRuns = await watchRuns(client);
    const drafted = idIn((await client.callTool('create_plan', { goal, model: 'none' })).data);
    expect(await newRuns()).toEqual([]);
    const { data } = await client.callTool('create_plan', { goal });
    expect(data).toMatchObject({ plan: { id: `P-${Number(drafted.replace('P-', '')) + 1}` } });
    expect(data).not.toHaveProperty('run_id');
    expect(await newRuns()).toMatchObject([{ tool: 'create_plan', status: 'done' }]);
  });

  it('says what its tool would have said is wrong', async () => {
    await server.play({ chat: [saysAfter(700, plan)] });
    const client = clients.stdio();
    const newRuns = await watchRuns(client);
    const drafted = idIn((await client.callTool('create_plan', { goal, model: 'none' })).data);
    const calls = [1, 2].map(() => client.callTool('revise_plan', { plan: drafted, replan_from: 1 }));
    const outcomes = await Promise.all(calls);
    expect(outcomes.map(({ isError }) => isError).sort()).toEqual([false, true]);
    expect(outcomes.find(({ isError }) => isError)?.text).toMatch(
      new RegExp(`^conflict: ${drafted} has revision 2 by now`),
    );
    expect(await newRuns()).toContainEqual(expect.objectContaining({ tool: 'revise_plan', status: 'failed' }));
    const failed = (await client.callTool('get_run', {})).text.match(/(run-\w+) failed/)?.[1];
    expect((await client.callTool('get_run', { id: failed })).data?.note).toMatch(
      new RegExp(`^conflict: ${drafted} has revision 2`),
    );
  });

  it('ends with the caller who cancels while it waits', async () => {
    await server.play({ chat: [{ kind: 'silent' }] });
    const client = clients.stdio();
    const newRuns = await watchRuns(client);
    const caller = new AbortController();
    const call = client.callTool('create_plan', { goal }, { signal: caller.signal }).catch(() => {});
    await expect.poll(() => chatsOf(server), slowly).toHaveLength(1);
    caller.abort();
    await call;
    await expect.poll(newRuns, slowly).toMatchObject([{ tool: 'create_plan', status: 'cancelled' }]);
  });

  it('is what becomes of any call of a model after 45 s', { timeout: 90_000 }, async () => {
    await server.play({ chat: [says(plan), saysAfter(47_000, plan)] });
    const client = clients.stdio();
    const planned = idIn((await client.callTool('create_plan', { goal })).data);
    const ticket = (await client.callTool('create_ticket', { title: 'Add up' })).data?.id;
    const timeout = 60_000;
    const begun = performance.now();
    const replanned = client.callTool('revise_plan', { plan: planned, replan_from: 1 }, { timeout });
    await expect.poll(() => chatsOf(server), slowly).toHaveLength(2);
    await server.play({ chat: [saysAfter(47_000, tasks)] });
    const split = client.callTool('generate_tasks', { ticket }, { timeout });
    const answers = [await replanned, await split];
    const ms = performance.now() - begun;
    expect([ms > 44_000, ms < 50_000]).toEqual([true, true]);
    expect(answers.map(({ data }) => data)).toMatchObject([
      { tool: 'revise_plan', status: 'running', findings: [] },
      { tool: 'generate_tasks', status: 'running', id: ticket, added: false, tasks: [] },
    ]);
    const [revised, added] = await Promise.all(
      answers.map(({ data }) => client.callTool('get_run', { id: data?.run_id, wait: 30 })),
    );
    expect(revised?.data).toMatchObject({ status: 'done', result: { plan: planned, revision: 2, mode: 'model' } });
    expect(added?.data).toMatchObject({
      status: 'done',
      result: { added: true, tasks: [{ title: 'Add up the prices' }] },
    });
  });
});

describe.each(backends)('Runs of other tools on $name', ({ isThere, create }) => {
  describe.skipIf(!isThere)('', () => {
    it('are read by another server, and interrupted where theirs is killed', async () => {
      const backend = await create();
      onTestFinished(() => backend.remove());
      const project = tempProject(files);
      await server.play({ chat: [{ kind: 'silent' }] });
      const owner = await startHttp(['--project', project, ...backend.flags], { env: shopModels(server) });
      onTestFinished(async () => void owner.process.kill('SIGKILL'));
      const begun = await connect('v2-2026', { url: owner.url });
      onTestFinished(() => begun.close().catch(() => {}));
      const other = await serveShop(server, { project, args: [...backend.flags] });
      const call = begun.callTool('create_plan', { goal, request_id: 'one' }).catch((error) => String(error));
      await expect.poll(() => chatsOf(server), slowly).toHaveLength(1);
      const [run] = await runsOf(other);
      expect(run).toMatchObject({ tool: 'create_plan', status: 'running', task: goal });
      owner.process.kill('SIGKILL');
      await silenceRuns(backend, deadMs - 2000);
      await call;
      const { data } = await other.callTool('get_run', { id: run?.run_id, wait: 30 });
      expect(data).toMatchObject({ tool: 'create_plan', status: 'interrupted' });
      expect((await other.readResource(`octant://runs/${run?.run_id}`))[0]?.text).toContain('- status: interrupted');
      expect(await plansOf(other)).toEqual([]);
      await server.play({ chat: [says(plan)] });
      const again = await other.callTool('create_plan', { goal, request_id: 'one' });
      expect(again.data).toMatchObject({ plan: { id: 'P-1', title: plan.title } });
    });
  });
});
