import { rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect, type TestClient } from '../helpers/connect.ts';
import { type Backend, backends } from '../helpers/stores.ts';
import { makeTempFolder, removeFolder, writeFiles } from '../helpers/temp-project.ts';
import { planOf } from '../plans/good-plans.ts';
import { storePlans } from '../plans/stored-plans.ts';

const edit = (path: string) => ({ path, action: 'edit' as const });
const make = (path: string) => ({ path, action: 'new' as const });
const acceptance = [{ text: 'Two items of 1.00 give 2.38', check: 'npm test' }];
const draft = planOf({
  goal: 'Vouchers in the cart',
  constraints: ['No new dependency'],
  steps: [
    { title: 'Vouchers', why: 'To enter them', files: [make('src/voucher.ts'), edit('src/index.ts')], acceptance },
    { title: 'Enter "one" [here]', why: '', files: [edit('src/cart.ts'), edit('src/voucher.ts')], acceptance },
    {
      title: 'Drop coupons',
      why: '',
      files: [{ path: 'src/coupon.ts', action: 'delete' }],
      acceptance,
      depends_on: [],
    },
    { title: 'Print', why: '', files: [edit('src/print.ts')], acceptance, depends_on: [] },
    { title: 'Document', why: '', files: [make('README.md')], acceptance },
  ],
});

