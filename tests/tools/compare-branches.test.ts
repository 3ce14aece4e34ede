import { describe, expect, it } from 'vitest';
import { chatClient } from '../chats/chat-client.ts';

describe('compare_branches', () => {
  it('tells what branches share and dispute behind their fork', async () => {
    const { call, say } = await chatClient();
    await call('create_branch', { name: 'a' });
    await call('create_branch', { name: 'b' });
    await say([['Cache?', 'We should keep src/cart.ts and use cacheTotal. It takes 20 ms. I recommend Redis.']], 'a');
    await say(
      [['Cache?', 'We should keep src/cart.ts and use sum_lines. It takes 35 ms. I do not recommend Redis.']],
      'b',
    );
    const { data, text } = await call('compare_branches', { branches: ['a', 'b'] });
    expect(data).toMatchObject({ mode: 'offline', base: 4, branches: [{ branch: 'a', messages: 2 }, { branch: 'b' }] });
    expect(data?.facts).toEqual([
      { kind: 'files', shared: ['src/cart.ts'], disputed: [] },
      { kind: 'identifiers', shared: [], disputed: ['cacheTotal (a)', 'sum_lines (b)'] },
      { kind: 'numbers', shared: [], disputed: ['20ms (a)', '35ms (b)'] },
      { kind: 'verdicts', shared: ['keep'], disputed: ['recommend (a)', 'not recommend (b)'] },
    ]);
    expect(text).toContain('disputed: I recommend Redis. (a) | I do not recommend Redis. (b)');
    expect((await call('compare_branches', { branches: ['a', 'a'] })).text).toMatch(/^bad_input: Name two branches/);
  });
});
