import { describe, expect, it } from 'vitest';
import { sharedChatServer } from '../chats/chat-client.ts';

describe('delete_branch', () => {
  const begin = sharedChatServer();

  it('takes a branch away, keeps what others have of it, and restores it', async () => {
    const { id, call, say, texts } = await begin();
    await call('create_branch', { name: 'a', message: 2 });
    await say([['a?', 'a']], 'a');
    await call('create_branch', { name: 'b', from: 'a' });
    await call('delete_branch', { branch: 'a' });
    expect((await call('get_conversation', { branch: 'a' })).text).toMatch(/^not_found/);
    expect(await texts('b')).toHaveLength(4);
    await call('create_branch', { name: 'a' });
    expect((await call('delete_branch', { branch: 'a', restore: true })).data).toMatchObject({
      branch: 'a (2)',
      head: 6,
    });
    expect((await call('delete_branch', { branch: 'b', restore: true })).text).toMatch(
      new RegExp(`^not_found: No branch "b" of ${id} was deleted`),
    );
  });

  it('refuses the main branch, and one that has gone on', async () => {
    const { call } = await begin();
    expect((await call('delete_branch', { branch: 'main' })).text).toMatch(/^conflict: "main" is the main branch/);
    await call('create_branch', { name: 'a' });
    expect((await call('delete_branch', { branch: 'a', if_head: 1 })).text).toMatch(
      /^conflict: Branch "a" ends at message 4/,
    );
  });
});
