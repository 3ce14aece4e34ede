import * as z from 'zod';
import { packageVersion } from '../package.ts';
import { readJson } from '../text/json.ts';
import { failureOfStatus, ProviderFailure } from './failure.ts';

export interface DoorOptions {
  /** Nothing is sent anywhere else. */
  baseUrl: string;
  key: (() => string) | undefined;
  /** Ends the request and the reading of its answer. */
  signal: AbortSignal;
  /** Longest line of a good answer: one event of a stream, or all of an answer that is none. */
  maxLineBytes?: number;
  /** Sees the bytes of a good answer before the SDK does, and then that they have ended. */
  inspect?: (bytes: Uint8Array, isEnd: boolean) => void;
}

const maxBytes = 64 * 1024 * 1024;
const wholeAnswerBytes = 16 * 1024 * 1024;
/** The SDKs look through a line that has not ended anew with each piece. */
export const eventBytes = 2 * 1024 * 1024;
const maxErrorBytes = 16 * 1024;

/**
 * The only way out to a provider: a `fetch` for its SDK. It sends no header but the few that are needed (the SDKs take some
 * from the environment), follows no redirect, and reads errors itself, since one SDK prints them.
 */
export function openDoor({
  baseUrl,
  key,
  signal,
  maxLineBytes = wholeAnswerBytes,
  inspect,
}: DoorOptions): typeof fetch {
  const { origin } = new URL(baseUrl);
  return async (target, init = {}) => {
    const url = new URL(target instanceof Request ? target.url : target);
    if (url.origin !== origin) throw new TypeError(`a request to ${url.origin} at the door of ${origin}`);
    const response = await fetch(url, {
      method: init.method ?? 'GET',
      body: init.body ?? null,
      headers: {
        accept: 'text/event-stream, application/json',
        'content-type': 'application/json',
        'user-agent': `octant/${packageVersion}`,
        ...(key && { authorization: `Bearer ${key()}` }),
      },
      redirect: 'manual',
      signal,
    });
    if (!response.ok) throw await readFailure(response);
    const type = response.headers.get('content-type') ?? '';
    if (!response.body || /^text\/(html|xml)|^image\//.test(type)) {
      await response.body?.cancel();
      throw new ProviderFailure('bad_response', { detail: 'no answer of a model' });
    }
    const body = response.body.pipeThrough(createGauge(maxLineBytes, inspect));
    return new Response(body, { status: response.status, headers: { 'content-type': type } });
  };
}

async function readFailure(response: Response): Promise<ProviderFailure> {
  const { status, headers } = response;
  if (status >= 300 && status < 400) {
    await response.body?.cancel();
    return new ProviderFailure('bad_response', { detail: 'a redirect, which is not followed' });
  }
  return failureOfStatus(status, errorCode(readJson(await readSome(response))), headers);
}

const unknown = z.unknown().optional();
const errorBody = z.object({
  error: z.union([z.string(), z.object({ code: unknown, type: unknown, message: unknown })]),
});

/**
 * What an error object says in one word; of the words of others, those alone that we look for: their codes, and how local
 * servers, which have none, call a window that is too small.
 */
export function errorCode(body: unknown): string {
  const { error } = errorBody.safeParse(body).data ?? {};
  if (error === undefined) return '';
  const { code, type, message } = typeof error === 'string' ? { code: '', type: '', message: error } : error;
  if (/context (length|window|size)|maximum context/i.test(String(message))) return 'context_length_exceeded';
  if (/model .{0,200}not (found|exist)|not a valid model/i.test(String(message))) return 'model_not_found';
  if (/\bloading model|\bis (currently |still )?(loading|being loaded)\b/i.test(String(message)))
    return 'model_loading';
  return String(code || type || '');
}

async function readSome(response: Response): Promise<string> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of response.body ?? []) {
    pieces.push(piece);
    size += piece.length;
    if (size > maxErrorBytes) break;
  }
  return Buffer.concat(pieces).toString('utf8');
}

const newline = 10;
const byteOrderMark = [0xef, 0xbb, 0xbf];

/** Bounds what is read, and drops a byte order mark, behind which no SDK would see the first event. */
function createGauge(maxLineBytes: number, inspect: DoorOptions['inspect']): TransformStream<Uint8Array, Uint8Array> {
  let total = 0;
  let line = 0;
  let head: Uint8Array | undefined = new Uint8Array();

  return new TransformStream({
    transform(piece, controller) {
      if (!head) return pass(piece, controller);
      head = Buffer.concat([head, piece]);
      if (head.length < byteOrderMark.length) return;
      release(controller);
    },
    flush(controller) {
      if (head) release(controller);
      inspect?.(new Uint8Array(), true);
    },
  });

  function release(controller: TransformStreamDefaultController<Uint8Array>) {
    const held = head ?? new Uint8Array();
    head = undefined;
    pass(
      byteOrderMark.every((byte, index) => held[index] === byte) ? held.subarray(byteOrderMark.length) : held,
      controller,
    );
  }

  function pass(piece: Uint8Array, controller: TransformStreamDefaultController<Uint8Array>) {
    total += piece.length;
    const last = piece.lastIndexOf(newline);
    line = last < 0 ? line + piece.length : piece.length - last - 1;
    if (total > maxBytes || line > maxLineBytes) throw new ProviderFailure('bad_response', { detail: 'too large' });
    inspect?.(piece, false);
    controller.enqueue(piece);
  }
}
