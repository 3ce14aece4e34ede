import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connect } from '../helpers/connect.ts';
import { type RunningHttp, startHttp } from '../helpers/program.ts';
import { megabyte } from './fixture.ts';
import { cpuSeconds, isAlive, report, residentMegabytes } from './observe.ts';
import {
  converse,
  jsonHeaders,
  modernBody,
  modernHeaders,
  type RawRequest,
  type RawResponse,
  sendRequest,
} from './raw-http.ts';

/**
 * Rows J05 to J15 and H01 to H15 of the battery, over bare HTTP. Left out: H07's session of another principal and H14's
 * tokens with an audience, an algorithm or an expiry, since the only credential is one static token.
 */
const token = 'a-token-of-32-characters-or-more';

let folder: string;
let http: RunningHttp;
let guarded: RunningHttp;
let drips: Promise<Record<'headers' | 'body', { text: string; ms: number }>>;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'octant-http-'));
  writeFileSync(join(folder, 'ok.txt'), 'honest\n');
  writeFileSync(join(folder, 'token'), `${token}\n`);
  for (const name of ['slow-1.txt', 'slow-2.txt'])
    writeFileSync(join(folder, name), `${'x'.repeat(98)}z\n`.repeat(300_000));
  http = await startHttp(['--project', folder]);
  guarded = await startHttp(['--project', folder, '--token-file', join(folder, 'token')]);
  drips = startDrips(guarded.url);
});

afterAll(async () => {
  await Promise.all([http.stop(), guarded.stop()]);
  rmSync(folder, { recursive: true });
});

