import { setTimeout as delay } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { clientKinds } from '../helpers/connect.ts';
import { sharedBackend, sharedFolder, sharedServer } from '../helpers/shared-server.ts';
import { backends } from '../helpers/stores.ts';
import { writeFiles } from '../helpers/temp-project.ts';
import { goodPlans } from '../plans/good-plans.ts';
import { storePlans } from '../plans/stored-plans.ts';

describe.each(backends)('octant://plans on $name', ({ isThere, create }) => {
  describe.skipIf(!isThere)('', () => {
    const backend = sharedBackend(create);
    const folder = sharedFolder();
    const onStore = () => ({ project: `${folder()}/shop`, store: backend().flags });
    beforeAll(async () => {
      writeFiles(`${folder()}/shop`, { 'a.ts': '1\n' });
      const all = Array.from({ length: 4 }, () => goodPlans).flat();
      await storePlans(
        backend(),
        `${folder()}/shop`,
        all.map(({ document }) => document),
      );
    });
    const clients = {
      v1: sharedServer(() => ({ kind: 'v1', ...onStore() })),
      'v2-2025': sharedServer(() => ({ kind: 'v2-2025', ...onStore() })),
      'v2-2026': sharedServer(() => ({ kind: 'v2-2026', ...onStore() })),
    };
    const changer = sharedServer(onStore);

    it('are listed once each over the pages, completed by number and title, and read as Markdown', async () => {
      const asking = clients.v1();
      const uris: string[] = [];
      for (let cursor: string | undefined, isFirst = true; isFirst || cursor; isFirst = false) {
        const page = await asking.listResources(cursor);
        uris.push(...page.resources.map(({ uri }) => uri).filter((uri) => uri.startsWith('octant://plans/')));
        cursor = page.nextCursor;
      }
      expect(uris).toEqual(Array.from({ length: 120 }, (_, at) => `octant://plans/shop.P-${120 - at}`));
      const complete = (value: string) => asking.complete({ uri: 'octant://plans/{id}' }, 'id', value);
      expect(await complete('P-12')).toEqual(['shop.P-120', 'shop.P-12']);
      expect((await complete('voucher')).at(-1)).toBe('shop.P-26');
      expect(await asking.complete({ prompt: 'execute-plan' }, 'plan', 'shop.P-119')).toEqual(['shop.P-119']);
      const [content] = await asking.readResource('octant://plans/P-26');
      expect(content?.text).toMatch(
        /^# P-26: Customers can enter a voucher code in the cart\n\nRevision 1, made without a model\.\n\n## Goal/,
      );
      expect(content?.text).toContain('```mermaid\nflowchart LR\n');
      await expect(asking.readResource('octant://plans/P-999')).rejects.toThrow(/Resource not found: octant/);
    });

    it.each(clientKinds)('tell a %s subscriber of a revision, and of a change of one of its tickets', async (kind) => {
      const [hearing, changing] = [clients[kind](), changer()];
      const number = 1 + clientKinds.indexOf(kind);
      const uri = `octant://plans/shop.P-${number}`;
      const heard: string[] = [];
      await hearing.subscribe(uri, (updated) => heard.push(updated));
      await delay(500);
      await changing.callTool('revise_plan', { plan: 'P-50', approach: kind });
      await changing.callTool('create_ticket', { title: 'Of no plan' });
      await delay(1000);
      expect(heard).toEqual([]);
      await changing.callTool('revise_plan', { plan: `P-${number}`, approach: kind });
      await heardOf(1);
      const { data } = await changing.callTool('create_ticket', { title: 'Of the plan', plan_step: `P-${number}/1` });
      await heardOf(2);
      await changing.callTool('update_ticket', { ticket: String(data?.id), status: 'done' });
      await heardOf(3);
      expect((await hearing.readResource(uri))[0]?.text).toContain(`${data?.id} (done)`);

      async function heardOf(count: number) {
        for (let waited = 0; heard.length < count && waited < 5000; waited += 20) await delay(20);
        expect(heard.length).toBeGreaterThanOrEqual(count);
        expect(new Set(heard)).toEqual(new Set([uri]));
      }
    });
  });
});
