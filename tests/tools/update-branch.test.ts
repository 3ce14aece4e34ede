import { describe, expect, it } from 'vitest';
import { sharedChatServer } from '../chats/chat-client.ts';

describe('update_branch', () => {
  const begin = sharedChatServer();

  it('renames, describes, archives and makes main', async () => {
    const { call } = await begin();
    await call('create_branch', { name: 'a', message: 2 });
    await call('update_branch', {
      branch: 'a',
      name: 'main',
      model: 'fake/wise',
      context_mode: 'minimal',
      status: 'archived',
    });
    expect((await call('update_branch', { branch: 'main (2)', main: true })).data).toMatchObject({
      branch: 'main (2)',
      head: 2,
    });
    const { data } = await call('get_conversation', { view: 'branches' });
    expect(data?.branches).toMatchObject([
      { branch: 'main' },
      { branch: 'main (2)', main: true, status: 'archived', model: 'fake/wise', context_mode: 'minimal' },
    ]);
    expect((await call('get_conversation')).data).toMatchObject({ branch: 'main (2)', total: 2 });
  });

  it('goes on at another message, and keeps what would be on no branch', async () => {
    const { call, texts } = await begin();
    expect((await call('update_branch', { head: 2 })).data).toMatchObject({ head: 2, kept: 'main~2' });
    expect(await texts()).toHaveLength(2);
    expect(await texts('main~2')).toHaveLength(4);
    expect((await call('update_branch', { head: 4, if_head: 4 })).text).toMatch(/^conflict: .*ends at message 2/);
    expect((await call('update_branch', { head: 4 })).data).not.toHaveProperty('kept');
  });
});
