import { request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { McpServer } from '@modelcontextprotocol/server';
import { describe, expect, it, onTestFinished } from 'vitest';
import * as z from 'zod';
import { createLog } from '../../src/log.ts';
import { type HttpHost, type HttpOptions, serveHttp } from '../../src/transports/http.ts';

/** Our HTTP host with a server whose one tool takes as long as it is told and says whether it was ended. */
async function host(options: Partial<HttpOptions> = {}): Promise<HttpHost & { aborted: number[] }> {
  const aborted: number[] = [];
  const input = z.object({ ms: z.number() });
  const created = await serveHttp({
    host: '127.0.0.1',
    port: 0,
    allowHost: [],
    allowOrigin: [],
    token: undefined,
    log: createLog('silent'),
    createServer() {
      const server = new McpServer({ name: 'slow', version: '1' });
      server.registerTool('wait', { inputSchema: input }, async ({ ms }, { mcpReq: { signal } }) => {
        await delay(ms, undefined, { signal }).catch(() => aborted.push(ms));
        return { content: [{ type: 'text', text: `waited ${ms}` }] };
      });
      return server;
    },
    ...options,
  });
  onTestFinished(() => created.close(0));
  return { ...created, aborted };
}

const headers = { 'Content-Type': 'application/json', Accept: 'application/json, text/event-stream' };

function post(
  url: string,
  message: object,
  extra: Record<string, string> = {},
  signal?: AbortSignal,
): Promise<Response> {
  const body = JSON.stringify({ jsonrpc: '2.0', ...message });
  return fetch(url, { method: 'POST', headers: { ...headers, ...extra }, body, ...(signal && { signal }) });
}

const opening = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 't', version: '1' } };

async function openSession(url: string): Promise<string> {
  const response = await post(url, { id: 0, method: 'initialize', params: opening });
  await response.text();
  return response.headers.get('mcp-session-id') ?? '';
}

function callWait(url: string, session: string, ms: number, signal?: AbortSignal): Promise<Response> {
  const message = { id: ms, method: 'tools/call', params: { name: 'wait', arguments: { ms } } };
  return post(url, message, { 'Mcp-Session-Id': session }, signal);
}

/** Starts a call and closes its connection before the answer. */
async function hangUp(url: string, session: string, ms: number): Promise<void> {
  const answer = callWait(url, session, ms, AbortSignal.timeout(30)).then((response) => response.text());
  await expect(answer).rejects.toThrow();
}

const limits = { maxSessions: 2, idleMs: 60_000, orphanMs: 100 };

describe('A 2025 session', () => {
  it('gives way to a new one, the longest idle first, when the cap is reached', async () => {
    const { url, sessionCount } = await host({ sessionLimits: limits });
    const [first, second] = [await openSession(url), await openSession(url)];
    await (await callWait(url, first, 1)).text();
    await openSession(url);
    expect(sessionCount()).toBe(2);
    expect((await callWait(url, first, 1)).status).toBe(200);
    expect((await callWait(url, second, 1)).status).toBe(404);
  });

  it('is refused with 503 when all that are open are busy, and has a place after DELETE', async () => {
    const { url } = await host({ sessionLimits: limits });
    const open = [await openSession(url), await openSession(url)];
    const streams = open.map((session) => callWait(url, session, 400));
    await Promise.all(streams);
    const third = await post(url, { id: 0, method: 'initialize', params: opening });
    expect([third.status, third.headers.get('retry-after')]).toEqual([503, '30']);
    const [first = ''] = open;
    expect((await fetch(url, { method: 'DELETE', headers: { 'Mcp-Session-Id': first } })).status).toBe(200);
    expect(await openSession(url)).not.toBe('');
  });

  it('ends after a time without requests', async () => {
    const { url, sessionCount } = await host({ sessionLimits: { ...limits, idleMs: 50 } });
    const session = await openSession(url);
    await expect.poll(sessionCount).toBe(0);
    expect((await callWait(url, session, 1)).status).toBe(404);
  });

  it('ends, and its call with it, when the client is gone for good', async () => {
    const { url, sessionCount, aborted } = await host({ sessionLimits: limits });
    const session = await openSession(url);
    await hangUp(url, session, 5000);
    expect(aborted).toEqual([]); // in this era hanging up is no cancellation by itself
    await expect.poll(() => aborted).toEqual([5000]);
    expect(sessionCount()).toBe(0);
  });

  it('lives on when the call that was left alone ends in time', async () => {
    const { url, sessionCount } = await host({ sessionLimits: limits });
    const session = await openSession(url);
    await hangUp(url, session, 80);
    await delay(300);
    expect(sessionCount()).toBe(1);
  });

  it('lives on after a request that was refused', async () => {
    const { url, sessionCount } = await host({ sessionLimits: limits });
    const session = await openSession(url);
    const refused = await post(
      url,
      { id: 5, method: 'tools/list' },
      { 'Mcp-Session-Id': session, Accept: 'text/html' },
    );
    expect(refused.status).toBe(406);
    await delay(300);
    expect(sessionCount()).toBe(1);
  });
});

describe('A name that the operator allows', () => {
  function statusFor(port: number, hostHeader: string): Promise<number> {
    return new Promise((resolve, reject) => {
      const headers = { Host: hostHeader, 'Content-Length': 0 };
      const asked = request({ host: '127.0.0.1', port, path: '/mcp', method: 'POST', headers }, (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      });
      asked.on('error', reject).end();
    });
  }

  it('is accepted with our port, and as a proxy in front of us passes it on', async () => {
    const { port } = await host({ allowHost: ['octant.example'] });
    const names = [
      'octant.example',
      'octant.example:443',
      `octant.example:${port}`,
      'octant.example:81',
      'evil.example',
    ];
    const statuses = await Promise.all(names.map((name) => statusFor(port, name)));
    expect(statuses.map((status) => status === 403)).toEqual([false, false, false, true, true]);
  });

  it('is needed to listen on every address, and is the one in the URL', async () => {
    const token = 'a-token-of-some-length';
    await expect(host({ host: '0.0.0.0', token })).rejects.toThrow('needs --allow-host NAME');
    const { url, port } = await host({ host: '0.0.0.0', token, allowHost: ['octant.example'] });
    expect(url).toBe(`http://octant.example:${port}/mcp`);
  });
});

describe('A token', () => {
  const token = 'a-token-of-some-length';

  it('is asked for with 401 and the challenge, and opens the door', async () => {
    const { url } = await host({ token });
    const refused = await post(url, { id: 1, method: 'tools/list' });
    expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="octant"']);
    expect((await post(url, { id: 1, method: 'tools/list' }, { Authorization: `Bearer ${token}x` })).status).toBe(401);
    expect((await post(url, { id: 1, method: 'tools/list' }, { Authorization: `Bearer ${token}` })).status).toBe(400);
  });

  it('is not asked for in the preflight of an allowed origin, whose page can read the refusal', async () => {
    const origin = 'https://app.example';
    const { url } = await host({ token, allowOrigin: [origin] });
    const preflight = await fetch(url, {
      method: 'OPTIONS',
      headers: { Origin: origin, 'Access-Control-Request-Method': 'POST' },
    });
    expect([preflight.status, preflight.headers.get('access-control-allow-origin')]).toEqual([204, origin]);
    const refused = await post(url, { id: 1, method: 'tools/list' }, { Origin: origin });
    expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([401, origin]);
    const evil = await fetch(url, { method: 'OPTIONS', headers: { Origin: 'https://evil.example' } });
    expect([evil.status, evil.headers.get('access-control-allow-origin')]).toEqual([403, null]);
  });
});
