import { describe, expect, it } from 'vitest';
import { chatClient } from '../chats/chat-client.ts';

describe('create_conversation', () => {
  it('starts conversations with numbers of their own, and one for a request id given twice', async () => {
    const { client } = await chatClient();
    const asked = { system: 'Be short.', metadata: { team: 'shop' }, request_id: 'r-1' };
    const first = await client.callTool('create_conversation', asked);
    expect(first.data).toMatchObject({ id: 'C-2', title: 'Untitled', branch: 'main', version: 1 });
    expect((await client.callTool('create_conversation', asked)).data).toEqual(first.data);
    const other = await client.callTool('create_conversation', { ...asked, system: 'Be long.' });
    expect(other.text).toMatch(/^conflict: This request_id was used for another call/);
    const { data, text } = await client.callTool('get_conversation', { conversation: 'C-2' });
    expect(data).toMatchObject({
      conversation: { id: 'C-2', system: 'Be short.', metadata: { team: 'shop' } },
      ...{ messages: [], branch: 'main', head: 0 },
    });
    expect(text).toContain('system: Be short.');
  });
});
