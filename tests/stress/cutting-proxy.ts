import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** What becomes of the next commit that passes: lost on its way, its reply lost, or late after its sender is gone. */
export type Cut = 'before' | 'after' | 'late';

const lateMs = 1500;
const commit = Buffer.from('commit\0');

/** Stands between a client and a server, and breaks the connection at the worst moments. */
export async function startProxy(target: string) {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let next: Cut | undefined;
  let delayMs = 0;
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    }
    let cut: Cut | undefined;
    upstream.on('data', (chunk) => (cut === 'after' ? client.destroy() : client.write(chunk)));
    upstream.on('close', () => client.destroy());
    client.on('close', () => cut !== 'late' && upstream.destroy());
    client.on('data', (chunk) => {
      if (next !== undefined && chunk.includes(commit)) {
        cut = next;
        next = undefined;
        if (cut === 'before') return void client.destroy();
        if (cut === 'late') {
          client.destroy();
          return void setTimeout(() => upstream.write(chunk), lateMs);
        }
      }
      setTimeout(() => upstream.write(chunk), delayMs);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const url = new URL(target);
  url.port = String(typeof address === 'object' ? address?.port : '');

  return {
    url: url.href,
    cutNext(cut: Cut) {
      next = cut;
    },
    isCut: () => next === undefined,
    /** Of what clients send from now on. */
    slowDown(ms: number) {
      delayMs = ms;
    },
    breakAll() {
      for (const socket of sockets) socket.destroy();
    },
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
