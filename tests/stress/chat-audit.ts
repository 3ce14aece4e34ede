import type { Store } from '../../src/store/store.ts';

export interface ChatState {
  messages: Array<{ number: number; parent: number | null; role: string; status: string; text: string }>;
  branches: Array<{ name: string; head: number | null }>;
  turns: Array<{ status: string; question: number; answer: number | null; partial: string }>;
}

/** All rows of one conversation, as one moment of the store has them. */
export function readChat(store: Store, project: string, conversation: number): Promise<ChatState> {
  return store.read(async ({ db }) => ({
    messages: await db
      .selectFrom('chat_messages')
      .select(['number', 'parent', 'role', 'status', 'text'])
      .where('project_id', '=', project)
      .where('conversation', '=', conversation)
      .orderBy('number')
      .execute(),
    branches: await db
      .selectFrom('chat_branches')
      .select(['name', 'head'])
      .where('project_id', '=', project)
      .where('conversation', '=', conversation)
      .where('deleted_at', 'is', null)
      .orderBy('id')
      .execute(),
    turns: await db
      .selectFrom('chat_turns')
      .select(['status', 'question', 'answer', 'partial'])
      .where('project_id', '=', project)
      .where('conversation', '=', conversation)
      .orderBy('id')
      .execute(),
  }));
}

/** What must never be: a message whose parent is not there, one that no branch reaches, a turn that points nowhere. */
export function faultsOf({ messages, branches, turns }: ChatState): string[] {
  const byNumber = new Map(messages.map((message) => [message.number, message]));
  const reached = new Set<number>();
  for (const { head } of branches) {
    for (let at = head; at !== null && !reached.has(at); at = byNumber.get(at)?.parent ?? null) reached.add(at);
  }
  const open = new Set(turns.filter(({ status }) => status === 'running').map(({ question }) => question));
  return [
    ...messages
      .filter(({ number }, index) => number !== index + 1)
      .map(({ number }) => `the number ${number} is out of order`),
    ...messages
      .filter(({ parent }) => parent !== null && !byNumber.has(parent))
      .map(({ number }) => `message ${number} has no parent`),
    ...messages
      .filter(({ number }) => !reached.has(number) && !open.has(number))
      .map(({ number, role }) => `message ${number} (${role}) is on no branch`),
    ...branches
      .filter(({ head }) => head !== null && !byNumber.has(head))
      .map(({ name }) => `branch ${name} ends nowhere`),
    ...turns
      .filter(({ question, answer }) => !byNumber.has(question) || (answer !== null && !byNumber.has(answer)))
      .map(({ question }) => `the turn of ${question} points nowhere`),
  ];
}
