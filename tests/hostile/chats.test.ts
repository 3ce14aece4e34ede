import { describe, expect, it } from 'vitest';
import { sharedChatServer } from '../chats/chat-client.ts';
import { projectOf } from '../chats/stored-chats.ts';
import { backends } from '../helpers/stores.ts';

const names = [
  "o'neil",
  '"; drop table chat_branches; --',
  '%_',
  '../..',
  '<b>&',
  '😀 家族',
  '__proto__',
  'constructor',
  'a\tb',
  '(2)',
  '~2',
  ' x ',
];
const by = { source: 'human' };

describe.each(backends)('Hostile input to conversations on $name', ({ name, isThere }) => {
  const begin = sharedChatServer(name);

  it.skipIf(!isThere)('any name of a branch is one branch', async () => {
    const { call } = await begin();
    for (const each of names) {
      const { data, isError } = await call('create_branch', { name: each });
      expect(isError).toBe(false);
      const branch = String(data?.branch);
      expect((await call('get_conversation', { branch })).data).toMatchObject({ branch, total: 4 });
      expect((await call('update_conversation', { metadata: { [each.trim()]: each } })).isError).toBe(false);
    }
    expect((await call('get_conversation', { view: 'branches', limit: 200 })).data?.branches).toHaveLength(
      names.length + 1,
    );
    expect((await call('create_branch', { name: '\u200b\u202e' })).text).toMatch(/^bad_input/);
    for (const blank of ['', ' \n', '\u200b\u202e']) {
      expect((await call('send_message', { text: blank })).text).toMatch(/^bad_input: text: has nothing to read/);
    }
  });

  it.skipIf(!isThere)(
    'a message of a million characters is kept, shown in parts, and a longer one refused',
    async () => {
      const { call, say, chats, folder, number } = await begin();
      const long = 'wörd 😀 '.repeat(125_000);
      await say([[long, 'short']]);
      const page = await call('get_conversation');
      expect(page.text.length).toBeLessThan(10_500);
      expect(JSON.stringify(page.data).length).toBeLessThan(10_500);
      let read = '';
      for (let offset: unknown = 0; offset !== undefined; ) {
        const { data } = await call('get_conversation', { message: 5, offset, max_characters: 200_000 });
        const { text, next_offset: next } = Object(data?.message);
        read += text;
        offset = next;
      }
      expect(read.length).toBe(long.length);
      expect((await call('get_conversation', { view: 'tree' })).text.length).toBeLessThan(10_000);
      const more = { question: { text: `${long}${'x'.repeat(100)}` }, details: {} };
      await expect(chats.turns.begin(projectOf(folder), number, more, by)).rejects.toThrow(/may have 1000000/);
    },
  );

  it.skipIf(!isThere)('two servers: one deletes what the other branches from', async () => {
    const { id, number, call, chats, folder } = await begin();
    const project = projectOf(folder);
    for (let round = 0; round < 8; round++) {
      const source = `source ${round}`;
      await call('create_branch', { name: source, message: 3 });
      const [gone, made] = await Promise.allSettled([
        chats.removeBranch(project, number, source, { restore: false }, by),
        call('create_branch', { from: source, name: `made ${round}` }),
      ]);
      expect(gone.status).toBe('fulfilled');
      if (made.status === 'rejected') throw made.reason;
      const answer = made.value.isError ? made.value.text : made.value.data?.head;
      expect([3, `not_found: There is no branch "source ${round}" in ${id}`]).toContain(
        typeof answer === 'string' ? answer.split('.')[0] : answer,
      );
    }
    const turn = await chats.turns.begin(project, number, { branch: 'main', question: { text: 'q' }, details: {} }, by);
    await call('delete_conversation', { purge: true });
    const end = chats.turns.end(turn, { status: 'done', answer: { text: 'a', details: {} }, details: {} }, by);
    await expect(end).rejects.toThrow(new RegExp(`There is no ${id}\\b`));
  });

  it.skipIf(!isThere)('one request id under which two servers ask at once is one change', async () => {
    const { call } = await begin();
    const asked = { name: 'once', request_id: 'r-1' };
    const answers = await Promise.all(Array.from({ length: 6 }, () => call('create_branch', asked)));
    expect(new Set(answers.map(({ data }) => JSON.stringify(data))).size).toBe(1);
    expect((await call('get_conversation', { view: 'branches' })).data?.branches).toHaveLength(2);
  });
});
