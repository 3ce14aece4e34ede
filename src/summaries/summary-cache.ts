import { createHash } from 'node:crypto';
import type { Cache } from '../store/caches.ts';
import type { StoredSummary } from './model-answer.ts';

/** Whose summaries: of one model, one question and one version of what models are told. */
export interface SummaryKind {
  version: string;
  /** The models that may answer, as they are set up. */
  models: string;
  focus: string;
}

/** Summaries by what they are of, wherever that lies: another branch, folder or project with the same content has them too. */
export interface SummaryCache {
  /** In the order of the keys; none that was made before `notBefore`, in milliseconds since 1970. */
  find(keys: readonly string[], notBefore: number): Promise<Array<StoredSummary | undefined>>;
  /**
   * What is being made for a key is made once, whoever asks, and kept.
   *
   * @param signal of the caller; when it ends what was made for others too, these make it themselves
   */
  make(key: string, ask: () => Promise<StoredSummary>, signal: AbortSignal): Promise<StoredSummary>;
}

/** More would take longer than a cache is given. */
const batch = 100;

export function createSummaryCache(cache: Cache<StoredSummary>): SummaryCache {
  const making = new Map<string, { made: Promise<StoredSummary>; signal: AbortSignal }>();

  return {
    async find(keys, notBefore) {
      const found: Array<StoredSummary | undefined> = [];
      for (let at = 0; at < keys.length; at += batch) found.push(...(await cache.getMany(keys.slice(at, at + batch))));
      return found.map((each) => (each && each.at >= notBefore ? each : undefined));
    },

    make,
  };

  async function make(key: string, ask: () => Promise<StoredSummary>, signal: AbortSignal): Promise<StoredSummary> {
    const known = making.get(key);
    if (!known) {
      const made = askAndKeep(key, ask).finally(() => making.delete(key));
      making.set(key, { made, signal });
      return made;
    }
    try {
      return await known.made;
    } catch (error) {
      if (!known.signal.aborted || signal.aborted) throw error;
      return make(key, ask, signal);
    }
  }

  async function askAndKeep(key: string, ask: () => Promise<StoredSummary>): Promise<StoredSummary> {
    const summary = await ask();
    await cache.set(key, summary);
    return summary;
  }
}

/** @param hash of the content; the name says something too, the folder does not */
export function keyOfFile(kind: SummaryKind, path: string, hash: string): string {
  return digest(['file', kind, path.slice(path.lastIndexOf('/') + 1), hash]);
}

/** @param children names with the digests of what they hold */
export function keyOfFolder(
  kind: SummaryKind,
  path: string,
  children: ReadonlyArray<readonly [string, string]>,
): string {
  return digest(['folder', kind, path.slice(path.lastIndexOf('/') + 1), children]);
}

function digest(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('base64url');
}
