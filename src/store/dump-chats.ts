import { rows } from './dump-rows.ts';
import { readPages } from './read-pages.ts';
import type { Database } from './store.ts';

/** The conversations of a project, each followed by its branches, messages, turns and summaries. */
export async function* chatsOf(db: Database, project: string) {
  const columns = rows.conversations.keyof().options;
  const query = db.selectFrom('conversations').select(columns).where('project_id', '=', project).orderBy('number');
  for await (const row of readPages('number', 0, (last) => query.where('number', '>', last))) {
    yield { table: 'conversations', row } as const;
    yield* partsOf(db, project, row.number);
  }
}

async function* partsOf(db: Database, project: string, number: number) {
  const branches = db.selectFrom('chat_branches').select(rows.chat_branches.keyof().options);
  const own = branches.where('project_id', '=', project).where('conversation', '=', number);
  for (const row of await own.orderBy('id').execute()) yield { table: 'chat_branches', row } as const;

  for await (const row of messagesOf(db, project, number)) yield { table: 'chat_messages', row } as const;

  const turns = db.selectFrom('chat_turns').select(rows.chat_turns.keyof().options);
  const asked = turns.where('project_id', '=', project).where('conversation', '=', number);
  for (const row of await asked.orderBy('id').execute()) yield { table: 'chat_turns', row } as const;

  const summaries = db.selectFrom('chat_summaries').select(rows.chat_summaries.keyof().options);
  const kept = summaries.where('project_id', '=', project).where('conversation', '=', number);
  for (const row of await kept.orderBy('message').execute()) yield { table: 'chat_summaries', row } as const;
}

function messagesOf(db: Database, project: string, number: number) {
  const columns = rows.chat_messages.keyof().options;
  const query = db
    .selectFrom('chat_messages')
    .select(columns)
    .where('project_id', '=', project)
    .where('conversation', '=', number)
    .orderBy('number');
  return readPages('number', 0, (last) => query.where('number', '>', last));
}
