import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { chatClient } from '../chats/chat-client.ts';
import { clientKinds, connect } from '../helpers/connect.ts';
import { backends } from '../helpers/stores.ts';

describe.each(backends)('octant://conversations on $name', ({ name, isThere }) => {
  it.skipIf(!isThere)('are listed, completed and read: the main branch, the tree, any branch', async () => {
    const { client, call, folder } = await chatClient(name);
    const id = folder.slice(folder.lastIndexOf('/') + 1).toLowerCase();
    await client.callTool('create_conversation', { title: 'Second' });
    await call('edit_message', { message: 3, text: 'Exact?', name: 'a/b ü' });
    const { resources } = await client.listResources();
    const uris = resources.map(({ uri }) => uri).filter((uri) => uri.includes('conversations/'));
    expect(uris).toEqual([`octant://conversations/${id}.C-2`, `octant://conversations/${id}.C-1`]);
    const [main] = await client.readResource('octant://conversations/C-1');
    expect(main?.text).toMatch(
      /^# Carts\n\nC-1, branch main\n\n## 1 user\n\nWhere is the total\?\n\n## 2 assistant \(fake\/wise\)/,
    );
    const [branch] = await client.readResource('octant://conversations/C-1/branches/a%2Fb%20%C3%BC');
    expect(branch?.text).toMatch(/## 5 user\n\nExact\?$/);
    const [tree] = await client.readResource('octant://conversations/C-1/tree');
    expect(JSON.parse(tree?.text ?? '')).toMatchObject({
      ...{ conversation: { id: 'C-1' }, branches: [{ branch: 'main' }, { branch: 'a/b ü' }] },
      lines: [
        { from: 1, to: 4 },
        { from: 5, to: 5, parent: 2 },
      ],
    });
    await expect(client.readResource('octant://conversations/C-9/tree')).rejects.toThrow(/Resource not found/);
    const template = { uri: 'octant://conversations/{id}/branches/{branch}' };
    expect(await client.complete({ uri: 'octant://conversations/{id}' }, 'id', 'cart')).toEqual([`${id}.C-1`]);
    expect(await client.complete(template, 'branch', 'a', { id: 'C-1' })).toEqual(['a/b ü']);
  });

  it.skipIf(!isThere)('tell subscribers of every era of a message that another server writes', async () => {
    const { folder, backend, say } = await chatClient(name);
    const heard = new Map<string, number>();
    for (const kind of clientKinds) {
      const hearing = await connect(kind, { args: ['--project', folder, '--toolsets', 'chat', ...backend.flags] });
      onTestFinished(() => hearing.close());
      await hearing.subscribe('octant://conversations/C-1/tree', () => heard.set(kind, (heard.get(kind) ?? 0) + 1));
    }
    await say([['new?', 'new']]);
    for (let waited = 0; heard.size < clientKinds.length && waited < 5000; waited += 50) await delay(50);
    expect([...heard.keys()].sort()).toEqual([...clientKinds].sort());
  });
});
