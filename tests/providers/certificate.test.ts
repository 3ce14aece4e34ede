import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { connect } from '../helpers/connect.ts';
import { tempProject } from '../helpers/temp-project.ts';

/** Self-signed, for 127.0.0.1 alone, and of no use for anything but these tests. */
const folder = join(import.meta.dirname, '..', 'helpers', 'certificate');
const certificate = join(folder, 'certificate.pem');
const key = 'sk-canary-tls-1234567890';

/** A provider behind TLS, which counts who knocks and what it hears. */
async function startTlsProvider() {
  const heard: string[] = [];
  let knocks = 0;
  const files = { key: readFileSync(join(folder, 'key.pem')), cert: readFileSync(certificate) };
  const server = createServer(files, ({ url, headers }, response) => {
    heard.push(`${url} ${headers.authorization}`);
    const isList = url === '/v1/models';
    response.setHeader('content-type', isList ? 'application/json' : 'text/event-stream');
    if (isList) return void response.end(JSON.stringify({ data: [{ id: 'small' }] }));
    const chunk = { choices: [{ index: 0, delta: { content: 'OK' }, finish_reason: 'stop' }] };
    response.end(`data: ${JSON.stringify(chunk)}\n\ndata: [DONE]\n\n`);
  });
  server.on('connection', () => knocks++);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return { port: (server.address() as AddressInfo).port, heard, knocks: () => knocks };
}

async function ask(host: string, port: number, env: Record<string, string> = {}) {
  const providers = `shop=https://${host}:${port}/v1,ollama=off,lmstudio=off`;
  const client = await connect('v2-2026', {
    args: ['--project', tempProject(), '--data-dir', tempProject()],
    env: { OCTANT_PROVIDERS: providers, SHOP_API_KEY: key, ...env },
  });
  onTestFinished(() => client.close());
  return client.callTool('list_models', { check: 'shop/small' });
}

describe('A provider behind TLS', () => {
  it('with a certificate that nobody vouches for hears no word of ours, and is not tried again', async () => {
    const { port, heard, knocks } = await startTlsProvider();
    const { data, text } = await ask('127.0.0.1', port);
    expect(data).toMatchObject({
      providers: [{ provider: 'shop', status: 'certificate' }],
      check: { answers: false, note: expect.stringContaining('certificate that is not to be trusted') },
    });
    expect(text).not.toContain('canary');
    expect(knocks(), 'one for the list, one for the check').toBe(2);
    expect(heard).toEqual([]);
  });

  it('answers when the operator trusts its certificate', async () => {
    const { port, heard } = await startTlsProvider();
    const { data } = await ask('127.0.0.1', port, { NODE_EXTRA_CA_CERTS: certificate });
    expect(data).toMatchObject({ providers: [{ status: 'ok' }], check: { answers: true } });
    expect(heard).toContain(`/v1/chat/completions Bearer ${key}`);
  });

  it('under a name that its certificate does not have hears nothing either', async () => {
    const { port, heard } = await startTlsProvider();
    const { data } = await ask('localhost', port, { NODE_EXTRA_CA_CERTS: certificate });
    expect(data).toMatchObject({ providers: [{ status: 'certificate' }], check: { answers: false } });
    expect(heard).toEqual([]);
  });
});