describe('messages', () => {
  test.each(['{"jsonrpc":', 'not json', '', 'null', '[]', '{"a":1}', '5', '"text"'])(
    'J05: the body %j is HTTP 400',
    async (body) => {
      for (const headers of [jsonHeaders, modernHeaders('tools/list')]) {
        const response = await send({ headers, body });
        expect(response.status).toBe(400);
        expect([-32700, -32600, -32020, -32000]).toContain(errorOf(response).code);
      }
    },
  );

  test.each(['null', '{}', '[1]', 'true', '1.5', '1e400'])('J06: the id %s is HTTP 400', async (id) => {
    const body = modernBody('tools/list', {}, 'ID').replace('"ID"', id);
    expect((await send({ headers: modernHeaders('tools/list'), body })).status).toBe(400);
    const session = await openSession();
    expect((await session.send({ body: legacyBody('tools/list', {}, 'ID').replace('"ID"', id) })).status).toBe(400);
  });

  test('J07: a batch is HTTP 400 in the era of 2026 and beyond 100 messages in any', async () => {
    const two = `[${modernBody('tools/list')},${modernBody('tools/list', {}, 2)}]`;
    expect((await send({ headers: modernHeaders('tools/list'), body: two })).status).toBe(400);
    const session = await openSession('2025-03-26');
    const many = (count: number) => `[${Array.from({ length: count }, (_, id) => legacyBody('ping', {}, id)).join()}]`;
    expect((await session.send({ body: many(2) })).status).toBe(200);
    expect((await session.send({ body: many(101) })).status).toBe(400);
  });

  test.each([65, 1000, 100_000, 1_000_000])('J08: nesting of %i levels is HTTP 400', async (levels) => {
    const nested = '['.repeat(levels) + ']'.repeat(levels);
    const body = modernBody('tools/call', { name: 'read_files', arguments: { paths: 'NESTED' } }).replace(
      '"NESTED"',
      nested,
    );
    const response = await send({ headers: modernHeaders('tools/call', 'read_files'), body });
    report(`J08 ${levels}: ${response.ms.toFixed(0)} ms`);
    expect(response.status).toBe(400);
    expect(response.ms).toBeLessThanOrEqual(2000);
  });

  test('J09: an array of 600,000 elements is bad input', async () => {
    const params = { name: 'read_files', arguments: { paths: Array(600_000).fill('a') } };
    const response = await send({
      headers: modernHeaders('tools/call', 'read_files'),
      body: modernBody('tools/call', params),
    });
    report(`J09: ${response.ms.toFixed(0)} ms`);
    expect(response.text).toMatch(/bad_input|-32602/);
    expect(response.text.length).toBeLessThan(1000);
  });

  test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'no/such'])(
    'J10, J12: %s is no method (404, -32601), no tool and no resource (-32602)',
    async (name) => {
      const unknown = await send({ headers: modernHeaders(name), body: modernBody(name) });
      expect(unknown).toMatchObject({ status: 404 });
      expect(errorOf(unknown).code).toBe(-32601);
      const tool = await send({
        headers: modernHeaders('tools/call', name),
        body: modernBody('tools/call', { name, arguments: {} }),
      });
      expect(errorOf(tool).code).toBe(-32602);
      const resource = await send({
        headers: modernHeaders('resources/read', name),
        body: modernBody('resources/read', { uri: name }),
      });
      expect(errorOf(resource).code).toBe(-32602);
    },
  );

  test.each([
    { what: 'method', headers: modernHeaders('tools/call', 'read_files') },
    { what: 'protocol version', headers: { ...modernHeaders('tools/list'), 'MCP-Protocol-Version': '2025-06-18' } },
  ])('J11: a header that names another $what than the body is 400 with -32020', async ({ headers }) => {
    const response = await send({ headers, body: modernBody('tools/list') });
    expect(response.status).toBe(400);
    expect(errorOf(response).code).toBe(-32020);
  });

  test('J11: a header that names another tool than the body is 400 with -32020', async () => {
    const body = modernBody('tools/call', { name: 'read_files', arguments: { paths: ['ok.txt'] } });
    const response = await send({ headers: modernHeaders('tools/call', 'search_files'), body });
    expect(response.status).toBe(400);
    expect(errorOf(response).code).toBe(-32020);
  });

  test.each([
    { what: 'another content type', status: 415, headers: { ...jsonHeaders, 'Content-Type': 'text/plain' } },
    { what: 'a form', status: 415, headers: { ...jsonHeaders, 'Content-Type': 'application/x-www-form-urlencoded' } },
    { what: 'no content type', status: 415, headers: { Accept: jsonHeaders.Accept } },
    { what: 'an Accept without event streams', status: 406, headers: { ...jsonHeaders, Accept: 'application/json' } },
  ])('J13: $what is $status', async ({ status, headers }) => {
    expect((await send({ headers, body: initializeBody() })).status).toBe(status);
  });

  test('J14: an unknown protocol version is 400 with the known ones', async () => {
    const headers = { ...modernHeaders('tools/list'), 'MCP-Protocol-Version': '2099-01-01' };
    const body = modernBody('tools/list').replaceAll('2026-07-28', '2099-01-01');
    const response = await send({ headers, body });
    expect(response.status).toBe(400);
    expect(response.text).toContain('2026-07-28');
  });

  test.each([
    {
      what: 'a progress token that is an object',
      method: 'tools/list',
      edit: ['"_meta":{', '"_meta":{"progressToken":{},'],
    },
    { what: 'a cursor of noise', method: 'resources/list', edit: ['"params":{', '"params":{"cursor":"noise",'] },
    {
      what: 'a log level __proto__',
      method: 'logging/setLevel',
      edit: ['"params":{', '"params":{"level":"__proto__",'],
    },
  ])('J15: $what is an error', async ({ method, edit: [from = '', to = ''] }) => {
    const response = await send({ headers: modernHeaders(method), body: modernBody(method).replace(from, to) });
    expect([-32602, -32601, -32600]).toContain(errorOf(response).code);
  });
});

