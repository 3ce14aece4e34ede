import { describe, expect, it } from 'vitest';
import { chatClient, sharedChatServer } from '../chats/chat-client.ts';
import { runOctant } from '../helpers/command.ts';
import { backends } from '../helpers/stores.ts';

describe.each(backends)('delete_message on $name', ({ name, isThere }) => {
  const begin = sharedChatServer(name);

  it.skipIf(!isThere)('hides a message on all branches, and restores it', async () => {
    const { call, texts } = await begin();
    await call('create_branch', { name: 'a', message: 3 });
    await call('delete_message', { message: 2, reason: 'wrong file' });
    expect((await texts('a')).at(1)).toBe('(deleted)');
    expect(await texts()).toHaveLength(4);
    expect((await call('get_conversation', { message: 2 })).text).not.toContain('cart.ts');
    expect((await call('get_conversation', { view: 'export' })).text).not.toContain('cart.ts');
    await call('delete_message', { message: 2, restore: true });
    expect((await texts()).at(1)).toContain('cart.ts');
  });

  it.skipIf(!isThere)('purges its text and that of its copies, from the store and from exports', async () => {
    const { id, call, say, backend } = await begin();
    await call('create_branch', { name: 'a', message: 2 });
    await say([['The word?', 'swordfish']], 'a');
    await call('merge_branch', { source: 'a', strategy: 'pick' });
    expect(runOctant(['export', ...backend.flags]).stdout.match(/swordfish/g)).toHaveLength(2);
    expect((await call('delete_message', { message: 6, purge: true })).data).toMatchObject({
      state: 'purged',
      copies: 1,
    });
    expect(runOctant(['export', ...backend.flags]).stdout).not.toContain('swordfish');
    expect((await call('get_conversation', { message: 6 })).data?.message).toMatchObject({ text: '(purged)' });
    expect((await call('delete_message', { message: 6, restore: true })).text).toMatch(
      new RegExp(`^conflict: ${id}/6 was purged`),
    );
  });

  it.skipIf(!isThere)('purges the title that a message gave, from the history too, and no other title', async () => {
    const { client, call, say, backend } = await chatClient(name);
    const titled = (title: string) => ({ conversations: expect.arrayContaining([expect.objectContaining({ title })]) });
    const listed = async () => (await client.callTool('list_conversations', {})).data;
    await call('delete_message', { message: 1, purge: true });
    expect(await listed()).toMatchObject(titled('Carts'));
    await client.callTool('create_conversation', { title: 'The word is swordfish' }); // as send_message does
    await say([['The word is swordfish. Keep it', 'I do.']], undefined, 2);
    const second = { conversation: 'C-2' };
    await client.callTool('update_conversation', { ...second, model: 'shop/small' });
    expect(await listed()).toMatchObject(titled('The word is swordfish'));
    await client.callTool('delete_message', { ...second, message: 1, purge: true });
    expect(await listed()).toMatchObject(titled('Untitled'));
    const store = backend.open();
    const events = await store.read(({ db }) => db.selectFrom('events').selectAll().execute());
    await store.close();
    expect(JSON.stringify(events)).not.toContain('swordfish');
    await client.callTool('update_conversation', { ...second, undo: true });
    expect(await listed()).toMatchObject(titled('Untitled'));
  });
});
