import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { createChats } from '../../src/chats/chats.ts';
import type { TestClient } from '../helpers/connect.ts';
import { type SharedServer, sharedModelServer, sharedServer } from '../helpers/shared-server.ts';
import { openSqlite } from '../helpers/stores.ts';

const server = sharedModelServer();
beforeEach(() => server.play({}));

const long = Array.from({ length: 12 }, (_, index) => `line ${index + 1}\n`).join('');

const withModel = () => ({
  files: { 'src/cart.ts': long },
  flags: ['--toolsets', 'chat,prompts', '--models', 'medium=shop/small'],
  env: {
    OCTANT_PROVIDERS: [`shop=${server.url}/v1`, 'lmstudio=off', 'ollama=off'].join(),
    SHOP_API_KEY: 'sk-canary-8888',
  },
});
const served = sharedServer(withModel);

const chats = async () => (await server.journal()).filter(({ path }) => path.endsWith('/chat/completions'));

/** Says something in a conversation of its own, which it names. */
async function begin(client: TestClient, text = 'Begin.'): Promise<string> {
  return String((await client.callTool('send_message', { text })).data?.conversation);
}

/** A message as the store has it. */
async function stored(client: SharedServer, conversation: string, message: number) {
  const { data } = await client.callTool('get_conversation', { conversation });
  const [, dataDir = ''] = client.store;
  const store = openSqlite(join(dataDir, 'octant.db'));
  try {
    return await createChats(store).message(String(data?.project), Number(conversation.replace('C-', '')), message);
  } finally {
    await store.close();
  }
}

describe('An answer', () => {
  it('is kept once where its conversation is deleted meanwhile', async () => {
    const client = served();
    const conversation = await begin(client);
    await server.play({ chat: [{ kind: 'answer', pieces: ['Late.'], afterMs: 800 }] });
    const sent = client.callTool('send_message', { conversation, text: 'Slowly?' });
    await expect.poll(chats, { timeout: 10_000 }).toHaveLength(1);
    await client.callTool('delete_conversation', { conversation });
    expect((await sent).text).toMatch(/^not_found: /);
    await client.callTool('delete_conversation', { conversation, restore: true });
    const { data } = await client.callTool('get_conversation', { conversation, view: 'branches' });
    expect(data?.branches).toMatchObject([{ branch: 'main', messages: 4 }]);
    const { text } = await client.callTool('get_conversation', { conversation });
    expect(text.split('Late.')).toHaveLength(2);
  });

  it('keeps what a model thinks aloud out of its text, also as it streams and where it breaks off', async () => {
    const client = served();
    const pieces = ['<th', 'ink>Hmm, ', '</thi', 'nk>', '\n\nA cart ', 'holds.', ' More'];
    const fault = { at: 6, act: 'cut' as const };
    await server.play({ chat: [{ kind: 'answer', pieces, everyMs: 300, fault }] });
    const told: string[] = [];
    const onprogress = ({ message }: { message?: string | undefined }) => told.push(message ?? '');
    const { data } = await client.callTool(
      'send_message',
      { text: 'What is a cart?', model: 'shop/aloud' },
      { onprogress },
    );
    expect(data).toMatchObject({ status: 'cut', text: 'A cart holds.' });
    expect(told.join('')).toMatch(/^A cart /);
  });

  it('keeps how it was asked for where it is cancelled', async () => {
    const client = served();
    const stall = { at: 2, act: 'stall' as const };
    await server.play({ chat: [{ kind: 'answer', pieces: ['One ', 'two '], everyMs: 20, fault: stall }] });
    const cancel = new AbortController();
    const conversation = String((await client.callTool('create_conversation', {})).data?.id);
    const message = { conversation, text: 'Count.', temperature: 0 };
    const sent = client.callTool('send_message', message, { signal: cancel.signal });
    await expect.poll(chats, { timeout: 10_000 }).toHaveLength(1);
    await delay(500);
    cancel.abort();
    await expect(sent).rejects.toThrow();
    await expect
      .poll(() => stored(client, conversation, 2).catch(() => undefined), { interval: 200, timeout: 10_000 })
      .toMatchObject({ status: 'interrupted', text: 'One two ', details: { params: { temperature: 0 } } });
  });
});

