import { describe, expect, it } from 'vitest';
import { sharedChatServer } from '../chats/chat-client.ts';

describe('update_conversation', () => {
  const begin = sharedChatServer();

  it('changes what is given, and undo takes it back and brings it back', async () => {
    const { call } = await begin();
    const shown = async () => (await call('get_conversation')).data?.conversation;
    const before = await shown();
    const changed = await call('update_conversation', {
      title: 'Sums',
      pin: [2],
      bookmark: ['3 the question'],
      metadata: { a: '1' },
    });
    const after = { title: 'Sums', pins: [2], bookmarks: ['3 the question'], metadata: { a: '1' } };
    expect(await shown()).toMatchObject(after);
    expect(changed.data).toMatchObject({
      changed: ['title "Sums", not "Carts"', 'field "a" "1"', 'bookmarked #3', 'pinned #2'],
    });
    const undone = await call('update_conversation', { undo: true });
    expect(undone.data).toMatchObject({
      changed: ['title "Carts", not "Sums"', 'field "a" taken away, was "1"', 'not bookmarked #3', 'not pinned #2'],
    });
    expect(undone.text).toMatch(/^C-1 "Carts" in .*: taken back \(undo again brings it back\)\. Now: title "Carts"/);
    expect(await shown()).toMatchObject({ title: 'Carts' });
    expect(Object.keys(Object(await shown())).sort()).toEqual(Object.keys(Object(before)).sort());
    await call('update_conversation', { undo: true });
    expect(await shown()).toMatchObject(after);
    await call('update_conversation', { unpin: [2], metadata: { a: '' }, model: 'fake/wise' });
    expect(await shown()).not.toHaveProperty('pins');
    expect(await shown()).not.toHaveProperty('metadata');
    expect(await shown()).toMatchObject({ model: 'fake/wise' });
  });

  it('refuses what is not there, and a version that is over', async () => {
    const { id, call } = await begin();
    expect((await call('update_conversation', { pin: [99] })).text).toMatch(
      new RegExp(`^not_found: There is no ${id}/99`),
    );
    expect((await call('update_conversation', { title: 'x', if_version: 1 })).text).toMatch(
      new RegExp(`^conflict: ${id} has version \\d+ by now, not 1`),
    );
    expect((await call('update_conversation', { undo: true })).text).toMatch(
      new RegExp(`^conflict: Nothing of ${id} can be undone`),
    );
    expect((await call('update_conversation', { undo: true, title: 'x' })).text).toMatch(
      /^bad_input: .*leave out title/,
    );
  });
});
