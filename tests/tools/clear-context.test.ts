import { describe, expect, it } from 'vitest';
import { chatClient } from '../chats/chat-client.ts';

describe('clear_context', () => {
  it('lets the context begin behind the end of a branch, for what goes on from there, and undoes it', async () => {
    const { call, chats, folder, texts } = await chatClient();
    const id = folder.slice(folder.lastIndexOf('/') + 1).toLowerCase();
    await call('create_branch', { name: 'before', message: 2 });
    expect((await call('clear_context')).data).toMatchObject({ message: 4, branch: 'main', cleared: true });
    await call('create_branch', { name: 'behind' });
    expect(await texts()).toHaveLength(4);
    const start = async (branch: string) => {
      const { branch: found } = await chats.get(id, 1, branch);
      return (await chats.anchors(id, 1, found.head)).start;
    };
    expect([await start('main'), await start('behind'), await start('before')]).toEqual([4, 4, undefined]);
    expect((await call('clear_context', { message: 2 })).data).toMatchObject({ message: 2 });
    expect((await call('clear_context', { undo: true })).data).toMatchObject({ message: 4, cleared: false });
    expect(await start('main')).toBe(2);
    await call('clear_context', { undo: true });
    expect((await call('clear_context', { undo: true })).text).toMatch(
      /^conflict: The context of branch "main" was not cleared/,
    );
    await call('update_conversation', { undo: true });
    expect(await start('main')).toBe(2);
  });
});
