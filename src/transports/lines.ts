import { type Readable, Transform } from 'node:stream';
import { parseJSONRPCMessage } from '@modelcontextprotocol/server';

/** Of one message, in bytes. */
const maxLineBytes = 10 * 1024 * 1024;
const invalidRequest = -32600;

export interface ErrorReply {
  jsonrpc: '2.0';
  id: string | number;
  error: { code: number; message: string };
}

/**
 * Hands on whole lines that hold JSON-RPC messages. The SDK's transport looks through all it has so far at each chunk,
 * which takes forever when a message comes in small pieces, and drops without a word what is no message; here a
 * request that is malformed but has an id is answered (JSON-RPC 2.0, section 5.1), and the rest is passed over.
 */
export function messageLines(input: Readable, reply: (error: ErrorReply) => void): Readable {
  let parts: Buffer[] = [];
  let size = 0;

  const lines = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      let start = 0;
      for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
        const line = Buffer.concat([...parts, chunk.subarray(start, end + 1)]);
        parts = [];
        size = 0;
        start = end + 1;
        if (isMessage(line.toString('utf8'), reply)) this.push(line);
      }
      if (start < chunk.length) parts.push(chunk.subarray(start));
      size += chunk.length - start;
      done(size > maxLineBytes ? new Error(`A message exceeds ${maxLineBytes} bytes.`) : null);
    },
  });
  input.on('error', (error) => lines.destroy(error));
  return input.pipe(lines);
}

function isMessage(line: string, reply: (error: ErrorReply) => void): boolean {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return false;
  }
  try {
    parseJSONRPCMessage(value);
    return true;
  } catch {
    const id = idOf(value);
    const message = 'This is not a valid JSON-RPC 2.0 request.';
    if (id !== undefined) reply({ jsonrpc: '2.0', id, error: { code: invalidRequest, message } });
    return false;
  }
}

function idOf(value: unknown): string | number | undefined {
  const id = typeof value === 'object' && value !== null && 'id' in value ? value.id : undefined;
  return typeof id === 'string' || typeof id === 'number' ? id : undefined;
}
