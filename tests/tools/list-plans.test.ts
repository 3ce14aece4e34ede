import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect, type TestClient } from '../helpers/connect.ts';
import { type Backend, backends } from '../helpers/stores.ts';
import { makeTempFolder, removeFolder, writeFiles } from '../helpers/temp-project.ts';
import { goodPlans } from '../plans/good-plans.ts';
import { storePlans } from '../plans/stored-plans.ts';

describe.each(backends)('list_plans on $name', ({ isThere, create }) => {
  describe.skipIf(!isThere)('', () => {
    let folder: string;
    let backend: Backend;
    let client: TestClient;

    beforeAll(async () => {
      folder = makeTempFolder();
      writeFiles(`${folder}/shop`, { 'a.ts': '1\n' });
      backend = await create();
      client = await connect('v1', { args: ['--project', `${folder}/shop`, ...backend.flags] });
    });
    afterAll(async () => {
      await client.close();
      await backend.remove();
      removeFolder(folder);
    });

    const list = (args = {}) => client.callTool('list_plans', args);

    it('says that there is none, and makes no store by looking', async () => {
      expect(await list()).toMatchObject({
        data: { project: 'shop', plans: [] },
        text: 'There is no plan yet. Make one with create_plan.',
      });
    });

    it('gives the newest first, page by page, each once', async () => {
      await storePlans(
        backend,
        `${folder}/shop`,
        goodPlans.map(({ document }) => ({ ...document, ticket: 'T-4' })),
      );
      const { data, text } = await list({ limit: 2 });
      expect(data?.plans).toMatchObject([
        {
          id: 'P-30',
          title: expect.any(String),
          steps: 3,
          ticket: 'T-4',
          goal: expect.stringMatching(/^Users upload/),
        },
        { id: 'P-29' },
      ]);
      expect(text).toMatch(/^2 plans\nP-30 Users upload a picture of themselves; .*\(revision 1; 3 steps; for T-4/);
      const seen: unknown[] = [];
      for (let cursor: unknown; ; ) {
        const page = await list({ limit: 7, ...(typeof cursor === 'string' && { cursor }) });
        if (Array.isArray(page.data?.plans)) seen.push(...page.data.plans.map(({ id }) => id));
        cursor = page.data?.next_cursor;
        if (cursor === undefined) break;
      }
      expect(seen).toEqual(Array.from({ length: 30 }, (_, at) => `P-${30 - at}`));
      expect((await list({ limit: 50 })).text.length).toBeLessThan(10_000);
      expect((await list({ limit: 7, cursor: 'x' })).text).toMatch(/^bad_input: The cursor does not belong/);
    });
  });
});
