import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { runOctant } from '../helpers/command.ts';
import { connect } from '../helpers/connect.ts';
import { type SharedServer, sharedBackend, sharedServer } from '../helpers/shared-server.ts';
import { type Backend, backends, createSqlite } from '../helpers/stores.ts';
import { tempProject } from '../helpers/temp-project.ts';
import { goodPlans } from '../plans/good-plans.ts';
import { storePlans } from '../plans/stored-plans.ts';

async function open(folder: string, flags: readonly string[], toolsets = 'plans,tickets,projects') {
  const client = await connect('v2-2026', { args: ['--project', folder, '--toolsets', toolsets, ...flags] });
  onTestFinished(() => client.close());
  return client;
}

const documents = goodPlans.slice(-5).map(({ document }) => document);

/** Five plans, one of them revised and with tickets. */
async function planIn(client: SharedServer, backend: Backend) {
  await storePlans(backend, client.project, documents);
  const steps = [{ title: 'Tell "them" 😀', files: ['new docs/tell.md'], acceptance: ['It is told => grep told'] }];
  await client.callTool('revise_plan', { plan: 'P-2', steps, ask: ['Why?'], request_id: 'r-1' });
  await client.callTool('create_ticket', { from_plan: 'P-2/1,4' });
  const view = async () => [
    (await client.callTool('get_plan', { plan: 'P-2' })).text,
    (await client.callTool('get_plan', { plan: 'P-2', compare: 1 })).text,
    (await client.callTool('list_plans', {})).text,
  ];
  return { steps, seen: await view() };
}

function exported(flags: readonly string[]): string {
  const { stdout, stderr } = runOctant(['export', ...flags]);
  expect(stdout, stderr).toContain('"plan_revisions"');
  return stdout;
}

function importText(text: string) {
  const [data, files] = [tempProject(), tempProject()];
  writeFileSync(join(files, 'edited.jsonl'), text);
  return { data, ...runOctant(['import', join(files, 'edited.jsonl'), '--data-dir', data]) };
}

const plansServer = (backend: () => Backend) =>
  sharedServer(() => ({
    files: { 'a.ts': '1' },
    store: backend().flags,
    flags: ['--toolsets', 'plans,tickets,projects'],
  }));

/** In order: the last one removes what they all are about. */
describe.each(backends)('Plans on $name', ({ isThere, create }) => {
  describe.skipIf(!isThere)('', () => {
    const backend = sharedBackend(create);
    const client = plansServer(backend);
    let folder: string;
    let text: string;
    let made: Awaited<ReturnType<typeof planIn>>;
    beforeAll(async () => {
      made = await planIn(client(), backend());
      folder = client().project;
      text = exported(backend().flags);
    });

    it('are exported with all revisions, and read into any store', async () => {
      const { seen, steps } = made;
      const out = tempProject();
      writeFileSync(join(out, 'all.jsonl'), text);
      for (const target of backends.filter((each) => each.isThere)) {
        const other = await target.create();
        onTestFinished(() => other.remove());
        expect(runOctant(['import', join(out, 'all.jsonl'), ...other.flags]).status).toBe(0);
        expect(exported(other.flags)).toBe(text);
        const client = await open(folder, other.flags);
        expect([
          (await client.callTool('get_plan', { plan: 'P-2' })).text,
          (await client.callTool('get_plan', { plan: 'P-2', compare: 1 })).text,
          (await client.callTool('list_plans', {})).text,
        ]).toEqual(seen);
        const again = await client.callTool('revise_plan', { plan: 'P-2', steps, ask: ['Why?'], request_id: 'r-1' });
        expect(again.data).toMatchObject({ revision: 2 });
        expect(await storePlans(other, folder, documents.slice(0, 1))).toMatchObject([{ number: 6 }]);
      }
    });

    it('are removed for good with their project, and its next plan is the first', async () => {
      expect(text).toContain('voucher');
      const other = await open(tempProject(), backend().flags);
      const removed = await other.callTool('remove_project', { project: folder, purge: true });
      expect(removed.isError, removed.text).toBe(false);
      expect(/voucher|"plans":\{/.test(runOctant(['export', ...backend().flags]).stdout)).toBe(false);
      expect(await storePlans(backend(), folder, documents.slice(0, 1))).toMatchObject([{ number: 1 }]);
    });
  });
});

describe('An export of plans that somebody has edited', () => {
  const backend = sharedBackend(createSqlite);
  let text: string;
  beforeAll(async () => {
    await storePlans(backend(), '/nowhere/shop', documents);
    text = exported(backend().flags);
  });

  it.each<[string, (text: string) => string, string]>([
    [
      'a plan twice',
      (text) => text.replace('"number":4,"revision":1,"title"', '"number":3,"revision":1,"title"'),
      '.P-3 twice',
    ],
    ['a next plan that is there', (text) => text.replace('"next_plan":6', '"next_plan":5'), 'whose next plan is P-5'],
    [
      'a revision that is no plan',
      (text) => text.replaceAll('"mode":"offline"', '"mode":"dream"'),
      'is no plan that Octant',
    ],
    [
      'control characters',
      (text) => text.replaceAll('voucher code', 'voucher\\u001b[2Jcode'),
      'is no plan that Octant',
    ],
  ])('is refused for %s, and leaves nothing', (_what, edit, message) => {
    const { status, stderr, data: target } = importText(edit(text));
    expect([status, stderr]).toEqual([1, expect.stringContaining(message)]);
    expect(runOctant(['export', '--data-dir', target]).stdout).not.toContain('voucher');
  });

  it('may be of an Octant that had no plans', async () => {
    const [folder, data] = [tempProject(), tempProject()];
    const client = await open(folder, ['--data-dir', data]);
    await client.callTool('create_ticket', { title: 'Old' });
    const old = runOctant(['export', '--data-dir', data]).stdout;
    const older = old.replace(',"next_plan":1', '').replace(/,"plans":0|,"plan_revisions":0/g, '');
    expect(older).not.toContain('plan');
    const { status, stderr, data: target } = importText(older);
    expect([status, stderr]).toEqual([0, expect.stringContaining('1 ticket')]);
    expect(runOctant(['export', '--data-dir', target]).stdout).toBe(old);
  });
});

describe('A stored plan that cannot be read', () => {
  const backend = sharedBackend(createSqlite);
  const served = plansServer(backend);

  it('is listed, told of when it is asked for, and brought back from an earlier revision', async () => {
    const client = served();
    await planIn(client, backend());
    const path = join(backend().flags[1] ?? '', 'octant.db');
    const database = new DatabaseSync(path);
    database.exec(`update plan_revisions set document = '{"title":' where number = 2 and revision = 2`);
    database.close();
    const ask = async (args: Record<string, unknown>) =>
      (await client.callTool('get_plan', { plan: 'P-2', ...args })).text;
    expect(await ask({})).toMatch(/^unavailable: Revision 2 of P-2 cannot be read: .* or bring an earlier one back/);
    expect(await ask({ revision: 1 })).toMatch(/^P-2 /);
    const { data } = await client.callTool('list_plans', {});
    expect(data?.plans).toHaveLength(5);
    const restored = await client.callTool('revise_plan', { plan: 'P-2', restore: 1 });
    expect([restored.isError, restored.text]).toEqual([false, expect.stringContaining('revision 3')]);
    expect(await ask({})).toMatch(/^P-2 /);
  });
});
