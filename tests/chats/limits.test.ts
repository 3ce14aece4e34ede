import { describe, expect, it } from 'vitest';
import type { Chats } from '../../src/chats/chats.ts';
import { chatClient } from './chat-client.ts';
import { projectOf } from './stored-chats.ts';

const author = { source: 'human' };
/** Takes two characters in JSON for each of its own. */
const quotes = (length: number) => '"'.repeat(length);
const numbers = Array.from({ length: 50 }, (_, at) => at);

describe('get_conversation with everything at its maximum', () => {
  it('keeps every answer within its limit, in both faces, and loses nothing by page', async () => {
    const { call, chats, folder } = await chatClient();
    await fillUp(chats, folder);
    const asked = [
      {},
      { format: 'markdown' },
      { order: 'oldest', own: true },
      { message: 5 },
      { view: 'branches' },
      { view: 'tree' },
      { view: 'tree', format: 'mermaid' },
      { view: 'export' },
      { since: 1 },
    ];
    for (const max_characters of [2000, 10_000, 40_000]) {
      for (const args of asked) {
        const { text, data, isError } = await call('get_conversation', { ...args, max_characters });
        const about = JSON.stringify({ ...args, max_characters });
        expect(isError, `${about}: ${text.slice(0, 200)}`).toBeFalsy();
        expect(text.length, about).toBeLessThanOrEqual(max_characters);
        expect(JSON.stringify(data).length, about).toBeLessThanOrEqual(max_characters);
      }
    }
    const all = { branches: 64, messages: 27 };
    expect(await countPages({ view: 'export' })).toEqual(all);
    expect(await countPages({ since: 0 })).toEqual(all);

    async function countPages(args: Record<string, unknown>) {
      const found = { branches: new Set<string>(), messages: new Set<number>() };
      for (let cursor: unknown, first = true; first || cursor !== undefined; first = false) {
        const { data, text } = await call('get_conversation', { ...args, ...(first ? {} : { cursor }) });
        for (const { branch } of listOf(data?.branches)) found.branches.add(branch);
        for (const { message } of listOf(data?.messages)) found.messages.add(message);
        expect(data).toMatchObject({ total_branches: all.branches, total_messages: all.messages });
        expect(text).toContain(
          ` of ${all.branches} branches, ${listOf(data?.messages).length} of ${all.messages} messages`,
        );
        cursor = data?.next_cursor;
      }
      return { branches: found.branches.size, messages: found.messages.size };
    }
  });

  it('reads on through a message of any length, and does not call a whole one cut', async () => {
    const { call, chats, folder } = await chatClient();
    const text = `${'"😀\n'.repeat(10_000)}end`;
    const begin = { question: { text }, details: {} };
    await chats.turns.begin(projectOf(folder), 1, begin, author);
    let found = '';
    for (let offset: unknown = 0; offset !== undefined; ) {
      const { data } = await call('get_conversation', { message: 5, offset });
      const { text: part, next_offset: next } = Object(data?.message);
      found += part;
      offset = next;
    }
    expect(found).toBe(text);
    const whole = await call('get_conversation', { message: 1 });
    expect(whole.text).not.toContain('cut');
    expect(whole.data?.message).not.toHaveProperty('characters');
  });
});

describe('octant://conversations/{id}/tree with everything at its maximum', () => {
  it('stops at its limit, and says where the rest is', async () => {
    const { client, chats, folder } = await chatClient();
    await fillUp(chats, folder);
    for (let at = 0; at < 80; at++) {
      const details = { description: quotes(2000), model: quotes(200) };
      await chats.fork(projectOf(folder), 1, { position: 'after', name: `t${at}${quotes(97)}`, ...details }, author);
    }
    const [{ text = '' } = {}] = await client.readResource('octant://conversations/C-1/tree');
    expect(text.length).toBeLessThan(150_000);
    const { branches, lines, ...tree } = JSON.parse(text);
    expect(tree).toMatchObject({ is_cut: true, more: expect.stringContaining('get_conversation with "view"') });
    expect([branches.length, lines.length].every((count) => count > 10)).toBe(true);
  });
});

function listOf(value: unknown) {
  return Array.isArray(value) ? value : [];
}

async function fillUp(chats: Chats, folder: string) {
  const project = projectOf(folder);
  for (const at of numbers.slice(0, 3)) {
    const turn = await chats.turns.begin(project, 1, { question: { text: quotes(500_000) }, details: {} }, author);
    const answer = { text: `${at}\n# "head"\n`.repeat(80_000), cost: 0.123456789, details: { model: quotes(200) } };
    await chats.turns.end(turn, { status: 'interrupted', answer, details: {} }, author);
  }
  await chats.removeMessage(project, 1, 4, { how: 'delete', reason: quotes(1000) }, author);
  for (const at of numbers) {
    const details = { description: quotes(2000), model: quotes(200), contextMode: 'partial' } as const;
    await chats.fork(project, 1, { position: 'after', name: `${at}${quotes(98)}`, ...details }, author);
  }
  for (const at of numbers.slice(0, 13)) {
    const text = `${at}"\n${quotes(100)}`;
    await chats.editMessage(project, 1, 3, { text, isInPlace: false, name: `e${at}${quotes(98)}` }, author);
  }
  await chats.updateBranch(project, 1, 'main', { model: quotes(200), description: quotes(2000) }, author);
  for (let at = 0; at < 4; at++) {
    const begin = { question: { text: quotes(3000) }, details: {} };
    const turn = await chats.turns.begin(project, 1, begin, author);
    await chats.turns.beat(turn, quotes(5000));
  }
  const messages = Array.from({ length: 10 }, (_, at) => at + 1);
  await chats.update(
    project,
    1,
    {
      title: quotes(200),
      model: quotes(200),
      system: quotes(50_000),
      metadata: Object.fromEntries(numbers.map((at) => [`${at}${quotes(98)}`, quotes(500)])),
      pin: messages,
      bookmark: messages.map((message) => ({ message, label: quotes(100) })),
    },
    author,
  );
}
