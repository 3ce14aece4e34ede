import { describe, expect, it } from 'vitest';
import { deadMs } from '../../src/store/signs-of-life.ts';
import { chatClient } from '../chats/chat-client.ts';
import { projectOf } from '../chats/stored-chats.ts';
import { backends } from '../helpers/stores.ts';

describe.each(backends)('send_message without text on $name', ({ name, isThere }) => {
  it.skipIf(!isThere)('answers no older question while one is open, and that one once its server is dead', async () => {
    const { call, say, chats, folder, backend } = await chatClient(name);
    const author = { source: 'human' };
    const ask = (text: string) => chats.turns.begin(projectOf(folder), 1, { question: { text }, details: {} }, author);
    const first = await ask('Which currency?'); // 5
    await chats.turns.end(first, { status: 'failed', details: {} }, author);
    const turn = await ask('And the tax?'); // 6
    const told = await call('send_message');
    expect(told.text).toMatch(/^conflict: C-1\/6 is open: .* after 15 s\. Wait for its answer with get_conversation/);
    const store = backend.open();
    await store.write('test', ({ db, now }) =>
      db
        .updateTable('chat_turns')
        .set({ beat_at: now - deadMs - 1 })
        .where('id', '=', turn.id)
        .execute(),
    );
    await store.close();
    expect((await call('send_message')).data).toMatchObject({ branch: 'main', question: 6 });
    await say([['Never mind.', 'Fine.']]);
    expect((await call('send_message')).text).toMatch(/^bad_input: C-1\/8, the last message, is answered/);
  });
});
