import { describe, expect, it } from 'vitest';
import { sharedChatServer } from '../chats/chat-client.ts';
import { projectOf } from '../chats/stored-chats.ts';
import { backends } from '../helpers/stores.ts';

const by = { source: 'human' };

describe.each(backends)('get_conversation on $name', ({ name, isThere }) => {
  const begin = sharedChatServer(name);

  it.skipIf(!isThere)('shows a branch with what was said before its fork, or only its own', async () => {
    const { call, say, texts } = await begin();
    await call('create_branch', { name: 'exact', message: 3, position: 'before' });
    await say([['Is it exact?', 'To the cent.']], 'exact');
    expect(await texts('exact')).toEqual([
      'Where is the total?',
      'In `cart.ts`, function sumLines.',
      'Is it exact?',
      'To the cent.',
    ]);
    const own = await call('get_conversation', { branch: 'exact', own: true });
    expect(own.data).toMatchObject({ total: 2, messages: [{ message: 6 }, { message: 5, parent: 2 }] });
    const branches = await call('get_conversation', { view: 'branches' });
    expect(branches.data).toMatchObject({
      branches: [
        { branch: 'main', main: true, messages: 4, own_messages: 4, cost: 0.002, head: 4 },
        { branch: 'exact', base: 2, messages: 4, own_messages: 2, head: 6 },
      ],
    });
    expect(branches.text).toContain('exact (ends at #6; from #2; 4 messages, 2 of its own;');
  });

  it.skipIf(!isThere)('pages that fit together while others write', async () => {
    const { call, say } = await begin();
    await say(Array.from({ length: 10 }, (_, at) => [`q${at}`, `a${at}`] as const));
    const first = await call('get_conversation', { limit: 10 });
    await say([['late?', 'late']]);
    const second = await call('get_conversation', { limit: 10, cursor: first.data?.next_cursor });
    const third = await call('get_conversation', { limit: 10, cursor: second.data?.next_cursor });
    const numbers = [first, second, third].flatMap(({ data }) =>
      Array.isArray(data?.messages) ? data.messages.map(({ message }) => message) : [],
    );
    expect(numbers).toEqual(Array.from({ length: 24 }, (_, at) => 24 - at));
    expect(third.data?.next_cursor).toBeUndefined();
    const forged = await call('get_conversation', { limit: 9, cursor: first.data?.next_cursor });
    expect(forged.text).toMatch(/^bad_input: The cursor does not belong/);
  });

  it.skipIf(!isThere)('draws the tree by its turnings', async () => {
    const { call, say } = await begin();
    await call('edit_message', { message: 3, text: 'Is it "exact" <b>?', name: 'exact' });
    const { data, text } = await call('get_conversation', { view: 'tree' });
    expect(data).toMatchObject({
      total_messages: 5,
      max_depth: 3,
      lines: [
        { from: 1, to: 4, count: 4 },
        { from: 5, parent: 2, line: 1 },
      ],
    });
    expect(text).toContain(
      '#1 to #4, 4 messages: user: Where is the total? [main #4]\n  after #2: #5: user: Is it "exact" <b>? [exact #5]',
    );
    const graph = await call('get_conversation', { view: 'tree', format: 'mermaid' });
    expect(graph.data?.content).toContain('m5["5 · Is it #quot;exact#quot;  b ? · exact  5"]\n  m1 -->|after 2| m5');
    await say([['more?', 'more']], 'exact');
    const page = await call('get_conversation', { view: 'tree', limit: 1 });
    expect(
      (await call('get_conversation', { view: 'tree', limit: 1, cursor: page.data?.next_cursor })).data,
    ).toMatchObject({
      lines: [{ from: 5, to: 7, heads: ['exact #7'] }],
    });
  });

  it.skipIf(!isThere)('tells what has changed since a version', async () => {
    const { call, say } = await begin();
    const before = await call('get_conversation');
    const { version } = Object(before.data?.conversation);
    await say([['new?', 'new']]);
    await call('delete_message', { message: 2, reason: 'wrong' });
    const { data } = await call('get_conversation', { since: version });
    expect(data).toMatchObject({
      messages: [{ message: 5 }, { message: 6 }, { message: 2, deleted: 'wrong', text: '(deleted)' }],
      branches: [{ branch: 'main', head: 6 }],
    });
    const { version: now } = Object(data?.conversation);
    expect((await call('get_conversation', { since: now })).data).toMatchObject({ messages: [], branches: [] });
  });

  it.skipIf(!isThere)('shows what a process has left of a turn, and writes nothing', async () => {
    const { call, chats, folder, backend, number } = await begin();
    const turn = await chats.turns.begin(projectOf(folder), number, { question: { text: 'so?' }, details: {} }, by);
    await chats.turns.beat(turn, 'as far as');
    expect((await call('get_conversation')).data).toMatchObject({ running: [{ question: 5, status: 'running' }] });
    const store = backend.open();
    await store.write(turn.projectId, ({ db }) => db.updateTable('chat_turns').set({ beat_at: 0 }).execute());
    await store.close();
    const { data, text } = await call('get_conversation');
    expect(data).toMatchObject({
      conversation: { version: turn.version },
      head: 4,
      running: [{ question: 5, status: 'interrupted', text: 'as far as' }],
    });
    expect(text).toContain('#5 was left by its server; send_message without text has it answered, so far: as far as');
    expect((await call('get_conversation')).data).toEqual(data);
    await call('create_branch', { name: 'behind it' });
    expect((await call('get_conversation', { branch: 'behind it' })).data).toMatchObject({
      messages: [{ text: 'as far as', status: 'interrupted' }, { text: 'so?' }, {}, {}, {}, {}],
    });
  });

  it.skipIf(!isThere)('refuses by name what would do nothing', async () => {
    const { call } = await begin();
    const moot: ReadonlyArray<readonly [Record<string, unknown>, string]> = [
      [
        { view: 'branches', own: true, order: 'oldest' },
        '"order": "oldest", "own": true does nothing with "view": "branches"',
      ],
      [{ view: 'tree', format: 'markdown' }, '"format": "markdown" does nothing with "view": "tree"'],
      [{ format: 'mermaid' }, '"format": "mermaid" does nothing with "view": "messages"'],
      [{ message: 1, since: 2 }, '"since": 2 does nothing with "message"'],
      [{ since: 2, branch: 'main' }, '"branch": "main" does nothing with "since"'],
      [{ offset: 5 }, '"offset": 5 does nothing with "view": "messages"'],
    ];
    for (const [args, told] of moot)
      expect((await call('get_conversation', args)).text).toContain(`bad_input: ${told}`);
    const initial = { view: 'branches', own: false, order: 'newest', format: 'data', offset: 0 };
    expect((await call('get_conversation', initial)).isError).toBeFalsy();
  });

  it.skipIf(!isThere)('exports all branches as data and a path as Markdown', async () => {
    const { id, call } = await begin();
    await call('edit_message', { message: 1, text: '# Where?\nis it', name: 'other' });
    const all = await call('get_conversation', { view: 'export' });
    expect(all.data).toMatchObject({ branches: [{ branch: 'main' }, { branch: 'other' }] });
    expect(all.data?.messages).toHaveLength(5);
    const { data } = await call('get_conversation', { format: 'markdown', branch: 'other' });
    expect(data?.content).toBe(`# Carts\n\n${id}, branch other\n\n## 5 user\n\n### Where?\nis it`);
  });

  it.skipIf(!isThere)('names what is near to what is not there', async () => {
    const { id, number, call } = await begin();
    const next = `C-${number + 1}`;
    await call('create_branch', { name: 'try redis' });
    expect((await call('get_conversation', { branch: 'try rdis' })).text).toMatch(
      new RegExp(`^not_found: There is no branch "try rdis" in ${id}\\. It has "try redis", "main"`),
    );
    expect((await call('get_conversation', { conversation: next })).text).toMatch(
      new RegExp(`^not_found: .*The last one is ${id}\\b`),
    );
    expect((await call('get_conversation', { conversation: 'x' })).text).toMatch(/^bad_input: .*Ids look like "C-3"/);
    expect((await call('get_conversation', { message: 77 })).text).toMatch(/^not_found: .*Its messages are 1 to 4/);
  });
});
