import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ClientKind, connect, type TestClient } from '../helpers/connect.ts';
import { abortedAfter } from '../helpers/model-server.ts';
import type { Reply } from '../helpers/model-server-program.ts';
import { type RunningHttp, startHttp } from '../helpers/program.ts';
import { sharedModelServer } from '../helpers/shared-server.ts';
import { makeTempFolder, removeFolder, writeFiles } from '../helpers/temp-project.ts';

const server = sharedModelServer();

type Fault = { is: string; chat: readonly Reply[]; data: Record<string, unknown>; note?: RegExp; calls?: number };

const pieces = ['One ', 'two ', 'three.'];
const whole = { status: 'answered', mode: 'model', text: 'One two three.' };
/** The pieces have time to arrive before the fault. */
const broken = (fault: Extract<Reply, { kind: 'answer' }>['fault']): Reply[] => [
  { kind: 'answer', pieces, everyMs: 30, ...(fault && { fault }) },
];
const cut = { status: 'cut', mode: 'model', text: 'One two ' };

/** F07 to F12 of the hostile providers, and those of a conversation; each with a model of its own, since they rest after faults. */
const faults: readonly Fault[] = [
  ...(['cut', 'close'] as const).map((act) => ({
    ...{ is: `a stream that is broken off (${act})`, chat: broken({ at: 2, act }) },
    ...{
      data: { ...cut, failure: { kind: 'cut', again: 'now' } },
      note: /broke off in the middle.*continue_from/,
      calls: 1,
    },
  })),
  { is: 'no reason of the end but [DONE]', chat: [{ kind: 'answer', pieces, finish: null }], data: whole },
  ...(['crlf', 'bom', 'comments', 'multiline', 'bytes'] as const).map((framing) => ({
    ...{ is: `the framing "${framing}"`, chat: [{ kind: 'answer' as const, pieces: ['Grü', 'ße 🐙'], framing }] },
    data: { status: 'answered', text: 'Grüße 🐙' },
  })),
  {
    is: 'an error object in a stream of status 200',
    chat: broken({ at: 2, act: 'error', error: { error: { code: 502, message: 'secret words' } } }),
    data: { ...cut, failure: { kind: 'overloaded', again: 'later', after_seconds: 30 } },
  },
  {
    is: 'a stream that turns into garbage',
    chat: broken({ at: 2, act: 'garbage' }),
    data: { ...cut, failure: { kind: 'bad_response', again: 'now' } },
  },
  {
    is: 'an answer without a word',
    chat: [{ kind: 'answer', pieces: [] }],
    data: { status: 'unanswered', mode: 'offline', failure: { kind: 'unusable', again: 'now' } },
    note: /has written nothing.*is kept as C-\d+\/1/,
  },
  {
    is: 'HTML in place of an answer',
    chat: [{ kind: 'http', status: 200, headers: { 'content-type': 'text/html' }, body: '<p>secret words</p>' }],
    data: { status: 'unanswered', failure: { kind: 'bad_response', again: 'now' } },
  },
  { is: 'counts that make no sense', chat: [{ kind: 'answer', pieces, usage: { prompt_tokens: 'NaN' } }], data: whole },
  {
    is: 'one event of 20 MB',
    chat: [{ kind: 'huge', bytes: 20_000_000, isOneLine: true }],
    data: { status: 'unanswered', failure: { kind: 'bad_response', again: 'now' } },
  },
  {
    is: 'a limit of the rate for an hour',
    chat: [{ kind: 'http', status: 429, headers: { 'retry-after': '3600' } }],
    data: { status: 'unanswered', failure: { kind: 'rate_limited', again: 'later', after_seconds: 3600 } },
    ...{ note: /Ask again in 3600 s, not before/, calls: 1 },
  },
  {
    is: 'a limit of the rate for a second',
    chat: [
      { kind: 'http', status: 429, headers: { 'retry-after': '1' } },
      { kind: 'answer', pieces },
    ],
    ...{ data: whole, calls: 2 },
  },
  {
    is: 'two errors of the provider and then an answer',
    chat: [
      { kind: 'http', status: 500 },
      { kind: 'http', status: 503 },
      { kind: 'answer', pieces },
    ],
    ...{ data: whole, calls: 3 },
  },
  {
    is: 'a key that is refused',
    chat: [{ kind: 'http', status: 401 }],
    data: { status: 'unanswered', failure: { kind: 'key', again: 'no' } },
    calls: 1,
  },
  {
    is: 'no credit',
    chat: [{ kind: 'http', status: 402 }],
    data: { status: 'unanswered', failure: { kind: 'quota', again: 'no' } },
    calls: 1,
  },
  {
    is: 'an answer at its longest',
    chat: [{ kind: 'answer', pieces, finish: 'length' }],
    data: { ...whole, finish: 'length' },
    note: /cut off at the longest answer.*|continue_from/,
  },
  {
    is: 'an answer that is held back',
    chat: [{ kind: 'answer', pieces, finish: 'content_filter' }],
    data: { ...whole, finish: 'filtered' },
  },
];

const places: ReadonlyArray<{ over: string; kind: ClientKind; isHttp: boolean }> = [
  { over: 'stdio', kind: 'v2-2026', isHttp: false },
  { over: 'HTTP', kind: 'v1', isHttp: true },
];

