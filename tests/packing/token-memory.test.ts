import { describe, expect, it, onTestFinished } from 'vitest';
import { createLog } from '../../src/log.ts';
import { countsSchema, createTokenMemory } from '../../src/packing/token-memory.ts';
import { type Cache, createCaches } from '../../src/store/caches.ts';
import { tokenizerOf } from '../../src/text/tokens.ts';
import { makeTempFolder, removeFolder } from '../helpers/temp-project.ts';

type Counts = Cache<Record<string, number>>;
const gpt5 = tokenizerOf('gpt-5');

/** The same file, as two servers open it. */
function openCounts(folder: string): Counts {
  const caches = createCaches({ url: undefined, folder, log: createLog('silent') });
  onTestFinished(() => caches.close());
  return caches.open('token-counts', { schema: countsSchema, ttlMs: 60_000 });
}

describe('Counts of tokens', () => {
  it('are not made again by a second server, whatever the file that has the content is called', async () => {
    const folder = makeTempFolder();
    onTestFinished(() => removeFolder(folder));
    const text = 'export const cart = 1;\n'.repeat(40);
    const first = createTokenMemory(openCounts(folder));
    const tokens = (await first.counterOfContent(gpt5, 'abc'))(text);
    await first.keep();

    const cache = openCounts(folder);
    const [[name, kept] = ['', 0], ...others] = Object.entries((await cache.get('o200k abc')) ?? {});
    expect([kept, others]).toEqual([tokens, []]);
    await cache.set('o200k abc', { [name]: 77_777 }); // so that it is told from one that was made again
    const second = createTokenMemory(cache);
    expect((await second.counterOfContent(gpt5, 'abc'))(text)).toBe(77_777);
    expect((await second.counterOfContent(gpt5, 'abd'))(text)).toBe(tokens);
    expect((await second.counterOfContent(tokenizerOf('gpt-4'), 'abc'))(text)).not.toBe(77_777);
    expect((await second.counterOf(gpt5))(text)).toBe(tokens);
  });

  it('are kept for the last few texts of a content', async () => {
    const folder = makeTempFolder();
    onTestFinished(() => removeFolder(folder));
    const cache = openCounts(folder);
    const memory = createTokenMemory(cache);
    const count = await memory.counterOfContent(gpt5, 'abc');
    for (let at = 0; at < 60; at++) count(`${at} carts `.repeat(60));
    count('short');
    await memory.keep();
    expect(Object.keys((await cache.get('o200k abc')) ?? {})).toHaveLength(24);
  });
});
