import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { createMcpHandler, isLegacyRequest, type McpServer } from '@modelcontextprotocol/server';
import { messageOf, StartError, systemCode } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Notify, SharedSubscriptions, Subscription } from '../resources/subscriptions.ts';
import { readBody } from './body.ts';
import { createGuard, type Guard, type Refusal } from './guards.ts';
import { listenedTo } from './listened.ts';
import { createSessions, type SessionLimits } from './sessions.ts';

export interface HttpOptions {
  host: string;
  /** 0 picks a free port. */
  port: number;
  allowHost: readonly string[];
  allowOrigin: readonly string[];
  token: string | undefined;
  createServer: () => McpServer;
  /** Starts watching what a modern client listens to; `notify` reaches every stream that asked for it. */
  openListened?(notify: Notify): SharedSubscriptions;
  sessionLimits?: SessionLimits;
  log: Log;
}

export interface HttpHost {
  url: string;
  port: number;
  sessionCount(): number;
  /** Takes no more requests, lets those that run finish for `graceMs`, then ends them. */
  close(graceMs: number): Promise<void>;
}

export const endpoint = '/mcp';
const wildcardHosts = ['0.0.0.0', '::', '[::]'];
const loopbackHosts = ['127.0.0.1', 'localhost', '::1', '[::1]'];

/**
 * Serves both protocol eras on one port: 2026-07-28 requests each by themselves, 2025-era ones in sessions.
 *
 * @throws StartError when the address cannot be bound, or is beyond loopback and has no token.
 */
export async function serveHttp(options: HttpOptions): Promise<HttpHost> {
  if (!loopbackHosts.includes(options.host) && options.token === undefined) {
    throw new StartError(
      `--host ${options.host} can be reached by others, so it needs --token-file. Loopback needs none.`,
    );
  }
  if (wildcardHosts.includes(options.host) && options.allowHost.length === 0) {
    throw new StartError(
      `--host ${options.host} stands for any address, so it needs --allow-host NAME: how clients call it.`,
    );
  }
  const { log, createServer } = options;
  const modern = createMcpHandler(createServer, {
    legacy: 'reject',
    onerror: (error) => log.debug({ err: error }, 'a request was rejected'),
  });
  const sessions = createSessions(createServer, log, options.sessionLimits);
  const listened = options.openListened?.({
    updated: (uri) => modern.notify.resourceUpdated(uri),
    promptsChanged: () => modern.notify.promptsChanged(),
  });
  /** Requests being answered, without the streams that only wait for news. */
  const calls = new Set<ServerResponse>();
  let guard: Guard = () => ({ status: 503, message: 'Starting.' });

  // An import would load node:http, and with it Node's WebSocket and fetch, for stdio servers too: 40 ms of their start.
  const server = process
    .getBuiltinModule('node:http')
    .createServer(
      { headersTimeout: 10_000, requestTimeout: 30_000, connectionsCheckingInterval: 5_000, maxHeaderSize: 16_384 },
      (request, response) => {
        const ended = new Promise<void>((resolve) => response.once('close', resolve));
        if (request.method === 'POST') calls.add(response);
        void ended.then(() => calls.delete(response));
        answer(request, response, ended).catch((error) => fail(response, error));
      },
    );
  server.maxConnections = 4096;
  const port = await listen(server, options);
  guard = createGuard({
    port,
    allowHost: wildcardHosts.includes(options.host) ? options.allowHost : [urlHost(options.host), ...options.allowHost],
    allowOrigin: options.allowOrigin,
    token: options.token,
  });

  return {
    url: `http://${calledName(options)}:${port}${endpoint}`,
    port,
    sessionCount: sessions.count,

    async close(graceMs) {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      const deadline = performance.now() + graceMs;
      while (calls.size > 0 && performance.now() < deadline) await delay(20);
      listened?.closeAll();
      await Promise.all([modern.close(), sessions.closeAll()]);
      server.closeAllConnections();
      await closed;
    },
  };

  async function answer(request: IncomingMessage, response: ServerResponse, ended: Promise<void>): Promise<void> {
    allowBrowser(request, response, options.allowOrigin); // first, so that a page can read why it is refused
    const refusal = guard(request) ?? checkRoute(request);
    if (refusal) return refuse(response, refusal);
    if (request.method === 'OPTIONS') return void response.writeHead(204).end();
    const body = request.method === 'POST' ? await readBody(request) : { ok: true as const, value: undefined };
    if (!body.ok) return refuse(response, body.refusal, body.code);

    const abort = new AbortController();
    void ended.then(() => abort.abort());
    const webRequest = toWebRequest(request, abort.signal);
    const isLegacy = await isLegacyRequest(webRequest, body.value);
    const listening = isLegacy ? undefined : listenedTo(body.value);
    if (listening) calls.delete(response);
    if (listening && listened) await watchUntil(ended, listened.open(listening));
    const result = isLegacy
      ? await sessions.handle(webRequest, body.value, ended)
      : await modern.fetch(webRequest, { parsedBody: body.value });
    await send(result, response);
  }

  function fail(response: ServerResponse, error: unknown) {
    if (systemCode(error) === 'ERR_STREAM_PREMATURE_CLOSE' || response.destroyed) return; // the client has gone
    log.error({ err: error }, 'a request failed');
    if (!response.headersSent) refuse(response, { status: 500, message: 'Internal error.' }, -32603);
    else response.destroy();
  }
}

