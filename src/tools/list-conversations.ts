import * as z from 'zod';
import { conversationId } from '../chats/chat.ts';
import { conversationOrders, type SearchHit } from '../chats/looks/list.ts';
import { type ConversationView, conversationView, describeConversation } from '../chats/looks/view.ts';
import { states } from '../chats/rows/conversation-rows.ts';
import { askedWords } from '../store/full-text.ts';
import { counted } from '../text/count.ts';
import { decodeCursor, encodeCursor } from '../text/cursor.ts';
import { cut } from '../text/cut.ts';
import { excerpt } from '../text/excerpt.ts';
import { fitting } from '../text/fitting.ts';
import { cursor, project } from './params.ts';
import { defineTool } from './tool.ts';

const maxCharacters = 9000;
const maxOfOne = 2000;

export const listConversations = defineTool({
  name: 'list_conversations',
  title: 'List conversations',
  description:
    'Conversations, the last changed first. With text: the messages of all of them that have its words, the newest first, ' +
    'each with a branch to read it on.',
  toolset: 'chat',
  effect: 'read',
  input: z.strictObject({
    text: z.string().min(1).max(500).optional().describe('Words, or beginnings of words'),
    state: z.enum(states).default('active').describe('Which'),
    order: z.enum(conversationOrders).default('updated').describe('By last change or by age'),
    limit: z.int().min(1).max(50).default(20).describe('1 to 50'),
    cursor,
    project,
  }),
  output: z.object({
    project: z.string(),
    conversations: z.array(z.looseObject({ id: z.string(), title: z.string() })).optional(),
    hits: z.array(z.looseObject({ id: z.string(), branch: z.string(), message: z.int() })).optional(),
    next_cursor: z.string().optional(),
  }),

  async run({ text, state, order, limit, cursor, project }, { projects, chats }) {
    const { id } = await projects.findKept(project);
    const asked = { text, state, order, limit, project: id };
    if (text !== undefined) {
      const after = cursor === undefined ? undefined : decodeCursor(cursor, asked, z.int());
      const { hits, next } = await chats.search(id, { text, state, limit, after });
      const words = askedWords(text);
      const shown = fitting(
        hits.map((hit) => hitView(hit, words)),
        maxCharacters,
      );
      const last = shown.length < hits.length ? hits[shown.length - 1]?.row : next;
      const nextCursor = last === undefined ? {} : { next_cursor: encodeCursor(asked, last) };
      return { data: { project: id, hits: shown, ...nextCursor }, text: describeHits(shown, nextCursor.next_cursor) };
    }
    const after = cursor === undefined ? undefined : decodeCursor(cursor, asked, position);
    const { rows, hasMore } = await chats.list(id, { state, order, limit, after });
    const shown = fitting(
      rows.map((row) => conversationView(row, maxOfOne)),
      maxCharacters,
    );
    const last = rows[shown.length - 1];
    const goesOn = last !== undefined && (hasMore || shown.length < rows.length);
    const next = goesOn ? encodeCursor(asked, [last.updatedAt, last.number]) : undefined;
    const data = { project: id, conversations: shown, ...(next !== undefined && { next_cursor: next }) };
    return { data, text: describeList(shown, next) };
  },
});

const position = z.tuple([z.int(), z.int32()]);

function hitView({ conversation, title, message, branch }: SearchHit, words: readonly string[]) {
  const { number, role, createdAt, text } = message;
  return {
    ...{ id: conversationId(conversation), title: cut(title, 100), branch: branch.name, message: number, role },
    ...{ at: new Date(createdAt).toISOString(), excerpt: excerptOf(text, words) },
  };
}

/** The line in which the first of the words stands. */
function excerptOf(text: string, words: readonly string[]): string {
  const lower = text.toLowerCase();
  const found = words.map((word) => lower.indexOf(word)).filter((index) => index >= 0);
  const at = found.length === 0 ? 0 : Math.min(...found);
  const start = text.lastIndexOf('\n', at) + 1;
  const end = text.indexOf('\n', at);
  return excerpt(text.slice(start, end < 0 ? undefined : end), at - start, words[0]?.length ?? 0);
}

function describeHits(hits: ReadonlyArray<ReturnType<typeof hitView>>, next: string | undefined): string {
  if (hits.length === 0) return `No message has these words${next ? `; more with cursor "${next}"` : ''}.`;
  return [
    ...hits.map(({ id, title, branch, message, role, at, excerpt }) => {
      return `${id}/${message} ${role} on ${JSON.stringify(branch)} of ${title}, ${at}\n  ${excerpt}`;
    }),
    ...(next ? [`More with cursor "${next}".`] : []),
  ].join('\n');
}

function describeList(views: readonly ConversationView[], next: string | undefined): string {
  if (views.length === 0) return 'There is no such conversation. Start one with create_conversation.';
  return [
    counted(views.length, 'conversation'),
    ...views.map(describeConversation),
    ...(next ? [`More with cursor "${next}".`] : []),
  ].join('\n');
}
