import { describe, expect, it } from 'vitest';
import { sharedChatServer } from '../chats/chat-client.ts';

describe('create_branch', () => {
  const begin = sharedChatServer();

  it('forks after or before any message, and copies none', async () => {
    const { call, texts } = await begin();
    expect((await call('create_branch', { name: 'a', message: 3 })).data).toMatchObject({ branch: 'a', head: 3 });
    expect((await call('create_branch', { message: 1, position: 'before' })).data).toMatchObject({
      branch: 'main~2',
      head: 0,
    });
    expect(await texts('a')).toHaveLength(3);
    expect(await texts('main~2')).toEqual([]);
    expect((await call('get_conversation', { view: 'export' })).data?.messages).toHaveLength(4);
  });

  it('numbers names that are taken, and does one request once', async () => {
    const { call } = await begin();
    const names: unknown[] = [];
    for (let count = 0; count < 12; count++) names.push((await call('create_branch', { name: 'try' })).data?.branch);
    expect(names.slice(0, 3)).toEqual(['try', 'try (2)', 'try (3)']);
    expect(new Set(names).size).toBe(12);
    const once = await call('create_branch', { name: 'once', request_id: 'r-1' });
    expect((await call('create_branch', { name: 'once', request_id: 'r-1' })).data).toEqual(once.data);
  });

  it('refuses a branch that has gone on, and a message that is not there', async () => {
    const { id, call } = await begin();
    expect((await call('create_branch', { if_head: 2 })).text).toMatch(/^conflict: Branch "main" ends at message 4/);
    expect((await call('create_branch', { message: 9 })).text).toMatch(new RegExp(`^not_found: There is no ${id}/9`));
  });
});