describe.each(backends)('get_plan on $name', ({ isThere, create }) => {
  describe.skipIf(!isThere)('', () => {
    let folder: string;
    let backend: Backend;
    let client: TestClient;

    beforeAll(async () => {
      folder = makeTempFolder();
      const names = ['index', 'cart', 'coupon', 'print', 'other'];
      writeFiles(
        `${folder}/shop`,
        Object.fromEntries(names.map((name) => [`src/${name}.ts`, `export const ${name} = 1;\n`])),
      );
      backend = await create();
      await storePlans(backend, `${folder}/shop`, [draft]);
      client = await connect('v2-2025', { args: ['--project', `${folder}/shop`, ...backend.flags] });
      // What create_plan would have made of it: with the hashes of now.
      await client.callTool('revise_plan', { plan: 'P-1', approach: 'As ever.' });
    });
    afterAll(async () => {
      await client.close();
      await backend.remove();
      removeFolder(folder);
    });

    const get = (args = {}) => client.callTool('get_plan', { plan: 'P-1', ...args });
    const ticket = (args: Record<string, unknown>) => client.callTool('create_ticket', { title: 'x', ...args });

    it('tells of each step what it is, and of an untouched one nothing more', async () => {
      const { data, text } = await get();
      expect(data).toMatchObject({
        project: 'shop',
        plan: {
          ...{
            id: 'P-1',
            revision: 2,
            title: 'Vouchers in the cart',
            mode: 'offline',
            waves: [
              [1, 3, 4],
              [2, 5],
            ],
          },
          ...{ constraints: ['No new dependency'], uri: 'octant://plans/shop.P-1', next_step: 6 },
        },
      });
      expect(JSON.stringify(data)).not.toContain('drift');
      expect(text).toContain('  5 Document (medium; after 4)\n      new README.md\n      done when: Two items');
      expect(text).toContain('Order; those in brackets at once: (1, 3, 4), (2, 5)');
    });

    it('shows it as Markdown, and as a graph in which no title breaks out', async () => {
      const { data, text } = await get({ format: 'markdown' });
      expect(data?.content).toBe(text);
      expect(text).toContain('### 2. Enter "one" [here] (P-1/2)\n\nSize: medium; after step 1.');
      expect(text).toContain('- [ ] Two items of 1.00 give 2.38 (`npm test`)');
      const graph = await get({ format: 'mermaid' });
      expect(graph.text).toContain('s2["2. Enter #34;one#34; #91;here#93;"]');
      expect(graph.text).toContain('  s1 --> s2');
    });

    it('compares two revisions step by step', async () => {
      const steps = [
        { step: 4, remove: true },
        { step: 1, title: 'Voucher codes', files: ['new src/voucher.ts'] },
      ];
      await client.callTool('revise_plan', { plan: 'P-1', steps });
      const { data, text } = await get({ compare: 2 });
      expect(data?.comparison).toEqual({
        fields: [],
        steps: [
          {
            ...{ step: 1, change: 'changed', title: 'Voucher codes' },
            details: ['title: Vouchers -> Voucher codes', 'files: - edit src/index.ts'],
          },
          { step: 5, change: 'changed', title: 'Document', details: ['depends_on: - 4'] },
          { step: 4, change: 'dropped', title: 'Print', details: [] },
        ],
      });
      expect(text).toContain('P-1: revision 3 compared with 2\n~ 1 Voucher codes (changed)');
      await client.callTool('revise_plan', { plan: 'P-1', restore: 2 });
    });

    it('tells which steps the code has moved away from, and how far their tickets are', async () => {
      writeFiles(`${folder}/shop`, {
        'src/voucher.ts': 'v\n',
        'src/index.ts': 'changed\n',
        'src/other.ts': 'changed\n',
      });
      rmSync(`${folder}/shop/src/print.ts`);
      writeFileSync(`${folder}/shop/src/cart.ts`, 'changed\n');
      await ticket({ plan_step: 'P-1/2', status: 'in_progress' });
      await ticket({ plan_step: 'p-1/5', status: 'done' });
      const { data, text } = await get();
      expect(data?.plan).toMatchObject({
        progress: { steps: 5, done: 1, in_progress: 1, with_tickets: 2 },
        steps: [
          { step: 1, drift: 'done_elsewhere', changed: ['src/voucher.ts made', 'src/index.ts changed'] },
          {
            step: 2,
            drift: 'touched',
            changed: ['src/cart.ts changed', 'src/voucher.ts made'],
            tickets: ['T-1 in_progress'],
          },
          { step: 3 },
          { step: 4, drift: 'contradicted', changed: ['src/print.ts gone'] },
          { step: 5, tickets: ['T-2 done'] },
        ],
        findings: expect.arrayContaining([
          expect.objectContaining({ rule: 'missing_file', steps: [4] }),
          expect.objectContaining({ rule: 'file_exists', steps: [1] }),
        ]),
      });
      expect(text).toContain('4 Print (medium; contradicted by the code: src/print.ts gone)');
      const listed = await client.callTool('list_plans', {});
      expect(listed.data?.plans).toEqual([
        {
          ...{ id: 'P-1', title: 'Vouchers in the cart', goal: 'Vouchers in the cart', revision: 4, steps: 5 },
          ...{ progress: { steps: 5, done: 1, in_progress: 1, with_tickets: 2 } },
          drift: { done_elsewhere: 1, touched: 1, contradicted: 1 },
        },
      ]);
      expect((await get({ format: 'mermaid' })).text).toContain('  class s5 done\n  class s2 in_progress');
    });

    it('gives an earlier revision, and says which there are', async () => {
      expect((await get({ revision: 1 })).data?.plan).toMatchObject({ revision: 1 });
      expect((await get({ revision: 7 })).text).toBe('not_found: P-1 has no revision 7; it has 1 to 4.');
    });

    it('stays within the characters that are asked for, however long the plan', async () => {
      const step = {
        title: 'word '.repeat(50),
        why: 'reason '.repeat(200),
        acceptance: ['x '.repeat(400), 'y '.repeat(400)],
      };
      const steps = Array.from({ length: 60 }, (_, at) => ({
        ...step,
        files: [`new src/f${at}.ts`],
        depends_on: [1, 2, 3],
      }));
      await client.callTool('revise_plan', { plan: 'P-1', goal: 'Long. '.repeat(2000), steps });
      for (const most of [1000, 4000, 10_000]) {
        const { data, text } = await get({ max_characters: most });
        expect(text.length).toBeLessThanOrEqual(most);
        expect(JSON.stringify(data).length).toBeLessThanOrEqual(most);
        expect(text).toContain('in all 65 steps');
        const compared = await get({ compare: 1, max_characters: most });
        expect(compared.text.length).toBeLessThanOrEqual(most);
        expect(JSON.stringify(compared.data).length).toBeLessThanOrEqual(most);
      }
      expect((await get({ format: 'markdown' })).text).toMatch(
        /^limit: That has \d+ characters, and 10000 were asked for/,
      );
    });
  });
});
