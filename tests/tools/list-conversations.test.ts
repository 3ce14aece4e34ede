import { describe, expect, it } from 'vitest';
import { chatClient } from '../chats/chat-client.ts';
import { backends } from '../helpers/stores.ts';

describe.each(backends)('list_conversations on $name', ({ name, isThere }) => {
  it.skipIf(!isThere)('lists by change or age, by page, and archived ones apart', async () => {
    const { client, call } = await chatClient(name);
    for (let count = 2; count <= 5; count++) await client.callTool('create_conversation', { title: `T${count}` });
    await call('update_conversation', { conversation: 'C-3', archived: true });
    await call('update_conversation', { conversation: 'C-2', title: 'Last' });
    const ids = async (args: Record<string, unknown>) => {
      const seen: string[] = [];
      for (let cursor: unknown, isFirst = true; isFirst || cursor; isFirst = false) {
        const { data } = await client.callTool('list_conversations', { ...args, ...(isFirst ? {} : { cursor }) });
        const rows = Array.isArray(data?.conversations) ? data.conversations : [];
        seen.push(...rows.map((row) => String(row.id)));
        cursor = data?.next_cursor;
      }
      return seen;
    };
    expect(await ids({ limit: 2 })).toEqual(['C-2', 'C-5', 'C-4', 'C-1']);
    expect(await ids({ order: 'created', limit: 3 })).toEqual(['C-5', 'C-4', 'C-2', 'C-1']);
    expect(await ids({ state: 'archived' })).toEqual(['C-3']);
  });

  it.skipIf(!isThere)('finds words on any branch, and says on which', async () => {
    const { client, call, say } = await chatClient(name);
    await call('create_branch', { name: 'try redis', message: 2 });
    await say([['And in a cache?', 'Redis keeps vouchers well.']], 'try redis');
    const found = await client.callTool('list_conversations', { text: 'vouch redis' });
    expect(found.data).toMatchObject({ hits: [{ id: 'C-1', branch: 'try redis', message: 6 }] });
    expect(found.text).toContain('C-1/6 assistant on "try redis" of Carts');
    expect((await client.callTool('list_conversations', { text: 'ROUNDED' })).data).toMatchObject({
      hits: [{ branch: 'main', message: 3 }],
    });

    await call('delete_message', { message: 6 });
    expect((await client.callTool('list_conversations', { text: 'vouchers' })).data).toMatchObject({ hits: [] });
    await call('delete_message', { message: 6, restore: true });
    await call('delete_branch', { branch: 'try redis' });
    expect((await client.callTool('list_conversations', { text: 'vouchers' })).data).toMatchObject({ hits: [] });
    expect((await client.callTool('list_conversations', { text: 'total' })).data).toMatchObject({
      hits: [{ message: 1, branch: 'main' }],
    });
  });

  it.skipIf(!isThere)('gives every hit once over the pages', async () => {
    const { client, say } = await chatClient(name);
    await say(Array.from({ length: 12 }, (_, at) => [`needle ${at}?`, `needle, ${'straw '.repeat(60)}`] as const));
    const seen: unknown[] = [];
    for (let cursor: unknown, isFirst = true; isFirst || cursor; isFirst = false) {
      const asked = { text: 'needle', limit: 5, ...(isFirst ? {} : { cursor }) };
      const { data } = await client.callTool('list_conversations', asked);
      seen.push(...(Array.isArray(data?.hits) ? data.hits.map((hit) => hit.message) : []));
      cursor = data?.next_cursor;
    }
    expect(seen).toEqual(Array.from({ length: 24 }, (_, at) => 28 - at));
  });
});
