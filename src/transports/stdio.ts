import type { Writable } from 'node:stream';
import type { JSONRPCMessage, McpServer, Transport } from '@modelcontextprotocol/server';
import { serveStdio as serve } from '@modelcontextprotocol/server/stdio';
import type { Log } from '../log.ts';
import type { Listened, Notify, SharedSubscriptions, Subscription } from '../resources/subscriptions.ts';
import { createLineTransport } from './line-transport.ts';
import { cancelledId, listenedTo } from './listened.ts';

export interface StdioOptions {
  stdout: Writable;
  createServer: () => McpServer;
  openListened(notify: Notify): SharedSubscriptions;
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
  const transport = createLineTransport(process.stdin, stdout);
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

  const listened = openListened({
    updated: (uri) => void current?.server.sendResourceUpdated({ uri }).catch(() => {}), // the client has gone
    promptsChanged: () => void current?.server.sendPromptListChanged().catch(() => {}),
  });
  const open = new Map<string | number, Subscription>();
  observe(transport, (message) => {
    const listening = listenedTo(message);
    if (listening) return begin(listening);
    const cancelled = cancelledId(message);
    return cancelled === undefined ? undefined : end(cancelled);
  });

  const onClose = transport.onclose;
  transport.onclose = () => {
    onClose?.();
    listened.closeAll();
    onEnd(transport.failure());
  };
  return { close: handle.close };

  function begin({ id, ...wanted }: Listened & { id: string | number }): Promise<void> {
    const subscription = listened.open(wanted);
    open.set(id, subscription);
    return subscription.watched;
  }

  function end(id: string | number): Promise<void> | undefined {
    const subscription = open.get(id);
    open.delete(id);
    subscription?.release();
    return subscription?.watched;
  }
}

/** Sees each message before the SDK does, which gets it once the promise is kept that `look` may give. */
function observe(transport: Transport, look: (message: JSONRPCMessage) => Promise<void> | undefined) {
  const deliver = transport.onmessage;
  transport.onmessage = (message) => {
    const ready = look(message);
    if (ready) void ready.then(() => deliver?.(message));
    else deliver?.(message);
  };
}
