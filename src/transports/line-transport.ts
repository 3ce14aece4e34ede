import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { type JSONRPCMessage, parseJSONRPCMessage, type Transport } from '@modelcontextprotocol/server';

/** One JSON-RPC message a line, as MCP has it for stdio. */
export interface LineTransport extends Transport {
  /** What broke the connection, after which nothing that comes can be trusted; undefined where the client has gone. */
  failure(): Error | undefined;
}

/** Of one message, in bytes. */
const maxLineBytes = 10 * 1024 * 1024;
const invalidRequest = -32600;

/**
 * The SDK's transport looks through all it has so far at each chunk, which takes forever when a message comes in small
 * pieces, and drops without a word what is no message; here a request that is malformed but has an id is answered
 * (JSON-RPC 2.0, section 5.1), and the rest is passed over.
 */
export function createLineTransport(input: Readable, output: Writable): LineTransport {
  let parts: Buffer[] = [];
  let size = 0;
  let failure: Error | undefined;
  let isClosed = false;

  const transport: LineTransport = {
    async start() {
      input.on('data', read).on('error', fail).on('end', close).on('close', close);
      output.on('error', end); // EPIPE: the client has gone
      if (input.readableEnded || input.destroyed) setImmediate(close);
    },
    async send(message) {
      if (isClosed) throw new Error('The client has gone.');
      if (!write(message)) await once(output, 'drain');
    },
    async close() {
      close();
    },
    failure: () => failure,
  };
  return transport;

  function read(chunk: Buffer) {
    let start = 0;
    for (let at = chunk.indexOf(10); at >= 0 && !isClosed; at = chunk.indexOf(10, start)) {
      const rest = chunk.subarray(start, at);
      const line = parts.length === 0 ? rest : Buffer.concat([...parts, rest]);
      parts = [];
      size = 0;
      start = at + 1;
      take(line.toString('utf8'));
    }
    if (start < chunk.length) parts.push(chunk.subarray(start));
    size += chunk.length - start;
    if (size > maxLineBytes) fail(new Error(`A message exceeds ${maxLineBytes} bytes.`));
  }

  function take(line: string) {
    const value = jsonOf(line);
    const message = value === undefined ? undefined : messageOf(value);
    if (message) transport.onmessage?.(message);
    else refuse(idOf(value));
  }

  function refuse(id: string | number | undefined) {
    const message = 'This is not a valid JSON-RPC 2.0 request.';
    if (id !== undefined) write({ jsonrpc: '2.0', id, error: { code: invalidRequest, message } });
  }

  function write(message: JSONRPCMessage): boolean {
    return output.write(`${JSON.stringify(message)}\n`);
  }

  function fail(error: Error) {
    failure ??= error;
    end(error);
  }

  function end(error: Error) {
    if (isClosed) return;
    transport.onerror?.(error);
    close();
  }

  function close() {
    if (isClosed) return;
    isClosed = true;
    input.off('data', read).off('error', fail).off('end', close).off('close', close).pause();
    input.on('error', () => {}); // nobody is left to hear of it
    parts = [];
    transport.onclose?.();
  }
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function messageOf(value: unknown): JSONRPCMessage | undefined {
  try {
    return parseJSONRPCMessage(value);
  } catch {
    return undefined;
  }
}

function idOf(value: unknown): string | number | undefined {
  const id = typeof value === 'object' && value !== null && 'id' in value ? value.id : undefined;
  return typeof id === 'string' || typeof id === 'number' ? id : undefined;
}
