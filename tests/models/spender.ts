import { createLedger } from '../../src/models/ledger.ts';
import { readCaps } from '../../src/spending-caps.ts';
import { createPostgresStore } from '../../src/store/postgres.ts';
import { openSqlite, silent } from '../helpers/stores.ts';

/**
 * A process of its own that opens calls of many sizes and completes them, a few at a time, until its part is done. It tells
 * what it was let to spend.
 */
const [place = '', limit = '', seed = '1'] = process.argv.slice(2);
const store = place.startsWith('postgres://') ? createPostgresStore({ url: place, log: silent }) : openSqlite(place);
const ledger = createLedger(store, readCaps([limit]));
let state = Number(seed);
const random = () => {
  state = (state * 48_271) % 2_147_483_647;
  return state / 2_147_483_647;
};

let spent = 0;
let refused = 0;
async function spend() {
  const inputTokens = Math.ceil(random() * 300);
  const estimate = { inputTokens, answerTokens: Math.ceil(random() * 900), price: { input: 1, output: 2 } };
  const about = { asked: 'shop/small', purpose: 'test', actor: 'agent', runId: undefined, project: undefined };
  let opened: { id: string; answerTokens: number };
  try {
    opened = await ledger.open({ ...about, files: [], parts: {}, estimate, withinMs: 60_000 });
  } catch {
    refused++;
    return;
  }
  const outputTokens = Math.ceil(random() * opened.answerTokens);
  await ledger.close(opened.id, {
    ...{ model: 'shop/small', outcome: 'ok', failure: null, retries: 0, ms: 1, redactions: {} },
    ...{ inputTokens, outputTokens, isEstimate: false, cost: (inputTokens + 2 * outputTokens) / 1e6 },
  });
  spent += inputTokens + outputTokens;
}

for (let round = 0; round < 15; round++) await Promise.all([spend(), spend(), spend(), spend()]);
await store.close();
process.stdout.write(JSON.stringify({ spent, refused }));
