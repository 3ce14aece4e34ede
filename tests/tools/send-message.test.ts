import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { connect, type TestClient } from '../helpers/connect.ts';
import { abortedAfter } from '../helpers/model-server.ts';
import { sharedModelServer, sharedServer } from '../helpers/shared-server.ts';
import { tempProject } from '../helpers/temp-project.ts';

const server = sharedModelServer();
beforeEach(() => server.play({}));

const files = {
  'src/inner/a.ts': 'export {};\n',
  'README.md': '# Shop\n\nSells.\n',
  'src/cart.ts': 'export function cartTotal() {}\n',
};

function environment() {
  const providers = [`shop=${server.url}/v1`, 'lmstudio=off', 'ollama=off'].join();
  return { OCTANT_PROVIDERS: providers, SHOP_API_KEY: 'sk-canary-8888' };
}

const chatFlags = ['--toolsets', 'chat', '--models', 'medium=shop/small'];
const withModel = () => ({ files, flags: chatFlags, env: environment() });
const served = sharedServer(withModel);

const chats = async () => (await server.journal()).filter(({ path }) => path.endsWith('/chat/completions'));
const lastBody = async () => JSON.parse((await chats()).at(-1)?.body ?? '{}');

describe('A message', () => {
  it('begins a conversation, is answered, and goes on with all that was said', async () => {
    const client = served();
    await server.play({ chat: [{ kind: 'answer', pieces: ['A cart ', 'holds things.'] }] });
    const first = await client.callTool('send_message', { text: 'What is a cart? I forgot.' });
    expect(first.data).toEqual({
      ...{
        project: expect.any(String),
        conversation: expect.stringMatching(/^C-\d+$/),
        branch: 'main',
        status: 'answered',
        mode: 'model',
      },
      ...{ model: 'shop/small', question: 1, answer: 2, text: 'A cart holds things.', tokens: { input: 7, output: 3 } },
      context: { messages: 1, tokens: expect.any(Number), from: 1, window: 8192, budget: expect.any(Number) },
    });
    const conversation = first.data?.conversation;
    expect(first.text).toBe(
      `${conversation}/2 on main, answered by shop/small (7 tokens in, 3 out)\n\nA cart holds things.`,
    );
    const second = await client.callTool('send_message', { conversation, text: 'And a shop?' });
    expect(second.data).toMatchObject({ question: 3, answer: 4, branch: 'main' });
    expect((await lastBody()).messages).toEqual([
      { role: 'user', content: 'What is a cart? I forgot.' },
      { role: 'assistant', content: 'A cart holds things.' },
      { role: 'user', content: 'And a shop?' },
    ]);
  });

  it('finds its branch by a name with blanks around it, as every tool does', async () => {
    const client = served();
    const begun = await client.callTool('send_message', { text: 'Hi' });
    const more = { text: 'On.', conversation: begun.data?.conversation, branch: ' main ' };
    const { data } = await client.callTool('send_message', more);
    expect(data).toMatchObject({ branch: 'main', question: 3 });
  });

  it('reaches the provider with every parameter, zero too', async () => {
    const client = served();
    await client.callTool('send_message', {
      text: 'Hi',
      temperature: 0,
      max_tokens: 5,
      stop: ['END'],
      model: 'shop/small',
    });
    expect(await lastBody()).toMatchObject({ temperature: 0, max_tokens: 5, stop: ['END'], model: 'small' });
    await client.callTool('send_message', { text: 'Hi' });
    expect(Object.keys(await lastBody()).sort()).toEqual(['messages', 'model', 'stream', 'stream_options']);
  });

  it('is kept without a model, and answered later', async () => {
    const args = ['--project', tempProject(files), '--data-dir', tempProject(), '--toolsets', 'chat'];
    const offline = await connect('v1', { args, env: environment() });
    onTestFinished(() => offline.close());
    const kept = await offline.callTool('send_message', { text: 'What is a cart?' });
    expect(kept.data).toMatchObject({
      status: 'unanswered',
      mode: 'offline',
      question: 1,
      failure: { kind: 'no_model', again: 'no' },
    });
    expect(kept.text).toContain('The message is kept as C-1/1: send_message without text');
    const later = await offline.callTool('send_message', { conversation: 'C-1', model: 'shop/small' });
    expect(later.data).toMatchObject({ status: 'answered', mode: 'model', question: 1, answer: 2, text: 'OK' });
    const nothing = await offline.callTool('send_message', { conversation: 'C-1', model: 'shop/small' });
    expect(nothing).toMatchObject({
      isError: true,
      text: expect.stringContaining('C-1/2, the last message, is answered'),
    });
  });

  it('takes files and a ticket along, marked as data, and no further than the operator lets them', async () => {
    const home = ['--project', tempProject(files), '--data-dir', tempProject()];
    const client = await connect('v2-2026', {
      args: [...home, ...chatFlags, '--toolsets', 'chat,tickets', '--privacy', 'shop=never:src/inner/**'],
      env: environment(),
    });
    onTestFinished(() => client.close());
    await client.callTool('create_ticket', { title: 'Round the total' });
    const { data } = await client.callTool('send_message', { text: 'Look.', files: ['./src/cart.ts'], ticket: 'T-1' });
    const [{ content }] = (await lastBody()).messages;
    const mark = /<data-(\w{24})>/.exec(content)?.[1];
    expect(content).toContain('Look.\n\n[Attached to this message.');
    expect(content).toContain(`<data-${mark}>\n./src/cart.ts\n\nexport function cartTotal() {}`);
    expect(content).toContain('title: Round the total');
    expect(data).toMatchObject({ status: 'answered' });
    await server.play({});
    const kept = await client.callTool('send_message', {
      conversation: 'C-1',
      text: 'Now this.',
      files: ['./src/inner/a.ts'],
    });
    expect(kept.data).toMatchObject({ status: 'unanswered', failure: { kind: 'withheld', again: 'no' } });
    expect(await chats()).toEqual([]);
    const later = await client.callTool('send_message', { conversation: 'C-1', text: 'And now?' });
    expect(later.data).toMatchObject({ status: 'unanswered', failure: { kind: 'withheld' } });
  });

  it('is asked once under one request id, at two servers too, and is answered anew where it failed', async () => {
    const args = [...served().flags, ...chatFlags];
    const other = await connect('v2-2026', { args, env: environment() });
    onTestFinished(() => other.close());
    const clients = [served(), other];
    const { data: first } = await send(clients[0], { text: 'Begin.' });
    const conversation = first?.conversation;
    await server.play({ chat: [{ kind: 'answer', pieces: ['Slowly.'], afterMs: 700 }] });
    const message = { conversation, text: 'Count.', request_id: 'r-1' };
    const answers = await Promise.all(clients.map((client) => send(client, message)));
    expect(answers.map(({ data }) => data?.answer)).toEqual([4, 4]);
    expect(answers.map(({ data }) => data?.repeated ?? false).sort()).toEqual([false, true]);
    expect(await chats()).toHaveLength(1);
    expect((await send(clients[1], { ...message, text: 'Another.' })).text).toMatch(
      /^conflict: This request_id was used/,
    );

    await server.play({
      chat: [
        { kind: 'http', status: 401 },
        { kind: 'answer', pieces: ['Now.'] },
      ],
    });
    const failing = { conversation, text: 'Again?', request_id: 'r-2' };
    expect((await send(clients[0], failing)).data).toMatchObject({ status: 'unanswered', question: 5 });
    expect((await send(clients[1], failing)).data).toMatchObject({ status: 'answered', question: 5, answer: 6 });
    expect((await send(clients[0], failing)).data).toMatchObject({
      status: 'answered',
      question: 5,
      answer: 6,
      repeated: true,
    });
    expect(await chats()).toHaveLength(2);
  });

  it('refuses before it spends anything where the branch has gone on', async () => {
    const client = served();
    const { data: begun } = await send(client, { text: 'Begin.' });
    const conversation = begun?.conversation;
    await server.play({});
    const refused = await send(client, { conversation, text: 'On?', if_head: 1 });
    expect(refused).toMatchObject({
      isError: true,
      text: expect.stringMatching(/^conflict: .*ends at message 2 by now, not 1/),
    });
    expect(await chats()).toEqual([]);
    expect((await send(client, { conversation, again: true })).data).toMatchObject({ question: 1, answer: 3 });
  });
});

