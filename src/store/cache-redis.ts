import KeyvRedis, { createClient } from '@keyv/redis';
import type { CacheBackend } from './cache-backend.ts';

/** For the network, TLS and the greeting together; nobody waits as long, see `cache-link.ts`. */
const connectMs = 3_000;

/** A Redis or Valkey server. Entries expire there by themselves. */
export function createRedisBackend(url: string): CacheBackend {
  return {
    async connect() {
      const client = createClient({
        url,
        disableOfflineQueue: true,
        socket: { reconnectStrategy: false, connectTimeout: connectMs },
      });
      client.setMaxListeners(0); // every adapter listens
      client.on('error', () => {}); // what fails tells its caller; without a listener it would end the process
      client.unref();
      // A server that accepts and then says nothing is past the timeout of the socket.
      const timer = setTimeout(() => client.destroy(), connectMs).unref();
      try {
        await client.connect();
      } catch (error) {
        client.destroy();
        throw error;
      } finally {
        clearTimeout(timer);
      }
      return {
        async createAdapter() {
          const adapter = new KeyvRedis(client);
          adapter.getClient = async () => client; // its own would connect a client again that we have let go
          return adapter;
        },
        async close() {
          client.destroy();
        },
      };
    },
  };
}
