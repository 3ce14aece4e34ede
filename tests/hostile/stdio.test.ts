import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { megabyte } from './fixture.ts';
import { isAlive, report } from './observe.ts';
import { initializeParams, type RawMessage, type RawStdio, spawnRaw, startRawStdio, strayLines } from './raw-stdio.ts';

/** Rows J01 to J04, J09, J10 and J15 of the battery, as bytes on the pipes of a server. */
const invalidRequest = -32600;
const internalError = -32603;
const parseError = -32700;
const methodNotFound = -32601;
const invalidParams = -32602;

let root: string;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'octant-stdio-'));
  writeFileSync(join(root, 'ok.txt'), 'honest\n');
});

afterAll(() => rmSync(root, { recursive: true }));

describe('after the handshake', () => {
  let raw: RawStdio;

  beforeAll(async () => {
    raw = await startRawStdio(['--project', root]);
  });

  afterAll(async () => {
    expect(await raw.stop()).toBe(0);
  });

  afterEach(async () => {
    await expectHonestAnswer(raw);
    expect(strayLines(raw.lines())).toEqual([]);
  });

  test.each([
    'not json',
    '{"jsonrpc":"2.0","id":1,"method":',
    '',
    '   ',
    'null',
    '{}',
    '[]',
    '"text"',
    '1',
    '\ufeff',
    '\0',
  ])('J01: the line %j is refused or passed over', async (line) => {
    await raw.write(`${line}\n`);
    await expectHonestAnswer(raw);
  });

  test.each([
    '{"jsonrpc":"2.0","id":71}',
    '{"jsonrpc":"2.0","id":71,"method":5}',
    '{"jsonrpc":"1.0","id":71,"method":"ping"}',
    '{"id":71,"method":"ping"}',
    '{"jsonrpc":"2.0","id":71,"method":"tools/list","params":5}',
  ])('J01: the request %s has an id, so it is answered with an error', async (line) => {
    const before = raw.lines().length;
    await raw.write(`${line}\n`);
    const isAnswer = ({ id, error }: RawMessage) => id === 71 || (id === null && error !== undefined);
    const answer = await raw.waitFor(isAnswer, 2000, before);
    expect([invalidRequest, parseError, invalidParams]).toContain(answer.error?.code);
  });

  test('J01: bytes that are no UTF-8 are passed over', async () => {
    await raw.write(Buffer.from([0xff, 0xfe, 0x80, 0x7b, 0x7d, 0x0a]));
  });

  test('J03: of 200 requests with one id each is answered or refused', async () => {
    const request = JSON.stringify({ jsonrpc: '2.0', id: 7, method: 'tools/call', params: readOk });
    const before = raw.lines().length;
    await raw.write(`${request}\n`.repeat(200));
    await expectHonestAnswer(raw);
    await new Promise((resolve) => setTimeout(resolve, 500));
    const answers = raw
      .lines()
      .slice(before)
      .filter((line) => line.includes('"id":7,') || line.includes('"id":7}'));
    report(`J03: ${answers.length} answers to 200 requests`);
    expect(answers.length).toBe(200);
  });

  test('J04: a request of 2 MB that comes byte by byte is answered', async () => {
    const padding = 'x'.repeat(2 * megabyte);
    const request = JSON.stringify({ jsonrpc: '2.0', id: 8, method: 'tools/call', params: { ...readOk, padding } });
    const start = performance.now();
    const bytes = Buffer.from(`${request}\n`);
    for (let at = 0; at < bytes.length; at += 500) {
      // a few at a time: the system takes at most 1,024 pieces in one writev
      await Promise.all([...bytes.subarray(at, at + 500)].map((byte) => raw.write(Buffer.of(byte))));
    }
    const answer = await raw.waitFor(({ id }) => id === 8, 25_000);
    report(`J04: answered after ${(performance.now() - start).toFixed(0)} ms`);
    expect(answer.result ?? answer.error).toBeDefined();
  });

  test('J09: an array of 600,000 elements is bad input', async () => {
    const start = performance.now();
    const answer = await call(raw, 'read_files', { paths: Array(600_000).fill('a') });
    report(`J09: ${(performance.now() - start).toFixed(0)} ms`);
    expectBadInput(answer);
    expect(JSON.stringify(answer).length).toBeLessThan(1000);
  });

  test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf', ''])(
    'J10: %j is no method and no tool, prompt or resource',
    async (name) => {
      expect((await raw.request(name)).error?.code).toBe(methodNotFound);
      for (const method of ['tools/call', 'prompts/get']) {
        const { error } = await raw.request(method, { name, arguments: {} });
        expect(error).toMatchObject({ code: invalidParams, message: expect.stringMatching(/unknown|no prompt/i) });
      }
      const completion = { ref: { type: 'ref/prompt', name }, argument: { name, value: '' } };
      expect((await raw.request('completion/complete', completion)).error?.code).toBe(invalidParams);
    },
  );

  test.each([
    {
      what: 'a progress token that is an object',
      method: 'tools/call',
      params: { ...readOk, _meta: { progressToken: {} } },
    },
    { what: 'a cursor of noise', method: 'resources/list', params: { cursor: 'noise' } },
    { what: 'a cursor of another list', method: 'resources/list', params: { cursor: 'WyJBQUFBQUFBQSIsMV0' } },
    { what: 'a cursor that is a number', method: 'resources/list', params: { cursor: 1 } },
    { what: 'a log level __proto__', method: 'logging/setLevel', params: { level: '__proto__' } },
  ])('J15: $what is an error', async ({ method, params }) => {
    const { error } = await raw.request(method, params);
    // the SDK parses the parameters of a method that it knows, and calls what does not fit an internal error
    expect([invalidParams, methodNotFound, invalidRequest, internalError]).toContain(error?.code);
  });

  test.each(['noise', 'WyJBQUFBQUFBQSIsMV0', Buffer.from('[]').toString('base64url')])(
    'J15: the cursor %s of a search is bad input',
    async (cursor) => expectBadInput(await call(raw, 'search_files', { query: 'honest', cursor })),
  );
});

