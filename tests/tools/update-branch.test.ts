import { describe, expect, it } from 'vitest';
import { sharedChatServer } from '../chats/chat-client.ts';

describe('update_branch', () => {
  const begin = sharedChatServer();

  it('renames, describes, archives and makes main', async () => {
    const { call } = await begin();
    await call('create_branch', { name: 'a', message: 2 });
    const wanted = { name: 'main', model: 'fake/wise', context_mode: 'minimal', status: 'archived' };
    const { data: changed, text } = await call('update_branch', { branch: 'a', ...wanted });
    expect(changed).toMatchObject({
      ...{ branch: 'main (2)', status: 'archived', main: false },
      changed: [
        'named "main (2)", not "a"',
        'model "fake/wise"',
        'context "minimal", not "full"',
        'archived, not active',
      ],
    });
    expect(text).toMatch(
      /^Branch "main \(2\)" of C-1, which ends at #2 \(version \d+\): named .*; archived, not active\. It takes messages still/,
    );
    const same = await call('update_branch', { branch: 'main (2)', model: 'fake/wise' });
    expect(same.data).toMatchObject({ changed: [], version: changed?.version });
    expect(same.text).toContain(': nothing has changed.');
    const main = await call('update_branch', { branch: 'main (2)', main: true });
    expect(main.data).toMatchObject({ branch: 'main (2)', head: 2, main: true, changed: ['the main branch'] });
    expect(main.text).toMatch(/It is archived and the main branch still.*update_branch with "main": true/);
    const sent = await call('send_message', { text: 'Hi', model: 'low' });
    expect(sent.data?.note).toContain('The branch is archived; update_branch with "status": "active" brings it back.');
    const { data } = await call('get_conversation', { view: 'branches' });
    expect(data?.branches).toMatchObject([
      { branch: 'main' },
      { branch: 'main (2)', main: true, status: 'archived', model: 'fake/wise', context_mode: 'minimal' },
    ]);
    expect((await call('get_conversation')).data).toMatchObject({ branch: 'main (2)', total: 3 });
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
