import { type Chats, createChats } from '../../src/chats/chats.ts';
import type { Backend } from '../helpers/stores.ts';

const author = { source: 'human' };

/** What the store calls the project that a folder is. */
export function projectOf(folder: string) {
  const id = folder.slice(folder.lastIndexOf('/') + 1).toLowerCase();
  return { id, name: id, folder };
}

/** Works on the conversations of a store as a server beside those of the test would. */
export async function withChats<Result>(backend: Backend, work: (chats: Chats) => Promise<Result>): Promise<Result> {
  const store = backend.open();
  try {
    return await work(createChats(store));
  } finally {
    await store.close();
  }
}

/** Questions and answers on a branch, as `send_message` would write them. */
export async function talk(
  chats: Chats,
  folder: string,
  number: number,
  lines: ReadonlyArray<readonly [question: string, answer: string]>,
  branch?: string,
): Promise<void> {
  for (const [question, answer] of lines) {
    const begin = { branch, question: { text: question }, details: {} };
    const turn = await chats.turns.begin(projectOf(folder), number, begin, author);
    const given = { text: answer, cost: 0.001, details: { model: 'fake/wise' } };
    await chats.turns.end(turn, { status: 'done', answer: given, details: {} }, author);
  }
}
