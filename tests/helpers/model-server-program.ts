import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import './keep-compiled.ts';

/*
 * A provider of models that says what it was told to say, as a process of its own. It speaks OpenAI's chat completions (SSE)
 * and Ollama's own API (lines of JSON), and breaks in the ways that providers do. `model-server.ts` starts it.
 */

/** What one request gets; plain data, since it comes from another process. */
export type Reply =
  /** An answer in the form of the path that was asked, perhaps spoilt. */
  | {
      kind: 'answer';
      pieces?: readonly string[];
      reasoning?: readonly string[];
      toolCalls?: ReadonlyArray<{ name: string; arguments: string }>;
      /** null leaves it out. */
      finish?: string | null;
      /** null leaves it out. */
      usage?: unknown;
      /** Whether the end is marked: `[DONE]`, or `done: true`. */
      isMarked?: boolean;
      /** Waits before the first piece. */
      afterMs?: number;
      /** Waits before each piece. */
      everyMs?: number;
      framing?: 'plain' | 'crlf' | 'bom' | 'comments' | 'multiline' | 'bytes';
      /** What happens in place of the piece of this number. */
      fault?: { at: number; act: 'cut' | 'close' | 'stall' | 'error' | 'garbage'; error?: unknown };
    }
  /** What a service really sends, event by event, as it is; a string is a line by itself. */
  | { kind: 'events'; events: readonly unknown[] }
  | { kind: 'http'; status: number; headers?: Record<string, string>; body?: string }
  /** Accepts the request, and sends nothing. */
  | { kind: 'silent' }
  /** Sends one byte of the answer at a time. */
  | { kind: 'drip'; everyMs: number }
  /** So many bytes of one event, or of events that never end. */
  | { kind: 'huge'; bytes: number; isOneLine: boolean };

export interface Script {
  /** In turn; the last one is repeated. */
  chat?: readonly Reply[];
  list?: readonly Reply[];
  /** What `/models` and its like hold, by path. */
  lists?: Record<string, unknown>;
}

export interface Request {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string;
  /** By this server's clock. */
  at: number;
  /** How long after the request its connection was closed by the other side before the answer had ended. */
  abortedAfterMs?: number;
}

const defaultUsage = { prompt_tokens: 7, completion_tokens: 3 };
const defaultLists: Record<string, unknown> = {
  '/v1/models': { object: 'list', data: [{ id: 'small', object: 'model', context_length: 8192 }] },
  '/api/tags': { models: [{ name: 'tiny:latest', details: { family: 'llama' } }] },
  '/api/show': {
    model_info: { 'general.architecture': 'llama', 'llama.context_length': 32_768 },
    capabilities: ['tools'],
  },
};

let script: Script = {};
let served = { chat: 0, list: 0 };
let journal: Request[] = [];

