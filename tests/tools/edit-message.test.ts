import { describe, expect, it } from 'vitest';
import { sharedChatServer } from '../chats/chat-client.ts';

describe('edit_message', () => {
  const begin = sharedChatServer();

  it('writes a sibling on a new branch, and overwrites nothing', async () => {
    const { call, texts } = await begin();
    const { data } = await call('edit_message', { message: 3, text: 'Is it exact?' });
    expect(data).toMatchObject({ message: 5, branch: 'main~2' });
    expect(await texts('main~2')).toEqual(['Where is the total?', 'In `cart.ts`, function sumLines.', 'Is it exact?']);
    expect((await texts()).at(2)).toBe('Is it rounded?');
    expect((await call('get_conversation', { message: 5 })).data?.message).toMatchObject({
      supersedes: 3,
      kind: 'edit',
      parent: 2,
    });
  });

  it('moves the branch with in_place, and keeps its old end', async () => {
    const { id, call, texts } = await begin();
    expect((await call('edit_message', { message: 1, text: 'Where?', in_place: true })).data).toMatchObject({
      ...{ message: 5, branch: 'main', kept: 'main~2' },
    });
    expect(await texts()).toEqual(['Where?']);
    expect(await texts('main~2')).toHaveLength(4);
    expect((await call('edit_message', { message: 3, text: 'x', in_place: true })).text).toMatch(
      new RegExp(`^bad_input: ${id}/3 is not on branch "main"`),
    );
  });
});
