import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { connect, type TestClient } from '../helpers/connect.ts';
import { type ModelServer, startModelServer } from '../helpers/model-server.ts';
import { startHttp } from '../helpers/program.ts';
import { type Backend, backends } from '../helpers/stores.ts';
import { tempProject } from '../helpers/temp-project.ts';
import { percentile, report } from '../hostile/observe.ts';
import { faultsOf, readChat } from './chat-audit.ts';

/** Of each of three servers; the full count is 300. */
const sends = Number(process.env.OCTANT_CHAT_SENDS || 20);
const servers = 3;

let model: ModelServer;
beforeAll(async () => {
  model = await startModelServer();
});
afterAll(() => model.stop());

const env = () => ({
  OCTANT_PROVIDERS: [`shop=${model.url}/v1`, 'lmstudio=off', 'ollama=off'].join(),
  SHOP_API_KEY: 'sk-canary-8888',
});
/** Its provider does not list it, so that its window is not known and nothing is summarized. */
const name = 'shop/boundless';

const questions = async () => {
  const asked = (await model.journal()).filter(({ path }) => path.endsWith('/chat/completions'));
  return asked.map(({ body }): string => JSON.parse(body).messages.at(-1).content);
};

describe.each(backends)('Turns on $name', ({ isThere, create }) => {
  describe.skipIf(!isThere)('', () => {
    let backend: Backend;
    let args: string[];
    beforeAll(async () => {
      backend = await create();
    });
    afterAll(() => backend?.remove());

    const flags = (folder: string) => ['--project', folder, '--toolsets', 'chat', ...dataOf(folder), ...backend.flags];
    const dataOf = (folder: string) => (backend.flags.includes('--data-dir') ? [] : ['--data-dir', `${folder}/.data`]);

    it(`${servers} servers x ${sends} messages to one branch: none is lost, none asked twice, one tree`, async () => {
      args = flags(tempProject({ 'README.md': '# Shop\n' }));
      await model.play({ chat: [{ kind: 'answer', pieces: ['OK'] }] });
      const clients = await Promise.all(
        Array.from({ length: servers }, () => connect('v2-2026', { args, env: env() })),
      );
      onTestFinished(async () => void (await Promise.all(clients.map((client) => client.close()))));
      const { data: first } = await send(clients[0], { text: 'Begin.', model: name });
      const conversation = String(first?.conversation);
      const ms: number[] = [];
      const begun = performance.now();
      const work = clients.map(async (client, index) => {
        const other = clients[(index + 1) % servers];
        for (let at = 0; at < sends; at++) {
          const text = `Question ${index}.${at}`;
          const message = { conversation, text, model: name, request_id: `r${index}.${at}` };
          const started = performance.now();
          const both = at % 4 === 0 ? [client, other] : [client]; // two equal requests at once, at two servers
          const answers = await Promise.all(both.map((each) => send(each, message)));
          ms.push(performance.now() - started);
          for (const { data, text: said } of answers)
            expect(data, said).toMatchObject({ status: 'answered', text: 'OK' });
          expect(new Set(answers.map(({ data }) => data?.answer)).size).toBe(1);
        }
      });
      await Promise.all(work);
      const seconds = (performance.now() - begun) / 1000;

      const asked = await questions();
      expect(asked.length).toBe(new Set(asked).size);
      expect(asked.length).toBe(1 + servers * sends);
      const stores = [backend.open(), backend.open()];
      const [state, again] = await Promise.all(
        stores.map((store) => readChat(store, String(first?.project), Number(conversation.slice(2)))),
      );
      await Promise.all(stores.map((store) => store.close()));
      if (!state) throw new Error('no conversation');
      expect(again).toEqual(state);
      expect(faultsOf(state)).toEqual([]);
      expect(state.messages).toHaveLength(2 * (1 + servers * sends));
      expect(state.turns.filter(({ status }) => status !== 'done')).toEqual([]);
      expect(new Set(state.messages.map(({ role, text }) => role + text)).size).toBe(1 + 1 + servers * sends);
      const forks = state.branches.length - 1;
      report(
        `${servers} servers x ${sends} messages: ${Math.round(seconds)} s, p50 ${Math.round(percentile(ms, 0.5))} ms, ` +
          `p99 ${Math.round(percentile(ms, 0.99))} ms; ${forks} automatic branches, 0 lost, 0 asked twice`,
      );
    });

    it('are killed with SIGKILL at each step: nothing dangles, and the same request gives one answer', async () => {
      const folder = tempProject({ 'README.md': '# Shop\n' });
      const slow = {
        kind: 'answer' as const,
        pieces: Array.from({ length: 40 }, (_, index) => `${index} `),
        everyMs: 90,
      };
      const killed = [0, 100, 500, 2800, 3600];
      let withPart = 0;
      for (const [round, afterMs] of killed.entries()) {
        await model.play({ chat: [slow] });
        const http = await startHttp(flags(folder), { env: env() });
        const client = await connect('v1', { url: http.url });
        const message = { text: `Round ${round}`, model: name, request_id: `kill-${round}` };
        client.callTool('send_message', message).catch(() => {}); // it waits for an answer that never comes
        await delay(afterMs);
        http.process.kill('SIGKILL');
        client.close().catch(() => {});
        await letLeasesEnd(backend);

        await model.play({ chat: [{ kind: 'answer', pieces: ['Whole.'] }] });
        const next = await connect('v2-2026', { args: flags(folder), env: env() });
        const answers = [await send(next, message), await send(next, message)];
        await next.close();
        const store = backend.open();
        const number = Number(String(answers[0]?.data?.conversation).slice(2));
        const state = await readChat(store, String(answers[0]?.data?.project), number);
        await store.close();
        expect(faultsOf(state)).toEqual([]);
        expect(state.turns.filter(({ status }) => status === 'running')).toEqual([]);
        expect(answers[0]?.data).toMatchObject({ status: 'answered', question: 1 });
        expect(answers[1]?.data?.answer).toBe(answers[0]?.data?.answer);
        expect(state.messages.filter(({ role }) => role === 'user')).toHaveLength(1);
        expect(state.messages.filter(({ status, role }) => role === 'assistant' && status === 'complete')).toHaveLength(
          1,
        );
        withPart += state.messages.filter(
          ({ status, text }) => status === 'interrupted' && text.startsWith('0 1 2 '),
        ).length;
      }
      expect(withPart).toBeGreaterThan(0);
    });
  });
});

function send(client: TestClient | undefined, message: Record<string, unknown>) {
  if (!client) throw new Error('no client');
  return client.callTool('send_message', message);
}

/** As if a minute had passed without a sign of life. */
async function letLeasesEnd(backend: Backend): Promise<void> {
  const store = backend.open();
  await store.write('chat_turns', ({ db }) => db.updateTable('chat_turns').set({ beat_at: 0 }).execute());
  await store.close();
}