describe('The same request again', () => {
  it('is answered where it failed, whatever it wanted the branch to end at', async () => {
    const client = served();
    const conversation = await begin(client);
    await server.play({
      chat: [
        { kind: 'http', status: 401 },
        { kind: 'answer', pieces: ['Now.'] },
      ],
    });
    const message = { conversation, text: 'Again?', if_head: 2, request_id: 'r-1' };
    expect((await client.callTool('send_message', message)).data).toMatchObject({ status: 'unanswered', question: 3 });
    const second = await client.callTool('send_message', message);
    expect(second.data, second.text).toMatchObject({ status: 'answered', question: 3, answer: 4 });
  });

  it('goes on with the answer that it was to go on with', async () => {
    const client = served();
    await server.play({
      chat: [
        { kind: 'answer', pieces: ['One ', 'two '], everyMs: 50, fault: { at: 1, act: 'cut' } },
        { kind: 'http', status: 401 },
        { kind: 'answer', pieces: ['three.'] },
      ],
    });
    const begun = await client.callTool('send_message', { text: 'Count.', model: 'shop/counts' });
    const conversation = begun.data?.conversation;
    const message = { conversation, continue_from: 2, model: 'shop/other', request_id: 'r-2' };
    await client.callTool('send_message', message);
    const { data } = await client.callTool('send_message', message);
    expect(data).toMatchObject({ status: 'answered', text: 'One three.' });
  });
});

describe('A message that cannot be sent', () => {
  const empty = sharedServer(withModel);

  it.each([
    ['a branch', { branch: 'other' }, /^bad_input: "branch": a new conversation/],
    ['a message that it is to end at', { if_head: 3 }, /^bad_input: "if_head"/],
    ['another answer', { again: true }, /^bad_input: "again"/],
    ['a file that is not there', { files: ['src/none.ts'] }, /^not_found: /],
    ['a ticket that is not there', { ticket: 'T-9' }, /^not_found: /],
    ['a prompt that is not there', { prompt: 'none' }, /^not_found: /],
  ])('leaves no conversation behind: %s', async (_what, more, error) => {
    const client = empty();
    expect((await client.callTool('send_message', { text: 'Hi.', ...more })).text).toMatch(error);
    expect((await client.callTool('list_conversations', {})).data?.conversations).toEqual([]);
  });

  it('says what it would have ignored', async () => {
    const client = served();
    const conversation = await begin(client, 'Hi.');
    const ignored = { conversation, again: true, files: ['src/cart.ts'], ticket: 'T-1' };
    expect((await client.callTool('send_message', ignored)).text).toMatch(
      /^bad_input: "files", "ticket": goes with a new/,
    );
  });
});

describe('What goes with a message', () => {
  it('is noted with the lines that were read', async () => {
    const client = served();
    const { data } = await client.callTool('send_message', {
      text: 'Look.',
      files: ['src/cart.ts:10-', 'src/cart.ts:2-3', 'src/cart.ts'],
    });
    expect((await stored(client, String(data?.conversation), 1)).details).toMatchObject({
      files: [{ ranges: [{ from: 10, to: 12 }] }, { ranges: [{ from: 2, to: 3 }] }, { path: 'src/cart.ts' }],
    });
  });

  it('can be a prompt that needs arguments', async () => {
    const client = served();
    await client.callTool('save_prompt', {
      name: 'tone',
      body: 'Answer like a {{who}}.',
    });
    const { data } = await client.callTool('send_message', {
      text: 'Hi.',
      prompt: 'tone',
      arguments: { who: 'pirate' },
    });
    expect(data).toMatchObject({ status: 'answered' });
    expect(JSON.parse((await chats()).at(-1)?.body ?? '{}').messages[0].content).toBe('Answer like a pirate.\n\nHi.');
  });
});

describe('A conversation without a title', () => {
  it('gets one from its first question', async () => {
    const client = served();
    const conversation = (await client.callTool('create_conversation', {})).data?.id;
    await client.callTool('send_message', { conversation, text: 'What is a cart? I forgot.' });
    await client.callTool('send_message', { conversation, text: 'And a shop?' });
    const { data } = await client.callTool('list_conversations', {});
    expect(data?.conversations).toContainEqual(expect.objectContaining({ id: conversation, title: 'What is a cart?' }));
  });
});
