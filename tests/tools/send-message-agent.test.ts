import { beforeEach, describe, expect, it } from 'vitest';
import { sharedModelServer, sharedServer } from '../helpers/shared-server.ts';
import { shopProvider } from '../helpers/shop.ts';

const server = sharedModelServer();
const client = sharedServer(() => ({
  files: {
    'src/cart.ts': 'export function cartTotal(discount: number) {}\n',
    '.octant/agents/poet.md': '---\nname: poet\ndescription: Rhymes.\n---\nAnswer in rhymes.\n',
  },
  flags: ['--toolsets', 'chat,agents', '--models', 'medium=shop/a'],
  env: shopProvider(server),
}));
const names = ['a', 'b', 'c', 'd', 'small'];
const lists = {
  '/v1/models': { object: 'list', data: names.map((id) => ({ id, context_length: id === 'small' ? 2000 : 8192 })) },
};
beforeEach(() => server.play({ lists }));

const send = (args: Record<string, unknown>, options = {}) => client().callTool('send_message', args, options);
const bodies = async () => {
  const asked = (await server.journal()).filter(({ path }) => path.endsWith('/chat/completions'));
  return asked.map(({ body }) => JSON.parse(body));
};
const search = { name: 'search_files', arguments: '{"query":"cartTotal"}' };

describe('An agent in a conversation', () => {
  it('answers with its tools, and what it called is kept with its answer', async () => {
    const { data: first } = await send({ text: 'My cart is called Bert.' });
    await server.play({
      lists,
      chat: [
        { kind: 'answer', pieces: ['Let me look.'], toolCalls: [search] },
        { kind: 'answer', pieces: ['cartTotal is in src/cart.ts:1.'] },
      ],
    });
    const told: string[] = [];
    const { data, text } = await send(
      { conversation: first?.conversation, text: 'Where is its total?', agent: 'researcher' },
      { onprogress: ({ message = '' }) => told.push(message) },
    );
    expect(data).toMatchObject({
      ...{ status: 'answered', mode: 'model', model: 'shop/a', agent: 'researcher', answer: 4 },
      ...{ text: 'cartTotal is in src/cart.ts:1.', tokens: { input: 14, output: 6 } },
      calls: [expect.stringMatching(/^search_files \{"query":"cartTotal"\}: \d+ characters$/)],
    });
    expect(text).toContain('answered by shop/a (14 tokens in, 6 out) as researcher');
    expect(told.join('\n')).toMatch(/search_files .*: \d+ characters/);
    const [asked, again] = await bodies();
    expect(asked.messages[0].content).toMatch(/^You are the agent "researcher"[\s\S]*You answer the last message/);
    expect(asked.messages.slice(1).map(({ content }: { content: string }) => content)).toEqual([
      ...['My cart is called Bert.', 'OK', 'Where is its total?'],
    ]);
    expect(asked.tools.map((tool: { function: { name: string } }) => tool.function.name)).toContain('read_files');
    expect(JSON.stringify(again.messages)).toContain('src/cart.ts');

    const kept = await client().callTool('get_conversation', { conversation: data?.conversation, message: 4 });
    expect(kept.data?.message).toMatchObject({
      ...{ agent: 'researcher', calls: data?.calls },
      receipts: [expect.any(String), expect.any(String)],
    });
    expect(kept.text).toMatch(/#4 assistant \(shop\/a; as researcher[\s\S]*search_files .*\nreceipts: \w+/);
    await server.play({ lists });
    await send({ conversation: data?.conversation, text: 'Thanks.' });
    expect((await bodies())[0].messages).toHaveLength(5);
  });

  it('is one of the project, whose words weigh no more than the question', async () => {
    await send({ text: 'A cart?', agent: 'project/poet' });
    const [{ messages }] = await bodies();
    expect(messages[0].content).not.toContain('rhymes');
    expect(messages[1].content).toBe('Answer in rhymes.\n\nA cart?');
  });

  it('is kept unanswered where its model fails, and what it had said where it was stopped', async () => {
    await server.play({ lists, chat: [{ kind: 'http', status: 401 }] });
    const { data } = await send({ text: 'Where?', agent: 'researcher', model: 'shop/b' });
    expect(data).toMatchObject({ status: 'unanswered', question: 1, failure: { kind: 'key', again: 'no' } });
    await server.play({ lists, chat: [{ kind: 'answer', pieces: ['I look again.'], toolCalls: [search] }] });
    const stuck = await send({ conversation: data?.conversation, agent: 'researcher', model: 'shop/c' });
    expect(stuck.data).toMatchObject({ status: 'cut', answer: 2, failure: { kind: 'limit' }, text: 'I look again.' });
    expect(stuck.data?.note).toContain('It made the same calls, or wrong ones, again and again.');
  });

  it('leaves no conversation behind where it is unknown, or was given what it does not take', async () => {
    expect((await send({ text: 'Hi', agent: 'reseacher' })).text).toMatch(/^not_found: .*Known: researcher/);
    expect((await send({ text: 'Hi', agent: 'researcher', temperature: 0 })).text).toMatch(
      /^bad_input: "temperature": an agent has its own limits/,
    );
    expect((await send({ text: 'Hi', agent: 'researcher', dry_run: true })).data).toMatchObject({ asks: 'shop/a' });
    expect(await bodies()).toEqual([]);
  });
});

describe('A dry run', () => {
  it('tells what would be sent, asks nobody and keeps nothing', async () => {
    const before = await client().callTool('list_conversations', {});
    const { data, text } = await send({ text: 'What is a cart?', files: ['src/cart.ts'], dry_run: true });
    expect(data).toEqual({
      ...{ project: expect.any(String), status: 'preview', mode: 'offline', dry_run: true, asks: 'shop/a' },
      ...{ note: 'Nothing was asked, and nothing is kept.' },
      context: { messages: 1, from: 1, tokens: expect.any(Number), window: 8192, budget: expect.any(Number) },
    });
    expect(text).toMatch(
      /^1 message of about \d+ tokens would go to shop\/a, whose window is 8192, \d+ of it for them\./,
    );
    expect((await client().callTool('list_conversations', {})).data).toEqual(before.data);
    expect(await bodies()).toEqual([]);
  });

  it('knows of pins, of what was cleared, and of a summary that would be made first', async () => {
    const words = 'word '.repeat(150);
    const { data } = await send({ text: `Turn 0. ${words}`, model: 'shop/d' });
    const conversation = String(data?.conversation);
    for (let turn = 1; turn < 7; turn++) await send({ conversation, text: `Turn ${turn}. ${words}`, model: 'shop/d' });
    await client().callTool('update_conversation', { conversation, pin: [1] });
    await server.play({ lists });
    const long = await send({ conversation, text: `Last. ${words}`, model: 'shop/small', dry_run: true });
    expect(long.data).toMatchObject({
      note: expect.stringMatching(/^A summary of the messages up to #\d+ would be made first/),
      context: { kept: [1], left_out: { summarized: expect.any(Number) }, window: 2000 },
    });
    await client().callTool('clear_context', { conversation, message: 12 });
    const short = await send({ conversation, again: true, model: 'shop/small', dry_run: true });
    expect(short.data).toMatchObject({ context: { messages: 1, from: 13, left_out: { cleared: 12 } } });
    expect(short.text).toContain('Not as they are: 12 cleared');
    const refused = await send({ conversation, text: 'x '.repeat(9000), model: 'shop/small', dry_run: true });
    expect(refused.text).toMatch(/^limit: The conversation takes about \d+ tokens/);
    expect(await bodies()).toEqual([]);
  });
});