describe('hosts and origins', () => {
  test.each([
    ['H01', 'evil.com'],
    ['H01', 'localhost.evil.com'],
    ['H01', 'localhost.evil.com:PORT'],
    ['H02', 'evil.com@localhost:PORT'],
    ['H02', 'localhost:PORT@evil.com'],
    ['H03', '127.1:PORT'],
    ['H03', '0x7f000001:PORT'],
    ['H03', '2130706433:PORT'],
    ['H03', '0.0.0.0:PORT'],
    ['H03', 'localhost.:PORT'],
    ['H03', 'localhost:PORT1'],
    ['H03', 'localhost'],
  ])('%s: the Host %s is 403', async (_id, host) => {
    expect((await initialize({ Host: withPort(host) })).status).toBe(403);
  });

  test('H03: an empty Host is 403', async () => {
    const { text } = await converse(http.url, (write) =>
      write('GET /mcp HTTP/1.1\r\nHost: \r\nConnection: close\r\n\r\n'),
    );
    expect(text).toMatch(/^HTTP\/1\.1 403/);
  });

  test('H01: two Host headers are refused', async () => {
    const { host } = new URL(http.url);
    const { text } = await converse(http.url, (write) => {
      write(`GET /mcp HTTP/1.1\r\nHost: ${host}\r\nHost: evil.com\r\nConnection: close\r\n\r\n`);
    });
    expect(text).toMatch(/^HTTP\/1\.1 40[03]/);
  });

  test('H01: an absolute request target does not stand in for the Host', async () => {
    const { text } = await converse(http.url, (write) => {
      write(`GET ${http.url} HTTP/1.1\r\nHost: evil.com\r\nConnection: close\r\n\r\n`);
    });
    expect(text).toMatch(/^HTTP\/1\.1 403/);
  });

  test.each([
    'http://evil.com',
    'null',
    'file://',
    'http://localhost.evil.com:PORT',
    'https://localhost:PORT',
    'http://localhost:PORT/',
    '',
  ])('H04: the Origin %j is 403', async (origin) => {
    expect((await initialize({ Origin: withPort(origin) })).status).toBe(403);
  });

  test('H05: the Origin of another local app is 403', async () => {
    expect((await initialize({ Origin: 'http://localhost:9999' })).status).toBe(403);
  });

  test.each(['http://localhost:PORT', 'http://127.0.0.1:PORT'])('H05: the own Origin %s is let in', async (origin) => {
    expect((await initialize({ Origin: withPort(origin) })).status).toBe(200);
  });

  test.each(['http://evil.com', 'null'])('H06: a preflight from %s gets no allowing header', async (origin) => {
    const headers = {
      Origin: origin,
      'Access-Control-Request-Method': 'POST',
      'Access-Control-Request-Headers': 'content-type',
    };
    const response = await send({ method: 'OPTIONS', headers });
    expect(Object.keys(response.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  });
});

describe('sessions', () => {
  test.each([
    ['no', undefined, 400],
    ['an unknown', '3f1b2c44-0000-4000-8000-000000000000', 404],
    ['a prototype key as', '__proto__', 404],
    ['a very long', 'x'.repeat(5000), 404],
  ])('H07: a call with %s session id is refused', async (_what, id, status) => {
    const named: Record<string, string> = id === undefined ? {} : { 'Mcp-Session-Id': id };
    for (const request of [{ body: legacyBody('tools/list') }, { method: 'GET' }, { method: 'DELETE' }]) {
      expect((await send({ ...request, headers: { ...jsonHeaders, ...named } })).status).toBe(status);
    }
  });

  test('H07: the server names the session, whatever a client proposes', async () => {
    expect((await initialize({ 'Mcp-Session-Id': 'chosen-by-the-client' })).status).toBe(404);
  });

  test('H08: a session is initialized once, ended once, and then unknown', async () => {
    const session = await openSession();
    expect((await session.send({ body: initializeBody() })).status).toBe(400);
    expect((await session.send({ method: 'DELETE' })).status).toBe(200);
    expect((await session.send({ method: 'DELETE' })).status).toBe(404);
    expect((await session.send({ body: legacyBody('tools/list') })).status).toBe(404);
  });
});

describe('sizes', () => {
  test('H09: a body of 3.9 MiB is read', async () => {
    const params = { name: 'read_files', arguments: { paths: ['ok.txt'] }, padding: 'x'.repeat(3.9 * megabyte) };
    const response = await send({
      headers: modernHeaders('tools/call', 'read_files'),
      body: modernBody('tools/call', params),
    });
    expect(response.status).toBe(200);
    expect(response.text).toContain('honest');
  });

  test.each([4.1, 50])('H09: a body of %d MiB is 413, or the connection is reset', async (size) => {
    const before = residentMegabytes(pidOf(http));
    const body = modernBody('tools/list', { padding: 'x'.repeat(size * megabyte) });
    const outcome = await send({ headers: modernHeaders('tools/list'), body }).catch(toCode);
    report(`H09 ${size} MiB: ${typeof outcome === 'string' ? outcome : outcome.status}`);
    expect([413, 'ECONNRESET', 'EPIPE']).toContain(typeof outcome === 'string' ? outcome : outcome.status);
    expect(residentMegabytes(pidOf(http))).toBeLessThanOrEqual(before + 50);
  });

  test('H09: a chunked body without an end is 413, or the connection is reset', async () => {
    const before = residentMegabytes(pidOf(http));
    const { text, ms } = await converse(http.url, (write) => {
      write(`POST /mcp HTTP/1.1\r\nHost: ${new URL(http.url).host}\r\n`);
      write('Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n');
      for (let sent = 0; sent < 100; sent++) write(`100000\r\n${'x'.repeat(megabyte)}\r\n`);
    });
    report(`H09 chunked: ${text.slice(0, 12) || 'reset'} after ${ms.toFixed(0)} ms`);
    expect(text === '' || text.startsWith('HTTP/1.1 413')).toBe(true);
    expect(residentMegabytes(pidOf(http))).toBeLessThanOrEqual(before + 50);
  });

  test('H10: a gzip bomb is refused unopened', async () => {
    const before = residentMegabytes(pidOf(http));
    const body = gzipSync(Buffer.alloc(200 * megabyte, ' '));
    const response = await send({ headers: { ...modernHeaders('tools/list'), 'Content-Encoding': 'gzip' }, body });
    expect([400, 415]).toContain(response.status);
    expect(residentMegabytes(pidOf(http))).toBeLessThanOrEqual(before + 20);
  });

  test('H11: a header of 20 KB and 2,000 headers are 431', async () => {
    expect((await send({ headers: { ...jsonHeaders, 'X-Long': 'x'.repeat(20_000) } })).status).toBe(431);
    const many = Object.fromEntries(Array.from({ length: 2000 }, (_, index) => [`X-${index}`, 'y']));
    expect((await send({ headers: { ...jsonHeaders, ...many } })).status).toBe(431);
  });

  test.each([
    ['PUT', '/mcp', 405],
    ['TRACE', '/mcp', 405],
    ['PATCH', '/mcp', 405],
    ['GET', '/', 404],
    ['GET', '/../../etc/passwd', 404],
    ['GET', '/mcp/../../etc/passwd', 404],
    ['POST', '/mcp%2f..', 404],
    ['GET', '//evil.com/mcp', 404],
    ['POST', '/MCP', 404],
  ])('H13: %s %s is %i, without a stack or a banner', async (method, path, status) => {
    const response = await send({ method, path, headers: jsonHeaders });
    expect(response.status).toBe(status);
    expect(response.text).not.toMatch(/passwd|evil|\bat |node:|\d+\.\d+\.\d+/);
    expect(response.headers).not.toHaveProperty('x-powered-by');
    expect(response.headers).not.toHaveProperty('server');
  });
});

describe('the token', () => {
  test.each([
    ['none', {}],
    ['a wrong one', { Authorization: 'Bearer wrong' }],
    ['a wrong one of the same length', { Authorization: `Bearer ${'b'.repeat(token.length)}` }],
    ['the beginning of it', { Authorization: `Bearer ${token.slice(0, -1)}` }],
    ['more than it', { Authorization: `Bearer ${token}x` }],
    ['it without the scheme', { Authorization: token }],
    ['it as Basic', { Authorization: `Basic ${token}` }],
    ['an empty one', { Authorization: 'Bearer ' }],
    ['it in another header', { 'X-Api-Key': token }],
  ])('H14: %s is 401', async (_what, headers: Record<string, string>) => {
    const response = await sendRequest(guarded.url, {
      headers: { ...jsonHeaders, ...headers },
      body: initializeBody(),
    });
    expect(response.status).toBe(401);
    expect(response.headers['www-authenticate']).toMatch(/^Bearer/);
    expect(response.text).not.toContain(token);
  });

  test('H14: it in the query string is 401', async () => {
    const path = `/mcp?token=${token}&access_token=${token}`;
    expect((await sendRequest(guarded.url, { path, headers: jsonHeaders, body: initializeBody() })).status).toBe(401);
    expect(guarded.log()).not.toContain(token);
  });

  test('H14: the right one is let in', async () => {
    const headers = { ...jsonHeaders, Authorization: `Bearer ${token}` };
    expect((await sendRequest(guarded.url, { headers, body: initializeBody() })).status).toBe(200);
  });
});

describe('clients that give up or never finish', () => {
  // no index and no filter helps: every line has to be decided by itself
  const slowSearch = { query: '(x+x+)+[a-y]{99}z', mode: 'regex', include: ['slow-*.txt'] };

  test.each(['v2-2026', 'v1'] as const)(
    'H15: a call that a %s client aborts after half a second stops',
    async (kind) => {
      const client = await connect(kind, { url: http.url });
      const busy = cpuSeconds(pidOf(http));
      const abort = new AbortController();
      const call = client.callTool('search_files', slowSearch, { signal: abort.signal }).catch(() => 'aborted');
      await wait(500);
      const working = cpuSeconds(pidOf(http)) - busy;
      abort.abort();
      expect(await call).toBe('aborted');
      await wait(250);
      const idle = cpuSeconds(pidOf(http));
      await wait(500);
      const used = cpuSeconds(pidOf(http)) - idle;
      report(
        `H15 ${kind}: ${working.toFixed(2)} s of CPU before the abort, ${used.toFixed(2)} s from 250 to 750 ms after it`,
      );
      expect(working).toBeGreaterThan(0.1);
      expect(used).toBeLessThan(0.2);
      await client.close();
    },
  );

  test('H12: a drip of headers is cut within 15 s, a drip of a body within 35 s', async () => {
    const { headers, body } = await drips;
    report(`H12: headers cut after ${(headers.ms / 1000).toFixed(1)} s, body after ${(body.ms / 1000).toFixed(1)} s`);
    expect(headers.ms).toBeLessThanOrEqual(16_000);
    expect(body.ms).toBeLessThanOrEqual(36_000);
  }, 60_000);
});

test('the server is alive, has failed at nothing, and serves', async () => {
  expect(isAlive(pidOf(http))).toBe(true);
  expect((await initialize({})).status).toBe(200);
  expect(http.log()).not.toMatch(/"level":(50|60)|incident/);
});

function send(request: RawRequest): Promise<RawResponse> {
  return sendRequest(http.url, request);
}

function initialize(headers: Record<string, string>): Promise<RawResponse> {
  return send({ headers: { ...jsonHeaders, ...headers }, body: initializeBody() });
}

function initializeBody(protocolVersion = '2025-06-18'): string {
  const clientInfo = { name: 'octant-tests', version: '1.0.0' };
  return legacyBody('initialize', { protocolVersion, capabilities: {}, clientInfo });
}

function legacyBody(method: string, params: object = {}, id: unknown = 1): string {
  return JSON.stringify({ jsonrpc: '2.0', id, method, params });
}

async function openSession(version = '2025-06-18') {
  const opened = await send({ headers: jsonHeaders, body: initializeBody(version) });
  const headers = {
    ...jsonHeaders,
    'Mcp-Session-Id': String(opened.headers['mcp-session-id']),
    'MCP-Protocol-Version': version,
  };
  await send({ headers, body: '{"jsonrpc":"2.0","method":"notifications/initialized"}' });
  return { send: (request: RawRequest) => send({ headers, ...request }) };
}

function errorOf({ text }: RawResponse): { code?: number; message?: string } {
  const json = text.startsWith('{') ? text : (/^data: (\{.*)$/m.exec(text)?.[1] ?? '{}');
  return JSON.parse(json).error ?? {};
}

function withPort(text: string): string {
  return text.replace('PORT', new URL(http.url).port);
}

function pidOf({ process }: RunningHttp): number {
  return process.pid ?? 0;
}

function toCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** H12: both send a byte every half second and never finish; they run beside all other tests. */
async function startDrips(url: string) {
  const { host } = new URL(url);
  const start = `POST /mcp HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${token}\r\n`;
  const [headers, body] = await Promise.all([
    converse(url, (write) => drip(write, `${start}X-Slow: `)),
    converse(url, (write) => drip(write, `${start}Content-Type: application/json\r\nContent-Length: 1000000\r\n\r\n`)),
  ]);
  return { headers, body };
}

function drip(write: (bytes: string) => void, beginning: string) {
  write(beginning);
  setInterval(() => write('x'), 500).unref();
}
