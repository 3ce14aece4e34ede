import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect, type TestClient } from '../helpers/connect.ts';
import { type Backend, backends } from '../helpers/stores.ts';
import { makeTempFolder, removeFolder, writeFiles } from '../helpers/temp-project.ts';
import { planOf } from '../plans/good-plans.ts';
import { storePlans } from '../plans/stored-plans.ts';

const acceptance = [{ text: 'Two items of 1.00 give 2.38', check: 'npm test' }, { text: 'One gives 1.19' }];
const edit = (path: string) => ({ path, action: 'edit' as const });
const draft = planOf({
  goal: 'Sum the cart with tax',
  constraints: [],
  steps: [
    {
      title: 'Rates',
      why: 'They differ',
      files: [{ path: 'src/rates.ts', action: 'new' }],
      acceptance,
      risk: 'Late laws',
    },
    { title: 'Sum', why: '', files: [edit('src/cart.ts'), edit('src/rates.ts')], acceptance },
    { title: 'Print', why: '', files: [edit('src/print.ts')], acceptance, depends_on: [1] },
    { title: 'Announce', why: '', files: [], acceptance, depends_on: [2, 3] },
  ],
});

describe.each(backends)('create_ticket with from_plan on $name', ({ isThere, create }) => {
  describe.skipIf(!isThere)('', () => {
    let folder: string;
    let backend: Backend;
    let client: TestClient;

    beforeAll(async () => {
      folder = makeTempFolder();
      writeFiles(`${folder}/shop`, { 'src/cart.ts': '1\n', 'src/print.ts': '1\n' });
      backend = await create();
      const cyclic = {
        ...draft,
        steps: draft.steps.map((step) => (step.id === 1 ? { ...step, depends_on: [4] } : step)),
      };
      await storePlans(backend, `${folder}/shop`, [draft, draft, { ...draft, ticket: 'T-1' }, cyclic, draft]);
      client = await connect('v2-2026', { args: ['--project', `${folder}/shop`, ...backend.flags] });
    });
    afterAll(async () => {
      await client.close();
      await backend.remove();
      removeFolder(folder);
    });

    const make = (args: Record<string, unknown>) => client.callTool('create_ticket', args);
    const get = async (ticket: string) => (await client.callTool('get_ticket', { ticket })).data?.ticket;
    const stepsOf = (rows: unknown) => (Array.isArray(rows) ? rows.map(({ id, step }) => `${id} ${step}`) : []);

    it('makes a ticket of each step, which waits for those before it, and makes none twice', async () => {
      const first = await make({ from_plan: 'P-1', priority: 'high', labels: ['tax'] });
      expect(first.data).toEqual({
        project: 'shop',
        created: [
          { id: 'T-1', step: 'P-1/1', title: 'Rates', waits_for: [] },
          { id: 'T-2', step: 'P-1/2', title: 'Sum', waits_for: ['T-1'] },
          { id: 'T-3', step: 'P-1/3', title: 'Print', waits_for: ['T-1'] },
          { id: 'T-4', step: 'P-1/4', title: 'Announce', waits_for: ['T-2', 'T-3'] },
        ],
        existing: [],
      });
      expect(first.text).toContain('Made 4 tickets of P-1 in shop.\nT-1 P-1/1 Rates\nT-2 P-1/2 Sum (waits for T-1)');
      expect(await get('T-1')).toMatchObject({
        ...{ ready: true, plan_step: 'P-1/1', priority: 'high', labels: ['tax'] },
        files: [{ path: 'src/rates.ts', state: 'planned' }],
        acceptance: [{ text: 'Two items of 1.00 give 2.38 => npm test' }, { text: 'One gives 1.19' }],
        overview: expect.stringContaining('Risk: Late laws'),
      });
      expect(await get('T-4')).toMatchObject({ ready: false, blocked_by: ['T-2', 'T-3'] });
      const again = await make({ from_plan: 'P-1' });
      expect(again.data).toMatchObject({
        created: [],
        existing: [{ id: 'T-1', step: 'P-1/1', status: 'open' }, {}, {}, {}],
      });
      const { data } = await client.callTool('get_plan', { plan: 'P-1' });
      expect(data?.plan).toMatchObject({ progress: { steps: 4, done: 0, in_progress: 0, with_tickets: 4 } });
    });

    it('makes tickets of chosen steps, and links those that come later to them', async () => {
      const first = await make({ from_plan: 'P-2/2,4' });
      expect(stepsOf(first.data?.created)).toEqual(['T-5 P-2/2', 'T-6 P-2/4']);
      expect(await get('T-6')).toMatchObject({ blocked_by: ['T-5'] });
      const rest = await make({ from_plan: 'P-2' });
      expect(stepsOf(rest.data?.created)).toEqual(['T-7 P-2/1', 'T-8 P-2/3']);
      expect(stepsOf(rest.data?.existing)).toEqual(['T-5 P-2/2', 'T-6 P-2/4']);
      expect(await get('T-5')).toMatchObject({ blocked_by: ['T-7'] });
      expect(await get('T-6')).toMatchObject({ blocked_by: ['T-5', 'T-8'] });
      expect(await get('T-8')).toMatchObject({ blocked_by: ['T-7'] });
    });

    it('hangs them under the ticket that the plan is for, and gives the first result for a repeated request', async () => {
      const first = await make({ from_plan: 'P-3/1', request_id: 'r-1' });
      await make({ from_plan: 'P-3' });
      const again = await make({ from_plan: 'P-3/1', request_id: 'r-1' });
      expect(again.data).toEqual(first.data);
      expect(await get('T-9')).toMatchObject({
        links: expect.arrayContaining([expect.objectContaining({ link: 'parent T-1' })]),
      });
    });

    it('makes all or none, however many ask at once', async () => {
      const circle = await make({ from_plan: 'P-4' });
      expect(circle).toMatchObject({ isError: true, text: expect.stringMatching(/^conflict: /) });
      const answers = await Promise.all([1, 2, 3, 4].map(() => make({ from_plan: 'P-5' })));
      expect(answers.map(({ data }) => stepsOf(data?.created).length).sort()).toEqual([0, 0, 0, 4]);
      const { data } = await client.callTool('list_tickets', { limit: 100 });
      expect(Array.isArray(data?.tickets) ? data.tickets.length : 0).toBe(4 + 4 + 4 + 4);
    });

    it('says what it cannot take', async () => {
      expect((await make({ from_plan: 'P-1/9' })).text).toBe('not_found: P-1 has no step 9. Known: 1, 2, 3, 4.');
      expect((await make({ from_plan: 'P-1/x' })).text).toMatch(/^bad_input: "P-1\/x" names no steps of a plan/);
      expect((await make({ from_plan: 'P-1', title: 'x', tasks: [] })).text).toMatch(/leave out title, tasks/);
      expect((await make({})).text).toBe('bad_input: Give a "title", or name a plan with "from_plan".');
    });
  });
});
