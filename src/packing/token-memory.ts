import { createHash } from 'node:crypto';
import * as z from 'zod';
import type { Cache } from '../store/caches.ts';
import { type CountTokens, loadCounter, type Tokenizer } from '../text/tokens.ts';

/** Of the texts that were made of one content, by their hash. */
export const countsSchema = z.record(z.string(), z.int().nonnegative());
/** The number grows when the same text is counted in another way. */
export const countsName = 'token-counts-1';

/** Counts tokens, and remembers what was counted by hashes of the texts. */
export interface TokenMemory {
  /** For texts from anywhere. */
  counterOf(tokenizer: Tokenizer): Promise<CountTokens>;
  /** For texts that are made of one content, given by its hash: what any server has counted of it is known. */
  counterOfContent(tokenizer: Tokenizer, hash: string): Promise<CountTokens>;
  /** Puts what was counted of contents where all servers find it. */
  keep(): Promise<void>;
}

interface Content {
  /** What was asked for last stands last. */
  counts: Map<string, number>;
  isChanged: boolean;
}

const maxKnown = 20_000;
const maxContents = 2000;
/** One for each way to show a file, for the last few tasks and formats. */
const maxCounts = 24;
/** Shorter texts are counted sooner than they are looked up. */
const leastRemembered = 400;

export function createTokenMemory(cache: Cache<z.infer<typeof countsSchema>>): TokenMemory {
  const counters = new Map<string, Promise<CountTokens>>();
  const known = new Map<string, number>();
  const contents = new Map<string, Content>();

  return {
    async counterOf(tokenizer) {
      return remembering(await load(tokenizer), known, () => trim(known, maxKnown), tokenizer.name);
    },

    async counterOfContent(tokenizer, hash) {
      const count = await load(tokenizer);
      const key = `${tokenizer.name} ${hash}`;
      const content = contents.get(key) ?? {
        counts: new Map(Object.entries((await cache.get(key)) ?? {})),
        isChanged: false,
      };
      contents.delete(key);
      contents.set(key, content);
      return remembering(count, content.counts, () => {
        content.isChanged = true;
      });
    },

    async keep() {
      const changed = [...contents].filter(([, { isChanged }]) => isChanged);
      for (const [, content] of changed) {
        trim(content.counts, maxCounts);
        content.isChanged = false;
      }
      trim(contents, maxContents);
      await Promise.all(changed.map(([key, { counts }]) => cache.set(key, Object.fromEntries(counts))));
    },
  };

  function load(tokenizer: Tokenizer): Promise<CountTokens> {
    const counter = counters.get(tokenizer.name) ?? loadCounter(tokenizer);
    counters.set(tokenizer.name, counter);
    return counter;
  }
}

function remembering(count: CountTokens, counts: Map<string, number>, onNew: () => void, salt = ''): CountTokens {
  return (text) => {
    if (text.length < leastRemembered) return count(text);
    const name = createHash('sha1').update(salt).update(text).digest('base64url');
    const old = counts.get(name);
    const tokens = old ?? count(text);
    counts.delete(name);
    counts.set(name, tokens);
    if (old === undefined) onNew();
    return tokens;
  };
}

/** The oldest go first. */
function trim(map: Map<string, unknown>, most: number): void {
  for (const oldest of map.keys()) {
    if (map.size <= most) return;
    map.delete(oldest);
  }
}
