import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { createRuns } from '../../src/runs/runs.ts';
import { chatClient } from '../chats/chat-client.ts';
import { projectOf } from '../chats/stored-chats.ts';
import { backends } from '../helpers/stores.ts';

describe.each(backends)('delete_conversation on $name', ({ name, isThere }) => {
  it.skipIf(!isThere)('hides a conversation until it is restored', async () => {
    const { client, call, texts } = await chatClient(name);
    expect((await call('delete_conversation')).data).toMatchObject({ state: 'deleted' });
    expect((await client.callTool('list_conversations', {})).data).toMatchObject({ conversations: [] });
    expect((await client.callTool('list_conversations', { text: 'total' })).data).toMatchObject({ hits: [] });
    expect((await call('get_conversation')).text).toMatch(/^not_found: C-1 is deleted\. Bring it back/);
    await call('delete_conversation', { restore: true });
    expect(await texts()).toHaveLength(4);
  });

  it.skipIf(!isThere)('purges all that is stored of it, and gives its number to no other', async () => {
    const { client, call, backend, say } = await chatClient(name);
    await call('update_conversation', { title: 'Secret plans' });
    await say([['The secret word?', 'swordfish']]);
    expect((await call('delete_conversation', { purge: true })).data).toMatchObject({ state: 'purged' });
    expect((await call('get_conversation')).text).toMatch(/^not_found: There is no C-1/);
    const store = backend.open();
    const left = await store.read(async ({ db }) => {
      const rows = await Promise.all(
        (['conversations', 'chat_messages', 'chat_branches', 'chat_turns'] as const).map((table) =>
          db.selectFrom(table).selectAll().execute(),
        ),
      );
      const events = await db.selectFrom('events').selectAll().where('entity', '!=', 'project').execute();
      const words = await sql<{ words: string }>`select words from chat_text`.execute(db);
      return { rows: rows.flat(), text: JSON.stringify([events, words.rows]) };
    });
    await store.close();
    expect(left.rows).toEqual([]);
    expect(left.text).not.toMatch(/secret|swordfish/i);
    expect((await client.callTool('create_conversation', {})).data).toMatchObject({ id: 'C-2' });
  });

  it.skipIf(!isThere)('takes the runs of its turns, and a purge of a message those of its turn', async () => {
    const { client, call, backend, chats, folder } = await chatClient(name);
    await client.callTool('create_conversation', {});
    const store = backend.open();
    const runs = createRuns(store);
    const project = projectOf(folder);
    const keepRun = async (conversation: number, text: string) => {
      const by = 'human';
      const turn = await chats.turns.begin(project, conversation, { question: { text }, details: {} }, { source: by });
      const about = { tool: 'send_message', task: text, paths: [], asked: '', by };
      const own = { turns: { conversation, ids: [turn.id] } };
      const run = await runs.begin(project, { ...about, ...own, steps: [], notes: [], spent: { tokens: 0, cost: 0 } });
      await runs.end(run, 'done', { ...run.document, text: `answered ${text}` });
      await chats.turns.end(
        turn,
        { status: 'done', answer: { text: 'yes', details: {} }, details: {} },
        { source: by },
      );
    };
    for (const [conversation, text] of [
      [1, 'one'],
      [1, 'two'],
      [2, 'other'],
    ] as const) {
      await keepRun(conversation, text);
    }
    const left = async () => (await runs.list([project.id], { limit: 9 })).map(({ document }) => document.task).sort();
    await call('delete_message', { message: 6, purge: true });
    expect(await left()).toEqual(['other', 'two']);
    await call('delete_conversation', { purge: true });
    expect(await left()).toEqual(['other']);
    await store.close();
  });

  it.runIf(name === 'SQLite')('leaves no sentence of it in the file', async () => {
    const { client, call, backend, chats, folder: project } = await chatClient(name);
    const question = { text: `Nobody may know of the swordfish. ${'It is in the harbour. '.repeat(1000)}` };
    const turn = await chats.turns.begin(projectOf(project), 1, { question, details: {} }, { source: 'human' });
    for (let length = 100; length < 20_000; length *= 2) {
      await chats.turns.beat(turn, 'Nobody will hear of the swordfish. '.repeat(length / 35));
    }
    await call('delete_conversation', { purge: true });
    await client.close();
    const [, folder = ''] = backend.flags;
    const database = new DatabaseSync(join(folder, 'octant.db'));
    database.exec('pragma wal_checkpoint(truncate)'); // what is in the journal comes into the file
    database.close();
    expect(readFileSync(join(folder, 'octant.db'), 'latin1')).not.toMatch(
      /know of the swordfish|hear of the swordfish/,
    );
  });
});
