import { onTestFinished } from 'vitest';
import { readEndpoints, readTiers } from '../../src/endpoints.ts';
import { createAsker } from '../../src/models/asker.ts';
import { createLedger } from '../../src/models/ledger.ts';
import { receiptsOfRun } from '../../src/models/receipts.ts';
import { createModels, listingSchema } from '../../src/providers/models.ts';
import { readCaps } from '../../src/spending-caps.ts';
import { createCaches } from '../../src/store/caches.ts';
import type { Store } from '../../src/store/store.ts';
import type { ModelServer } from '../helpers/model-server.ts';
import { silent } from '../helpers/stores.ts';
import { tempProject } from '../helpers/temp-project.ts';

const words = { answerAsData: 'Answer as JSON: {{schema}}', correctAnswer: 'Wrong: {{issue}}' };
/** Of the provider `shop`. */
export const key = 'shop-canary-key-0123456789';

/** An asker with the providers `shop` (like OpenAI) and `den` (an Ollama) on a real store. */
export function setUpAsker(
  server: ModelServer,
  store: Store,
  { tiers = [], limits = [], privacy = [] }: { tiers?: string[]; limits?: string[]; privacy?: string[] } = {},
) {
  const caches = createCaches({ url: undefined, folder: tempProject(), log: silent });
  onTestFinished(() => caches.close());
  const places = [`shop=${server.url}/v1`, `den=ollama+${server.url}`, 'lmstudio=off', 'ollama=off'];
  const models = createModels({
    endpoints: readEndpoints(places, { SHOP_API_KEY: key }, privacy),
    tiers: readTiers(tiers),
    listings: caches.open('models', { schema: listingSchema, ttlMs: 60_000 }),
    chance: { now: () => performance.now(), random: () => 0 },
  });
  const caps = readCaps(limits);
  const ledger = createLedger(store, caps);
  return {
    asker: createAsker({ models, ledger, caps, log: silent, words }),
    ledger,
    receipts: (run: string) => store.read(({ db }) => receiptsOfRun(db, run)),
  };
}