describe.each(places)('Over $over', ({ kind, isHttp }) => {
  let client: TestClient;
  let http: RunningHttp | undefined;
  let model = 0;
  const folder = makeTempFolder();

  beforeAll(async () => {
    writeFiles(folder, {
      '.octant/agents/hasty.md': '---\nname: hasty\ndescription: Answers soon.\nlimits: { seconds: 5 }\n---\nAnswer.\n',
    });
    const args = ['--project', folder, '--data-dir', join(folder, '.octant'), '--toolsets', 'chat'];
    const env = {
      OCTANT_PROVIDERS: [`shop=${server.url}/v1`, 'lmstudio=off', 'ollama=off'].join(),
      SHOP_API_KEY: 'sk-canary-8888',
    };
    http = isHttp ? await startHttp(args, { env }) : undefined;
    client = await connect(kind, http ? { url: http.url } : { args, env });
  });
  afterAll(async () => {
    await client?.close();
    await http?.stop();
    removeFolder(folder);
  });

  const named = () => `shop/m${++model}`;
  const chats = async () => (await server.journal()).filter(({ path }) => path.endsWith('/chat/completions'));

  it.each(faults)('$is', async ({ chat, data, note, calls }) => {
    await server.play({ chat });
    const { data: given, text, isError } = await client.callTool('send_message', { text: 'Count.', model: named() });
    expect(isError, text).toBe(false);
    expect(given).toMatchObject({ question: 1, ...data });
    if (note) expect(given?.note).toMatch(note);
    if (calls !== undefined) expect(await chats()).toHaveLength(calls);
    expect(text).not.toMatch(/canary|secret words/);
    if (given?.note !== undefined) expect(text).toContain(given.note);
  });

  it('streams the text as it comes, and has all of it at the end', async () => {
    const many = Array.from({ length: 12 }, (_, index) => `piece ${index} 🐙 `);
    await server.play({ chat: [{ kind: 'answer', pieces: many, everyMs: 60 }] });
    const told: Array<{ progress: number; message?: string | undefined }> = [];
    const onprogress = (update: (typeof told)[number]) => told.push(update);
    const { data } = await client.callTool('send_message', { text: 'Count.', model: named() }, { onprogress });
    expect(data?.text).toBe(many.join(''));
    expect(told.length).toBeGreaterThan(1);
    expect(told.map(({ message }) => message).join('')).toBe(many.join(''));
    const progress = told.map((each) => each.progress);
    expect(progress).toEqual([...new Set(progress)].sort((a, b) => a - b));
  });

  it('tells no text as progress where none is wanted', async () => {
    await server.play({ chat: [{ kind: 'answer', pieces, everyMs: 100 }] });
    const told: unknown[] = [];
    const args = { text: 'Count.', model: named(), stream: false };
    await client.callTool('send_message', args, { onprogress: (update) => told.push(update) });
    expect(told).toEqual([]);
  });

  it('closes the socket of the provider within 250 ms when it is cancelled, and keeps what has come', {
    retry: 2,
  }, async () => {
    await server.play({});
    const { data: first } = await client.callTool('send_message', { text: 'Begin.', model: named() });
    const conversation = String(first?.conversation);
    const stall = { at: 2, act: 'stall' as const };
    await server.play({ chat: [{ kind: 'answer', pieces: ['One ', 'two '], everyMs: 20, fault: stall }] });
    const cancel = new AbortController();
    const args = { conversation, text: 'Count.', model: named() };
    const sent = client.callTool('send_message', args, { signal: cancel.signal });
    await expect.poll(chats, { timeout: 10_000 }).toHaveLength(1);
    await delay(500);
    const begun = Date.now();
    cancel.abort();
    await expect(sent).rejects.toThrow();
    expect(await abortedAfter(server)).toBeGreaterThan(0);
    expect(Date.now() - begun).toBeLessThan(250);

    await server.play({ chat: [{ kind: 'answer', pieces: ['three.'] }] });
    const goOn = () => client.callTool('send_message', { conversation, continue_from: 4, model: named() });
    await expect.poll(async () => (await goOn()).data?.text, { interval: 200, timeout: 10_000 }).toBe('One two three.');
    const { messages } = JSON.parse((await chats()).at(-1)?.body ?? '{}');
    expect(messages.slice(-3)).toEqual([
      { role: 'user', content: 'Count.' },
      { role: 'assistant', content: 'One two ' },
      { role: 'user', content: expect.stringContaining('Go on from exactly there') },
    ]);
  });

  const endless: ReadonlyArray<{ row: string; is: string; chat: Reply }> = [
    { row: 'F05', is: 'never sends a byte', chat: { kind: 'silent' } },
    { row: 'F06', is: 'sends one byte at a time', chat: { kind: 'drip', everyMs: 400 } },
  ];

  it.each(endless)(
    '$row: a provider that $is loses its socket within 250 ms of a cancel',
    { retry: 2 },
    async (fault) => {
      await server.play({ chat: [fault.chat] });
      const cancel = new AbortController();
      const sent = client.callTool('send_message', { text: 'Count.', model: named() }, { signal: cancel.signal });
      await expect.poll(chats, { timeout: 10_000 }).toHaveLength(1);
      await delay(300);
      const begun = Date.now();
      cancel.abort();
      await expect(sent).rejects.toThrow();
      expect(await abortedAfter(server)).toBeGreaterThan(0);
      expect(Date.now() - begun).toBeLessThan(250);
    },
  );

  it('F05 and F06: progress or none, the time that an answer may take is the last word, and the question is kept', async () => {
    await server.play({ chat: endless.map(({ chat }) => chat) });
    const sent = endless.map(() =>
      client.callTool('send_message', { text: 'Count.', agent: 'project/hasty', model: named() }),
    );
    for (const { data, text } of await Promise.all(sent)) {
      expect(data, text).toMatchObject({ status: 'unanswered', question: 1, failure: { kind: 'limit' } });
      expect(data?.note).toContain('It took all the time that it may take.');
    }
    const asked = await chats();
    expect(asked).toHaveLength(2);
    for (const { abortedAfterMs } of asked) expect(abortedAfterMs).toBeGreaterThan(0);
  });
});