describe('A context that grows too long', () => {
  const small = sharedServer(withModel);
  const room = { '/v1/models': { object: 'list', data: [{ id: 'small', context_length: 2000 }] } };
  const isSummary = ({ body }: { body: string }) => body.includes('keep the memory of a long conversation');

  async function grow(client: TestClient, turns: number, more: Record<string, unknown> = {}) {
    const { data } = await send(client, { text: `Turn 0. ${'word '.repeat(150)}`, ...more });
    const all = [data];
    for (let turn = 1; turn < turns; turn++) {
      const next = { conversation: data?.conversation, text: `Turn ${turn}. ${'word '.repeat(150)}`, ...more };
      all.push((await send(client, next)).data);
    }
    return all;
  }

  it('is summarized, once for many turns, and says so', async () => {
    const client = small();
    await server.play({ chat: [{ kind: 'answer', pieces: ['Goal: words.'] }], lists: room });
    const all = await grow(client, 12);
    expect(all.map((data) => data?.status)).toEqual(Array(12).fill('answered'));
    expect(all.at(-1)?.context).toMatchObject({ window: 2000, summarized_up_to: expect.any(Number) });
    const asked = await chats();
    const sums = asked.filter(isSummary).length;
    expect(sums).toBeGreaterThan(0);
    expect(sums).toBeLessThan(6);
    const last = JSON.parse(asked.filter((each) => !isSummary(each)).at(-1)?.body ?? '{}');
    expect(last.messages[0].content).toContain('Kept from earlier in this conversation');
    expect(last.messages[0].content).toMatch(/<data-\w+>\nGoal: words\.\n<\/data-/);
  });

  it('loses its oldest turns where no summary can be made, and refuses where it must not', async () => {
    const client = small();
    await server.play({ chat: [{ kind: 'answer', pieces: ['word '.repeat(400)] }], lists: room });
    const all = await grow(client, 6, { overflow: 'window' });
    expect(all.at(-1)).toMatchObject({ status: 'answered', context: { left_out: { dropped: expect.any(Number) } } });
    const refused = await send(client, { conversation: all[0]?.conversation, text: 'On?', overflow: 'none' });
    expect(refused.text).toMatch(
      /^limit: The conversation takes about \d+ tokens, and shop\/small has room for \d+.* The message is kept as C-\d+\/\d+\.$/,
    );
  });

  it('is warned of where the server seems to have cut it off', async () => {
    const client = served();
    await server.play({ chat: [{ kind: 'answer', usage: { prompt_tokens: 300, completion_tokens: 3 } }] });
    const { data } = await send(client, { text: 'many words '.repeat(800) });
    expect(data?.note).toMatch(
      /shop\/small counted 300 tokens where about \d+ were sent: its server has most likely cut/,
    );
  });
});

