import type { Writable } from 'node:stream';
import type { McpServer } from '@modelcontextprotocol/server';
import { StdioServerTransport, serveStdio as serve } from '@modelcontextprotocol/server/stdio';
import type { Log } from '../log.ts';
import type { Release } from '../resources/resource.ts';
import type { SharedSubscriptions } from '../resources/subscriptions.ts';
import { messageLines } from './lines.ts';
import { cancelledId, listenedUris } from './listened.ts';

export interface StdioOptions {
  stdout: Writable;
  createServer: () => McpServer;
  openListened(notify: (uri: string) => void): SharedSubscriptions;
  log: Log;
  /** Called once when the client is gone, or when the connection broke with this error. */
  onEnd(error?: Error): void;
}

export interface StdioHost {
  close(): Promise<void>;
}

/** Serves one client over stdin and stdout, in the era that its first message asks for. */
export function serveStdio({ stdout, createServer, openListened, log, onEnd }: StdioOptions): StdioHost {
  let current: McpServer | undefined;
  let failure: Error | undefined;
  const input = messageLines(process.stdin, (reply) => void stdout.write(`${JSON.stringify(reply)}\n`));
  input.once('error', (error) => {
    failure = error; // a message above the limit: nothing after it can be trusted
  });
  const transport = new StdioServerTransport(input, stdout);
  const handle = serve(
    () => {
      current = createServer();
      return current;
    },
    {
      transport,
      onerror(error) {
        log.debug({ err: error }, 'a message was rejected');
      },
    },
  );

  const listened = openListened((uri) => {
    void current?.server.sendResourceUpdated({ uri }).catch(() => {}); // the client has gone
  });
  const releases = new Map<string | number, Release>();
  observe(transport, (message) => {
    const listening = listenedUris(message);
    if (listening) releases.set(listening.id, listened.open(listening.uris));
    const cancelled = cancelledId(message);
    if (cancelled === undefined) return;
    releases.get(cancelled)?.();
    releases.delete(cancelled);
  });

  const onClose = transport.onclose;
  transport.onclose = () => {
    onClose?.();
    listened.closeAll();
    onEnd(failure);
  };
  return { close: handle.close };
}

/** Sees each message before the SDK does. */
function observe(transport: StdioServerTransport, look: (message: unknown) => void) {
  const deliver = transport.onmessage;
  transport.onmessage = (message) => {
    look(message);
    deliver?.(message);
  };
}
