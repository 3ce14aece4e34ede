import type { KeyvStorageAdapter } from 'keyv';

/** Where cached values are kept. A backend is loaded with the first operation of a cache, not with the program. */
export interface CacheBackend {
  /** `after` is the error that ended the last connection, if one did. */
  connect(after: unknown): Promise<CacheConnection>;
}

export interface CacheConnection {
  /**
   * One for each namespace, since Keyv writes the namespace into its adapter. Adapters never connect again by
   * themselves: a connection that failed is thrown away.
   */
  createAdapter(): Promise<KeyvStorageAdapter>;
  close(): Promise<void>;
}
