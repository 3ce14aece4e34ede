import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createLedger } from '../../src/models/ledger.ts';
import { purgeReceipts } from '../../src/models/receipts.ts';
import { checkDump } from '../../src/store/check-dump.ts';
import { dump } from '../../src/store/dump.ts';
import { loadDump } from '../../src/store/load-dump.ts';
import { type ModelServer, startModelServer } from '../helpers/model-server.ts';
import { openSqlite } from '../helpers/stores.ts';
import { tempProject } from '../helpers/temp-project.ts';
import { setUpAsker } from './set-up.ts';

let server: ModelServer;
beforeAll(async () => {
  server = await startModelServer();
  await server.play({ chat: [{ kind: 'answer', usage: { prompt_tokens: 70, completion_tokens: 30, cost: 0.125 } }] });
});
afterAll(() => server.stop());

const project = { id: 'shop', name: 'shop', folder: '/projects/shop' };
const call = { signal: new AbortController().signal, withinMs: 20_000, purpose: 'summarizer', runId: 'run', project };
const question = {
  model: 'shop/small',
  messages: [{ role: 'user' as const, text: 'Hello' }],
  files: [{ path: 'src/cart.ts', ranges: [{ from: 1, to: 5 }], hash: 'ab' }],
};

function open() {
  const store = openSqlite(join(tempProject(), 'octant.db'));
  onTestFinished(() => store.close());
  return store;
}

describe('Receipts', () => {
  it('are exported with their project, and imported as they were', async () => {
    const store = open();
    const { asker, receipts } = setUpAsker(server, store);
    await asker.ask(question, call);
    await asker.ask(question, call);
    const lines: string[] = [];
    const emit = async (line: string) => void lines.push(line);
    expect(await store.read(({ db }) => dump(db, () => true, emit))).toMatchObject({ projects: 1, receipts: 2 });
    const read = async function* () {
      yield* lines;
    };
    expect((await checkDump(read())).counts.receipts).toBe(2);
    const other = open();
    await other.write('import', (write) => loadDump(write, read(), ({ folder }) => folder));
    expect(await setUpAsker(server, other).receipts('run')).toEqual(await receipts('run'));
  });

  it('of a project that is purged are a sum that names nothing of it', async () => {
    const store = open();
    const { asker, ledger } = setUpAsker(server, store);
    await asker.ask(question, call);
    await store.write('shop', (write) => purgeReceipts(write, 'shop'));
    const rows = await store.read(({ db }) => db.selectFrom('receipts').selectAll().execute());
    expect(rows).toMatchObject([{ project_id: null, run_id: null, files: '[]' }]);
    expect(await ledger.spentToday()).toEqual({ calls: 1, tokens: 100, cost: 0.125, unpriced: 0 });
    expect(await createLedger(store, []).spentToday('shop')).toMatchObject({ calls: 0, tokens: 0 });
  });
});