describe('A branch that is merged by a summary', () => {
  it('tells its target what a model made of it, and nothing of it leaks before; a failed summary changes nothing', async () => {
    const client = served();
    await server.play({ chat: [{ kind: 'answer', pieces: ['Use a Map.'] }] });
    const { data: begun } = await send(client, { text: 'How to store it?' });
    const conversation = begun?.conversation;
    await client.callTool('create_branch', { conversation, name: 'other' });
    await send(client, { conversation, branch: 'other', text: 'Is Redis faster?' });
    await send(client, { conversation, text: 'And on main?' });
    expect(JSON.stringify(await lastBody())).not.toContain('Redis');

    await server.play({ chat: [{ kind: 'http', status: 401 }] });
    const merge = { conversation, source: 'other', strategy: 'summary', model: 'shop/small' };
    const dry = await client.callTool('merge_branch', { ...merge, dry_run: true });
    expect(dry.data).toMatchObject({ dry_run: true, is_new: true, count: 2 });
    const stale = await client.callTool('merge_branch', { ...merge, if_head: 1 });
    expect(stale.text).toMatch(/^conflict: /);
    expect(await chats()).toEqual([]);

    const branches = async () => (await client.callTool('get_conversation', { conversation, view: 'branches' })).data;
    const before = await branches();
    await server.play({ chat: [{ kind: 'answer', pieces: ['Half a'], fault: { at: 1, act: 'stall' } }] });
    const cancel = new AbortController();
    const given = client.callTool('merge_branch', merge, { signal: cancel.signal });
    await expect.poll(chats, { timeout: 10_000 }).toHaveLength(1);
    cancel.abort();
    await expect(given).rejects.toThrow();
    expect(await branches()).toEqual(before);
    await server.play({ chat: [{ kind: 'http', status: 401 }] });
    const failed = await client.callTool('merge_branch', merge);
    expect(failed.data).toMatchObject({ mode: 'offline', is_new: false, strategy: 'summary', head: 6 });
    expect(failed.text).toMatch(
      /^Nothing was changed\. .*"strategy": "pick" takes the last answer over without a model/,
    );
    expect(await branches()).toEqual(before);

    await server.play({ chat: [{ kind: 'answer', pieces: ['Redis is slower here.'] }] });
    const merged = await client.callTool('merge_branch', { ...merge, focus: 'speed', request_id: 'm-1' });
    expect(merged.data).toMatchObject({ mode: 'model', model: 'shop/small', strategy: 'summary', is_new: true });
    expect((await lastBody()).messages[0].content).toContain('The user wants to know above all: speed');
    expect((await lastBody()).messages[1].content).toContain('Is Redis faster?');
    const again = await client.callTool('merge_branch', { ...merge, focus: 'speed', request_id: 'm-1' });
    expect(again.data).toMatchObject({ head: merged.data?.head });
    expect(await chats()).toHaveLength(1);

    await send(client, { conversation, text: 'So?' });
    const { messages } = await lastBody();
    const said = messages.at(-1).content;
    expect(said).toMatch(
      /^\[Brought in from another branch[\s\S]*<data-(\w+)>\nRedis is slower here\.\n<\/data-\1>\n\nSo\?$/,
    );
    expect(JSON.stringify(messages)).not.toContain('Is Redis faster?');
  });
});

describe('A conversation that is purged while it is answered', () => {
  it('is gone for good: its provider is let go, and nothing of it comes back', async () => {
    const client = served();
    const { data } = await send(client, { text: 'Begin.' });
    const conversation = String(data?.conversation);
    await server.play({
      chat: [{ kind: 'answer', pieces: ['The word is ', 'xyzzy'], everyMs: 20, fault: { at: 1, act: 'stall' } }],
    });
    const sent = send(client, { conversation, text: 'Say plugh.', request_id: 'p-1' });
    await expect.poll(chats, { timeout: 10_000 }).toHaveLength(1);
    const purged = await client.callTool('delete_conversation', { conversation, purge: true });
    expect(purged.data).toMatchObject({ state: 'purged' });
    expect((await sent).text).toBe(`not_found: ${conversation} was purged while its question was answered.`);
    expect(await abortedAfter(server)).toBeGreaterThan(0);
    const found = await client.callTool('list_conversations', { text: 'plugh' });
    expect(found.data).toMatchObject({ hits: [] });
    expect((await client.callTool('list_conversations', {})).text).not.toContain(`${conversation} `);
    expect((await send(client, { conversation, text: 'Say plugh.', request_id: 'p-1' })).text).toMatch(
      /^not_found: .*purged/,
    );
  });
});

function send(client: TestClient | undefined, args: Record<string, unknown>) {
  if (!client) throw new Error('no client');
  return client.callTool('send_message', args);
}
