import { beforeEach, describe, expect, it } from 'vitest';
import { chatClient } from '../chats/chat-client.ts';
import { abortedAfter } from '../helpers/model-server.ts';
import { sharedModelServer, sharedServer } from '../helpers/shared-server.ts';
import { shopProvider } from '../helpers/shop.ts';

describe('compare_branches', () => {
  it('tells what branches share and dispute behind their fork', async () => {
    const { call, say } = await chatClient();
    await call('create_branch', { name: 'a' });
    await call('create_branch', { name: 'b' });
    await say([['Cache?', 'We should keep src/cart.ts and use cacheTotal. It takes 20 ms. I recommend Redis.']], 'a');
    await say(
      [['Cache?', 'We should keep src/cart.ts and use sum_lines. It takes 35 ms. I do not recommend Redis.']],
      'b',
    );
    const { data, text } = await call('compare_branches', { branches: ['a', 'b'] });
    expect(data).toMatchObject({ mode: 'offline', base: 4, branches: [{ branch: 'a', messages: 2 }, { branch: 'b' }] });
    expect(data?.facts).toEqual([
      { kind: 'files', shared: ['src/cart.ts'], only: [] },
      { kind: 'identifiers', shared: [], only: ['cacheTotal (a)', 'sum_lines (b)'] },
      { kind: 'numbers', shared: [], only: ['20ms (a)', '35ms (b)'] },
      {
        ...{ kind: 'verdicts', shared: ['keep'], only: [] },
        disputed: [{ one: 'recommend (a)', other: 'not recommend (b)' }],
      },
    ]);
    expect(data?.disputed_claims).toContainEqual({
      one: 'I recommend Redis. (a)',
      other: 'I do not recommend Redis. (b)',
    });
    expect(text).toContain('disputed: I recommend Redis. (a) | I do not recommend Redis. (b)');
    expect(text).toContain(data?.note);
    expect(data?.note).toMatch(/^shared: in all; only: in some, which are named; disputed: the same words with other/);
    expect((await call('compare_branches', { branches: ['a', 'a'] })).text).toMatch(/^bad_input: Name two branches/);
  });

  it('shares what all have, not what two of three have', async () => {
    const { call, say } = await chatClient();
    for (const [name, where] of Object.entries({ a: 'in the browser', b: 'in the browser', c: 'on another machine' })) {
      await call('create_branch', { name });
      await say([['Where?', `Sessions expire after lunch. The tokens are stored ${where}.`]], name);
    }
    const { data } = await call('compare_branches', { branches: ['a', 'b', 'c'] });
    expect(data).toMatchObject({
      shared_claims: ['Sessions expire after lunch.'],
      only_claims: ['The tokens are stored in the browser. (a, b)', 'The tokens are stored on another machine. (c)'],
    });
  });

  it('quotes no secret and no escape of a terminal', async () => {
    const { call, say } = await chatClient();
    const key = ['ghp', '_', 'a1B2c3D4e5'.repeat(4).slice(0, 36)].join('');
    for (const name of ['a', 'b']) {
      await call('create_branch', { name });
      await say([['Key?', `\u001b[31mThe deploy key of branch ${name} is ${key} and stays.\u001b[0m`]], name);
    }
    const { data, text } = await call('compare_branches', { branches: ['a', 'b'] });
    for (const face of [text, JSON.stringify(data)]) expect(face).not.toMatch(/ghp_|\[31m|\[0m|\p{Cc}(?<!\n)/u);
    expect(text).toContain('[redacted: ');
  });
});

describe('compare_branches with models', () => {
  const server = sharedModelServer();
  const client = sharedServer(() => ({ flags: ['--toolsets', 'chat,agents'], env: shopProvider(server) }));
  const names = ['one', 'two', 'three'].map((id) => ({ id, object: 'model', context_length: 8192 }));
  const lists = { '/v1/models': { object: 'list', data: names } };
  beforeEach(() => server.play({ lists }));

  const compare = (args: Record<string, unknown>, options = {}) => client().callTool('compare_branches', args, options);
  const chats = async () => (await server.journal()).filter(({ path }) => path.endsWith('/chat/completions'));

  async function ask(text = 'Map or Redis?') {
    const { data } = await client().callTool('send_message', { text, model: 'shop/one' });
    return String(data?.conversation);
  }

  it('has several answer one question side by side, each on a branch of its own', async () => {
    const conversation = await ask();
    await server.play({
      lists,
      chat: [
        { kind: 'answer', pieces: ['Take a Map. The cache then needs 2 MB.'] },
        { kind: 'answer', pieces: ['Take a Map. The cache then needs 9 MB.'] },
      ],
    });
    const { data, text } = await compare({ conversation, models: ['shop/one', 'shop/two'] });
    expect(data).toMatchObject({
      ...{ mode: 'model', model: 'shop/one, shop/two', question: 1, base: 1 },
      branches: [
        { branch: 'shop/one', messages: 1 },
        { branch: 'shop/two', messages: 1 },
      ],
      answers: [
        { model: 'shop/one', branch: 'shop/one', status: 'answered', text: expect.stringContaining('Take a Map.') },
        { model: 'shop/two', branch: 'shop/two', status: 'answered' },
      ],
      shared_claims: ['Take a Map.'],
    });
    expect(text).toContain('shop/one (answered, branch "shop/one", #');
    expect(text).toMatch(/disputed: The cache then needs \d MB\. \(shop\/\w+\) \| The cache then needs \d MB\./);
    for (const { body } of await chats()) {
      expect(JSON.parse(body).messages).toEqual([{ role: 'user', content: 'Map or Redis?' }]);
    }
    const main = await client().callTool('get_conversation', { conversation, branch: 'main' });
    expect(main.data).toMatchObject({ head: 2, total: 2 });
    const on = await client().callTool('send_message', { conversation, branch: 'shop/two', text: 'Why?' });
    expect(on.data).toMatchObject({ branch: 'shop/two', model: 'shop/two', status: 'answered' });
    const later = await compare({ conversation, message: 1 });
    expect(later.data).toMatchObject({
      mode: 'offline',
      branches: [{ branch: 'main' }, { branch: 'shop/one' }, { branch: 'shop/two', messages: 3 }],
    });
  });

  it('keeps the answers of the others where one fails, and asks nobody twice under one request id', async () => {
    const conversation = await ask();
    await server.play({
      lists,
      chat: [
        { kind: 'http', status: 401 },
        { kind: 'answer', pieces: ['Redis.'] },
      ],
    });
    const args = { conversation, models: ['shop/one', 'shop/two'], request_id: `both-${conversation}` };
    const { data, text } = await compare(args);
    const answers = Array.isArray(data?.answers) ? data.answers : [];
    expect(answers.map(({ status }) => status).sort()).toEqual(['answered', 'unanswered']);
    const failed = answers.find(({ status }) => status === 'unanswered');
    expect(failed.failure).toMatch(/changes nothing: the operator has to give another API key/);
    expect(data?.note).toMatch(/^1 of 2 models have answered in full\. send_message with the "branch"/);
    expect(data).toMatchObject({ mode: 'model', branches: [{ branch: 'main' }, { branch: /shop\/(one|two)/ }] });
    expect(text).toContain(failed.failure);
    await server.play({ lists, chat: [{ kind: 'answer', pieces: ['A Map.'] }] });
    const again = await compare(args);
    expect(again.data).toMatchObject({ answers: [{ status: 'answered' }, { status: 'answered' }] });
    expect(await chats()).toHaveLength(1);
    const third = await compare(args);
    expect(third.data).toMatchObject({ answers: again.data?.answers });
    expect(await chats()).toHaveLength(1);
  });

  it('makes nothing for a question that cannot be answered, or a model that nobody has', async () => {
    const conversation = await ask();
    const models = ['shop/one', 'shop/two'];
    expect((await compare({ conversation, models, message: 2 })).text).toMatch(/^bad_input: C-\d+\/2 is no question/);
    expect((await compare({ conversation, models: ['none/x', 'shop/one'] })).text).toMatch(/^not_found: /);
    const { data } = await client().callTool('get_conversation', { conversation, view: 'branches' });
    expect(data?.branches).toHaveLength(1);
  });

  it('stops all of them when it is cancelled, and keeps what has come', async () => {
    const conversation = await ask();
    const stall = { at: 1, act: 'stall' as const };
    await server.play({ lists, chat: [{ kind: 'answer', pieces: ['Half ', 'more'], fault: stall }] });
    const cancel = new AbortController();
    const sent = compare({ conversation, models: ['shop/two', 'shop/three'] }, { signal: cancel.signal });
    await expect.poll(chats, { timeout: 10_000 }).toHaveLength(2);
    cancel.abort();
    await expect(sent).rejects.toThrow();
    expect(await abortedAfter(server)).toBeGreaterThan(0);
    const { data } = await client().callTool('get_conversation', { conversation, view: 'branches' });
    expect(data?.branches).toMatchObject([{ branch: 'main' }, { branch: 'shop/two' }, { branch: 'shop/three' }]);
  });
});
