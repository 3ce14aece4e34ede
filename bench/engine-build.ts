import { createCatalogue } from '../src/projects/catalogue.ts';
import { createJobControl } from '../src/projects/job-control.ts';
import { createTextBuilder } from '../src/search/live/build-text.ts';

const gigabyte = 2 ** 30;
const noLimit = Number.MAX_SAFE_INTEGER;
const maxListingMs = 60_000;

/** Lists and reads all as the thread that keeps texts does, but with room for all of them. */
export async function buildIndex(folder: string) {
  const begin = performance.now();
  const root = { folder, refuseHardLinks: false };
  const catalogue = createCatalogue(root);
  const builder = createTextBuilder(root, catalogue, { textBytes: noLimit, arenaBytes: 3 * gigabyte });
  const stopFlag = new Int32Array(new SharedArrayBuffer(4));
  try {
    const control = createJobControl({ budgetMs: maxListingMs, stopFlag, report: () => undefined });
    await catalogue.refresh(builder.followed(control));
    const built = await builder.build(async () => true);
    if (typeof built === 'string') throw new Error(`The build is ${built}.`);
    return { index: built.index, ms: performance.now() - begin };
  } finally {
    builder.close();
    catalogue.close();
  }
}
