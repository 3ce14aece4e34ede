import type { IncomingMessage } from 'node:http';
import type { Refusal } from './guards.ts';

export const maxBodyBytes = 4 * 1024 * 1024;
const maxDepth = 64;

export type Body = { ok: true; value: unknown } | { ok: false; refusal: Refusal; code: number };

const parseError = -32700;
const invalidRequest = -32600;
const serverError = -32000;

/** Reads the JSON body of a request within limits of size and nesting. */
export async function readBody(request: IncomingMessage): Promise<Body> {
  const mediaType = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (mediaType !== 'application/json') return refuse(415, serverError, 'Content-Type must be application/json.');
  if ((request.headers['content-encoding'] ?? 'identity') !== 'identity') {
    return refuse(415, serverError, 'Compressed bodies are not accepted.');
  }
  const text = await readText(request);
  if (text === undefined) return refuse(413, serverError, `A body may have ${maxBodyBytes} bytes.`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return refuse(400, parseError, 'The body is not valid JSON.');
  }
  if (typeof value !== 'object' || value === null || (Array.isArray(value) && value.length === 0)) {
    return refuse(400, invalidRequest, 'The body must be a JSON-RPC message.');
  }
  if (isDeeperThan(value, maxDepth)) return refuse(400, invalidRequest, `JSON may be nested ${maxDepth} levels deep.`);
  return { ok: true, value };
}

function refuse(status: number, code: number, message: string): Body {
  return { ok: false, code, refusal: { status, message, headers: status === 413 ? { Connection: 'close' } : {} } };
}

/** `undefined` when the body is larger than allowed; what was declared is refused before it is sent. */
async function readText(request: IncomingMessage): Promise<string | undefined> {
  if (Number(request.headers['content-length'] ?? 0) > maxBodyBytes) return undefined;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > maxBodyBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function isDeeperThan(value: object, limit: number): boolean {
  let level: object[] = [value];
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > limit) return true;
    level = level.flatMap((each) => Object.values(each).filter((child) => typeof child === 'object' && child !== null));
  }
  return false;
}