function watchUntil(ended: Promise<void>, { watched, release }: Subscription): Promise<void> {
  void ended.then(release);
  return watched;
}

async function listen(server: Server, { host, port }: HttpOptions): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host.replace(/^\[|\]$/g, ''), resolve);
  }).catch((error) => {
    const reason = systemCode(error) === 'EADDRINUSE' ? 'it is in use. Choose another with --port' : messageOf(error);
    throw new StartError(`Cannot listen on port ${port} of ${host}: ${reason}.`);
  });
  const address = server.address();
  return typeof address === 'object' && address ? address.port : port;
}

function checkRoute({ url, method = '' }: IncomingMessage): Refusal | undefined {
  if (url?.split('?')[0] !== endpoint) return { status: 404, message: `Nothing is here. The endpoint is ${endpoint}.` };
  if (['POST', 'GET', 'DELETE', 'OPTIONS'].includes(method)) return undefined;
  return { status: 405, message: 'Use POST.', headers: { Allow: 'POST, GET, DELETE' } };
}

/** Browsers may read answers only from pages of origins that the operator named. */
function allowBrowser({ headers: { origin } }: IncomingMessage, response: ServerResponse, allowed: readonly string[]) {
  if (origin === undefined || !allowed.some((each) => each.toLowerCase() === origin.toLowerCase())) return;
  response.setHeader('Access-Control-Allow-Origin', origin);
  response.setHeader('Vary', 'Origin');
  response.setHeader('Access-Control-Allow-Methods', 'POST, GET, DELETE');
  response.setHeader(
    'Access-Control-Allow-Headers',
    'authorization, content-type, accept, mcp-session-id, mcp-protocol-version, mcp-method, mcp-name, last-event-id',
  );
  response.setHeader('Access-Control-Expose-Headers', 'mcp-session-id');
}

function toWebRequest({ method = 'GET', url = '/', headersDistinct }: IncomingMessage, signal: AbortSignal): Request {
  const headers = new Headers();
  for (const [name, values = []] of Object.entries(headersDistinct)) {
    for (const value of values) headers.append(name, value);
  }
  return new Request(new URL(url, 'http://localhost'), { method, headers, signal });
}

async function send(result: Response, response: ServerResponse): Promise<void> {
  response.writeHead(result.status, Object.fromEntries(result.headers));
  if (!result.body) return void response.end();
  if (result.headers.get('content-type')?.startsWith('application/json')) {
    return void response.end(Buffer.from(await result.arrayBuffer()));
  }
  await stream(result.body, response);
}

/** As `pipeline` does, at half its cost: most streams carry one short answer. The head waits for the first chunk a moment. */
async function stream(body: ReadableStream<Uint8Array>, response: ServerResponse): Promise<void> {
  const reader = body.getReader();
  const closed = new Promise<void>((resolve) => response.once('close', resolve));
  void closed.then(() => reader.cancel()).catch(() => {}); // the client has gone, or all was sent
  const flush = setImmediate(() => response.flushHeaders());
  for (let chunk = await reader.read(); !chunk.done && !response.destroyed; chunk = await reader.read()) {
    clearImmediate(flush);
    const isRoomy = response.write(chunk.value);
    if (!isRoomy) await Promise.race([new Promise((resolve) => response.once('drain', resolve)), closed]);
  }
  clearImmediate(flush);
  response.end();
}

function refuse(response: ServerResponse, { status, message, headers = {} }: Refusal, code = -32000): void {
  response.writeHead(status, { 'Content-Type': 'application/json', ...headers });
  response.end(JSON.stringify({ jsonrpc: '2.0', id: null, error: { code, message } }));
}

/** How clients on the network call a server that listens on every address. */
function calledName({ host, allowHost }: HttpOptions): string {
  const [name] = wildcardHosts.includes(host) ? allowHost : [];
  return name?.replace(/:\d+$/, '') ?? urlHost(host);
}

function urlHost(host: string): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
}