const server = createServer((request, response) => {
  handle(request, response).catch(() => response.destroy());
});
server.listen(0, '127.0.0.1', () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`));
process.stdin.on('end', () => process.exit(0)).resume();

async function handle(request: IncomingMessage, response: ServerResponse) {
  const path = request.url ?? '';
  const body = await readBody(request);
  if (path === '/-/script') {
    script = JSON.parse(body);
    served = { chat: 0, list: 0 };
    journal = [];
    return void response.end();
  }
  if (path === '/-/journal') return void response.end(JSON.stringify(journal));
  record(request, response, body);
  const use = /\/chat(\/completions)?$/.test(path) ? 'chat' : 'list';
  const replies = script[use] ?? [];
  const reply = replies[Math.min(served[use]++, replies.length - 1)];
  if (use === 'list' && (reply === undefined || reply.kind === 'answer')) return list(path, response);
  await send(reply ?? { kind: 'answer' }, path.startsWith('/api/') ? 'ollama' : 'openai', response);
}

function record(request: IncomingMessage, response: ServerResponse, body: string) {
  const begun = performance.now();
  const headers = Object.entries(request.headers).map(([name, value]) => [name, String(value)]);
  const entry: Request = {
    ...{ method: request.method ?? '', path: request.url ?? '', body, at: begun },
    headers: Object.fromEntries(headers),
  };
  journal.push(entry);
  response.on('close', () => {
    if (!response.writableFinished) entry.abortedAfterMs = performance.now() - begun;
  });
}

function list(path: string, response: ServerResponse) {
  const found = script.lists?.[path] ?? (script.lists ? undefined : defaultLists[path]);
  response.writeHead(found === undefined ? 404 : 200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(found ?? { error: { message: 'no such path' } }));
}

async function send(reply: Reply, api: 'openai' | 'ollama', response: ServerResponse) {
  const type = api === 'openai' ? 'text/event-stream' : 'application/x-ndjson';
  switch (reply.kind) {
    case 'http':
      response.writeHead(reply.status, { 'content-type': 'application/json', ...reply.headers });
      return void response.end(reply.body ?? '');
    case 'silent':
      return;
    case 'drip':
      response.writeHead(200, { 'content-type': type });
      for (const byte of `data: ${'x'.repeat(100_000)}`) {
        if (response.destroyed) return;
        response.write(byte);
        await delay(reply.everyMs);
      }
      return;
    case 'huge':
      response.writeHead(200, { 'content-type': type });
      return sendHuge(reply, api, response);
    case 'events':
      response.writeHead(200, { 'content-type': type });
      for (const event of reply.events) {
        response.write(typeof event === 'string' ? `${event}\n` : `data: ${JSON.stringify(event)}\n\n`);
      }
      return void response.end();
    case 'answer':
      response.writeHead(200, { 'content-type': type });
      return sendAnswer(reply, api, response);
  }
}

type Answer = Extract<Reply, { kind: 'answer' }>;

async function sendAnswer(reply: Answer, api: 'openai' | 'ollama', response: ServerResponse) {
  if (reply.afterMs) await delay(reply.afterMs);
  const events = api === 'openai' ? openaiEvents(reply) : ollamaEvents(reply);
  for (const [index, event] of events.entries()) {
    if (reply.everyMs) await delay(reply.everyMs);
    if (reply.fault?.at === index) return spoil(reply.fault, api, response);
    await write(frame(event, api, reply.framing ?? 'plain', index === 0), reply.framing === 'bytes', response);
  }
  response.end();
}

function openaiEvents({
  pieces = ['OK'],
  reasoning = [],
  toolCalls = [],
  finish = 'stop',
  usage,
  isMarked = true,
}: Answer) {
  const chunk = (choice: object, rest: object = {}) =>
    JSON.stringify({
      id: 'c-1',
      object: 'chat.completion.chunk',
      created: 1,
      model: 'small',
      choices: [{ index: 0, ...choice }],
      ...rest,
    });
  const calls = toolCalls.flatMap(({ name, arguments: text }, index) => {
    const half = Math.floor(text.length / 2);
    return [
      { index, id: `id_${index}`, type: 'function', function: { name, arguments: text.slice(0, half) } },
      { index, function: { arguments: text.slice(half) } },
    ];
  });
  return [
    ...reasoning.map((text) => chunk({ delta: { reasoning_content: text }, finish_reason: null })),
    ...pieces.map((content) => chunk({ delta: { role: 'assistant', content }, finish_reason: null })),
    ...calls.map((call) => chunk({ delta: { tool_calls: [call] }, finish_reason: null })),
    ...(finish === null ? [] : [chunk({ delta: {}, finish_reason: finish })]),
    ...(usage === null ? [] : [JSON.stringify({ id: 'c-1', choices: [], usage: usage ?? defaultUsage })]),
    ...(isMarked ? ['[DONE]'] : []),
  ];
}

function ollamaEvents({
  pieces = ['OK'],
  reasoning = [],
  toolCalls = [],
  finish = 'stop',
  usage,
  isMarked = true,
}: Answer) {
  const line = (message: object) =>
    JSON.stringify({ model: 'tiny', message: { role: 'assistant', content: '', ...message }, done: false });
  const calls = toolCalls.map((call) => ({ function: { name: call.name, arguments: JSON.parse(call.arguments) } }));
  const counts = usage === null ? {} : (usage ?? { prompt_eval_count: 7, eval_count: 3 });
  return [
    ...reasoning.map((thinking) => line({ thinking })),
    ...pieces.map((content) => line({ content })),
    ...(calls.length > 0 ? [line({ tool_calls: calls })] : []),
    ...(isMarked ? [JSON.stringify({ done: true, ...(finish !== null && { done_reason: finish }), ...counts })] : []),
  ];
}

function frame(
  event: string,
  api: 'openai' | 'ollama',
  framing: NonNullable<Answer['framing']>,
  isFirst: boolean,
): string {
  if (api === 'ollama')
    return `${framing === 'bom' && isFirst ? '\ufeff' : ''}${event}${framing === 'crlf' ? '\r\n' : '\n'}`;
  switch (framing) {
    case 'crlf':
      return `data: ${event}\r\n\r\n`;
    case 'bom':
      return `${isFirst ? '\ufeff' : ''}data: ${event}\n\n`;
    case 'comments':
      return `: OPENROUTER PROCESSING\n\nevent: message\nid: 1\ndata: ${event}\n\n: still here\n\n`;
    case 'multiline':
      return `data: ${event.replace('"choices":', '\ndata: "choices":')}\n\n`;
    default:
      return `data: ${event}\n\n`;
  }
}

async function write(text: string, byByte: boolean, response: ServerResponse) {
  if (!byByte) return void response.write(text);
  for (const byte of Buffer.from(text)) {
    response.write(Buffer.of(byte));
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function spoil({ act, error }: NonNullable<Answer['fault']>, api: 'openai' | 'ollama', response: ServerResponse) {
  switch (act) {
    case 'cut':
      return void response.destroy();
    case 'close':
      return void response.end();
    case 'stall':
      return;
    case 'error':
      return void response.end(api === 'openai' ? `data: ${JSON.stringify(error)}\n\n` : `${JSON.stringify(error)}\n`);
    case 'garbage':
      return void response.end(api === 'openai' ? 'data: {"choices": [{"del\n\n' : '{"message": {"con\n');
  }
}

async function sendHuge(
  { bytes, isOneLine }: Extract<Reply, { kind: 'huge' }>,
  api: 'openai' | 'ollama',
  response: ServerResponse,
) {
  const content = 'x'.repeat(60_000);
  const [event = ''] =
    api === 'openai'
      ? openaiEvents({ kind: 'answer', pieces: [content] })
      : ollamaEvents({ kind: 'answer', pieces: [content] });
  const piece = isOneLine ? content : frame(event, api, 'plain', false);
  if (isOneLine) response.write('data: ');
  const closed = once(response, 'close');
  for (let sent = 0; sent < bytes && !response.destroyed; sent += piece.length) {
    if (!response.write(piece)) await Promise.race([once(response, 'drain'), closed]);
  }
  response.end();
}

async function readBody(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece);
  return Buffer.concat(pieces).toString('utf8');
}