test('J02: a line of 11 MiB is an error, or ends the server with a reason', async () => {
  const raw = await startRawStdio(['--project', root]);
  await raw.write(
    `${JSON.stringify({ jsonrpc: '2.0', id: 9, method: 'ping', params: { padding: 'x'.repeat(11 * megabyte) } })}\n`,
  );
  const ended = await Promise.race([
    raw.exited,
    raw.waitFor(({ id }) => id === 9 || id === null).then(() => 'answered'),
  ]);
  report(`J02: ${ended === 'answered' ? 'answered' : `exit ${ended}: ${raw.stderr().slice(0, 160)}`}`);
  expect(ended).not.toBe(0);
  if (ended === 'answered') expect(await raw.stop()).toBe(0);
  else expect(raw.stderr()).toContain('"level":50');
  expect(strayLines(raw.lines())).toEqual([]);
});

test('J04: a request before the handshake is answered or refused, and the handshake still works', async () => {
  const raw = spawnRaw(['--project', root]);
  const early = await raw.request('tools/call', readOk);
  expect(early.result ?? early.error).toBeDefined();
  expect((await raw.request('initialize', initializeParams)).result).toMatchObject({ serverInfo: { name: 'octant' } });
  await expectHonestAnswer(raw);
  expect(strayLines(raw.lines())).toEqual([]);
  expect(await raw.stop()).toBe(0);
});

const readOk = { name: 'read_files', arguments: { paths: ['ok.txt'] } };

function call(raw: RawStdio, name: string, args: Record<string, unknown>): Promise<RawMessage> {
  return raw.request('tools/call', { name, arguments: args });
}

async function expectHonestAnswer(raw: RawStdio) {
  const { result } = await raw.request('tools/call', readOk);
  expect(JSON.stringify(result)).toContain('honest');
  expect(isAlive(raw.pid)).toBe(true);
}

function expectBadInput({ result, error }: RawMessage) {
  if (error) expect(error.code).toBe(invalidParams);
  else expect(result).toMatchObject({ isError: true, content: [{ text: expect.stringMatching(/^bad_input:/) }] });
}
