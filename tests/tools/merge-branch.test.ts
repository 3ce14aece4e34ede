import { describe, expect, it } from 'vitest';
import { sharedChatServer } from '../chats/chat-client.ts';
import { backends } from '../helpers/stores.ts';

describe.each(backends)('merge_branch on $name', ({ name, isThere }) => {
  const begin = sharedChatServer(name);

  async function forked() {
    const made = await begin();
    await made.call('create_branch', { name: 'try', message: 4 });
    await made.say(
      [
        ['one?', 'one'],
        ['two?', 'two'],
      ],
      'try',
    );
    return made;
  }

  it.skipIf(!isThere)(
    'moves forward where the target has nothing of its own, and says so when there is nothing new',
    async () => {
      const { call, texts } = await forked();
      const dry = await call('merge_branch', { source: 'try', dry_run: true });
      expect(dry.data).toMatchObject({ strategy: 'fast-forward', is_new: true, count: 4, base: 4 });
      expect((await call('merge_branch', { source: 'try' })).data).toMatchObject({
        strategy: 'fast-forward',
        head: 8,
        count: 4,
      });
      expect(await texts()).toEqual(await texts('try'));
      const again = await call('merge_branch', { source: 'try' });
      expect(again.data).toMatchObject({ is_new: false, head: 8 });
      expect(again.text).toContain('nothing was changed');
    },
  );

  it.skipIf(!isThere)('picks the last answer, or messages by number, once', async () => {
    const { id, call, say, texts } = await forked();
    await say([['main?', 'main']]);
    expect((await call('merge_branch', { source: 'try' })).data).toMatchObject({
      strategy: 'pick',
      messages: [8],
      head: 11,
    });
    expect((await texts()).slice(4)).toEqual(['main?', 'main', 'two']);
    expect((await call('merge_branch', { source: 'try' })).data).toMatchObject({ is_new: false });
    const some = await call('merge_branch', { source: 'try', strategy: 'pick', messages: [8, 5, 6] });
    expect(some.data).toMatchObject({ messages: [5, 6] });
    expect((await texts()).slice(4)).toEqual(['main?', 'main', 'two', 'one?', 'one']);
    expect((await call('merge_branch', { source: 'try', messages: [9] })).text).toMatch(
      new RegExp(`^bad_input: ${id}/9 is not on branch "try"`),
    );
  });

  it.skipIf(!isThere)('replays all, and later only what came since', async () => {
    const { call, say, texts } = await forked();
    await say([['main?', 'main']]);
    expect((await call('merge_branch', { source: 'try', strategy: 'replay' })).data).toMatchObject({
      messages: [5, 6, 7, 8],
    });
    expect((await call('merge_branch', { source: 'try', strategy: 'replay' })).data).toMatchObject({ is_new: false });
    await say([['three?', 'three']], 'try');
    expect((await call('merge_branch', { source: 'try', strategy: 'replay' })).data).toMatchObject({ count: 2 });
    expect((await texts()).slice(4)).toEqual(['main?', 'main', 'one?', 'one', 'two?', 'two', 'three?', 'three']);
    const { data } = await call('get_conversation', { limit: 1 });
    expect(data?.messages).toMatchObject([{ copied_from: 16, merged: 16, kind: 'copy' }]);
  });

  it.skipIf(!isThere)('adopts, and keeps the old end', async () => {
    const { call, say, texts } = await forked();
    await say([['main?', 'main']]);
    expect((await call('merge_branch', { source: 'try', strategy: 'adopt' })).data).toMatchObject({
      head: 8,
      kept: 'main~2',
    });
    expect((await texts('main~2')).slice(4)).toEqual(['main?', 'main']);
    expect(await texts()).toEqual(await texts('try'));
  });

  it.skipIf(!isThere)('checks both heads, and deletes the source where it is told to', async () => {
    const { call, say } = await forked();
    expect((await call('merge_branch', { source: 'try', if_head: 1 })).text).toMatch(
      /^conflict: Branch "main" ends at message 4/,
    );
    expect((await call('merge_branch', { source: 'try', if_source_head: 1 })).text).toMatch(
      /^conflict: Branch "try" ends at message 8/,
    );
    expect((await call('merge_branch', { source: 'main' })).text).toMatch(
      /^bad_input: "main" cannot be merged into itself/,
    );
    await say([['main?', 'main']]);
    expect((await call('merge_branch', { source: 'try', strategy: 'fast-forward' })).text).toMatch(
      /^conflict: "main" has messages that "try" has not/,
    );
    await call('merge_branch', { source: 'try', keep_source: false });
    expect((await call('get_conversation', { branch: 'try' })).text).toMatch(/^not_found/);
    expect((await call('delete_branch', { branch: 'try', restore: true })).data).toMatchObject({ head: 8 });
  });
});
