import * as z from 'zod';
import type { Conversation } from '../chats/chat.ts';
import type { Chats } from '../chats/chats.ts';
import type { Parts } from '../chats/looks/looks.ts';
import { markdownHead, messageMarkdown } from '../chats/looks/markdown.ts';
import { lineView, mermaidOf, outlineOf } from '../chats/looks/outline.ts';
import {
  branchView,
  conversationView,
  describeBranch,
  describeConversation,
  describeMessage,
  describeOrigin,
  describeTurn,
  messageView,
  originView,
  turnView,
} from '../chats/looks/view.ts';
import { UserError } from '../errors.ts';
import { decodeCursor, encodeCursor } from '../text/cursor.ts';
import { beginning, cutJson } from '../text/cut.ts';
import { fitting } from '../text/fitting.ts';
import * as fields from './chat-params.ts';
import { cursor, project } from './params.ts';
import { defineTool } from './tool.ts';

const views = ['messages', 'branches', 'tree', 'export'] as const;

const input = z.strictObject({
  conversation: fields.conversation,
  view: z.enum(views).default('messages').describe('export: all messages of all branches'),
  branch: fields.branch,
  message: fields.message.optional().describe('One message, whole'),
  offset: z.int().min(0).default(0).describe('Of its text'),
  order: z.enum(['newest', 'oldest']).default('newest').describe('Of messages'),
  own: z.boolean().default(false).describe('Only what the branch has of its own'),
  since: z.int().min(0).optional().describe('A version: only what has changed since'),
  format: z.enum(['data', 'markdown', 'mermaid']).default('data').describe('markdown: messages; mermaid: the tree'),
  limit: z.int().min(1).max(200).default(50).describe('1 to 200'),
  cursor,
  max_characters: z.int().min(2000).max(200_000).default(10_000).describe('Most, 2000 to 200000'),
  project,
});
type Input = z.output<typeof input>;

interface Asked extends Input {
  id: string;
  number: number;
  /** What cursors belong to. */
  question: object;
  /** Characters of each message that are read and shown where there are several. */
  each: number;
  chats: Chats;
}

export const getConversation = defineTool({
  name: 'get_conversation',
  title: 'Get conversation',
  description:
    'Messages of one branch by page, the branches with their sizes and costs, or the tree. Messages have the numbers that ' +
    'other tools take. A branch shows the messages before its fork too.',
  toolset: 'chat',
  effect: 'read',
  input,
  output: z.looseObject({ project: z.string(), conversation: z.looseObject({ id: z.string(), version: z.int() }) }),

  async run(given, { projects, chats }) {
    refuseMoot(given);
    const { project: found, number } = await fields.findConversation(given, projects);
    const { cursor: _, max_characters: most, ...question } = { ...given, project: found.id };
    const asked = { ...given, id: found.id, number, question, each: Math.floor(most / 5), chats };
    if (given.message !== undefined) return oneMessage(asked, given.message);
    if (given.since !== undefined) return changes(asked, given.since);
    if (given.view === 'branches') return branches(asked);
    if (given.view === 'tree') return tree(asked);
    return given.view === 'export' ? everything(asked) : messages(asked);
  },
});

const paged = ['limit', 'cursor'] as const;
const always: ReadonlyArray<keyof Input> = ['conversation', 'max_characters', 'project'];
const goWith: Record<'message' | 'since' | (typeof views)[number], ReadonlyArray<keyof Input>> = {
  message: ['message', 'offset'],
  since: ['since', ...paged],
  messages: ['view', 'branch', 'order', 'own', 'format', ...paged],
  branches: ['view', ...paged],
  tree: ['view', 'format', ...paged],
  export: ['view', ...paged],
};

/** What would do nothing is refused: who gave it would take the answer for another. */
function refuseMoot(given: Input) {
  const { message, since, view, format } = given;
  const kind = message !== undefined ? 'message' : since !== undefined ? 'since' : view;
  const known = [...always, ...goWith[kind]];
  const initial: Input = { ...input.parse({ conversation: given.conversation }) };
  const moot = input.keyof().options.filter((name) => !known.includes(name) && given[name] !== initial[name]);
  const wrong = { messages: 'mermaid', tree: 'markdown' }[kind === 'tree' ? kind : 'messages'];
  if (format === wrong && known.includes('format')) moot.push('format');
  if (moot.length === 0) return;
  const what = kind === 'message' || kind === 'since' ? `"${kind}"` : `"view": "${kind}"`;
  const names = moot.map((name) => `${JSON.stringify(name)}: ${JSON.stringify(given[name])}`).join(', ');
  throw new UserError('bad_input', `${names} does nothing with ${what}. Leave it out, or ask twice.`);
}

interface Filled {
  data: object;
  text: readonly string[];
  /** Where the next page begins. */
  next?: unknown;
}

/** For the cursor in both faces. */
const cursorCharacters = 200;

/** Both faces: the conversation, and what `fill` puts into the room that it leaves. */
function answer(asked: Asked, conversation: Conversation, fill: (room: number) => Filled) {
  const most = asked.max_characters;
  const start = { project: asked.id, conversation: conversationView(conversation, most / 3) };
  const { data, text, next: position } = fill(most - JSON.stringify(start).length - cursorCharacters);
  const next = position === undefined ? undefined : encodeCursor(asked.question, position);
  return {
    data: { ...start, ...data, ...(next !== undefined && { next_cursor: next }) },
    text: [
      describeConversation(start.conversation),
      ...text,
      ...(next === undefined ? [] : [`More with cursor "${next}".`]),
    ].join('\n'),
  };
}

function positionOf<T>({ cursor, question }: Asked, schema: z.ZodType<T>): T | undefined {
  return cursor === undefined ? undefined : decodeCursor(cursor, question, schema);
}

const pathPosition = z.strictObject({ head: z.int32(), depth: z.int32() });

async function messages(asked: Asked) {
  const { id, number, branch: name, order, limit, own: isOwn, format, each, chats } = asked;
  const after = positionOf(asked, pathPosition);
  const page = await chats.path(id, number, name, { order, limit, isOwn, after, most: each });
  const { running } = await chats.get(id, number, name);
  const { conversation, branch } = page;
  return answer(asked, conversation, (room) => {
    const turns = fitting(running.map(turnView), room / 4, 0);
    const parts = {
      ...{ branch: branch.name, head: branch.head ?? 0, total: page.total },
      ...(running.length > 0 && { running: turns, running_total: running.length }),
    };
    const left = room - JSON.stringify(parts).length - partsCharacters;
    const share = Math.min(each, left - headCharacters);
    const views = page.messages.map((message) => messageView(message, share));
    const sections = page.messages.map((message) => cutJson(messageMarkdown(message), share));
    const top = cutJson(markdownHead(conversation, branch.name), headCharacters);
    const isMarkdown = format === 'markdown';
    const count = isMarkdown ? fitting(sections, left - headCharacters).length : fitting(views, left).length;
    const head = `branch ${JSON.stringify(branch.name)} ends at #${branch.head ?? 0}; ${count} of ${page.total} messages, ${order} first`;
    const told = turns.map(describeTurn);
    const more = running.length > turns.length ? [`${running.length} questions are being answered`] : [];
    const inOrder = order === 'newest' ? sections.slice(0, count).reverse() : sections.slice(0, count);
    const content = [top, ...inOrder].join('\n\n');
    const last = page.messages[count - 1];
    const shown = views.slice(0, count);
    return {
      data: { ...parts, ...(isMarkdown ? { content } : { messages: shown }) },
      text: [head, ...told, ...more, ...(isMarkdown ? [content] : shown.map(describeMessage))],
      next: count < page.messages.length && last ? { head: after?.head ?? branch.head, depth: last.depth } : page.next,
    };
  });
}

/** For names of fields, and for all of a message but its text. */
const partsCharacters = 40;
const headCharacters = 450;

async function oneMessage(asked: Asked, wanted: number) {
  const { id, number, offset, chats } = asked;
  const message = await chats.message(id, number, wanted);
  const { conversation } = await chats.get(id, number);
  return answer(asked, conversation, (room) => {
    const rest = message.text.slice(offset).toWellFormed();
    const origin = originView(message, room / 4);
    const text = beginning(rest, room - JSON.stringify(origin).length - headCharacters - partsCharacters);
    const left = rest.length - text.length;
    const view = messageView({ ...message, text }, Number.POSITIVE_INFINITY);
    const more = left > 0 && message.deletedAt === undefined;
    const next = more ? { next_offset: offset + text.length, characters: message.text.length } : {};
    return {
      data: { message: { ...view, ...origin, ...next } },
      text: [
        describeMessage(view),
        ...describeOrigin(origin),
        ...(more ? [`${left} of ${message.text.length} characters more with offset ${next.next_offset}.`] : []),
      ],
    };
  });
}

async function branches(asked: Asked) {
  const { id, number, limit, chats } = asked;
  const page = await chats.branches(id, number, { limit, after: positionOf(asked, z.int32()) });
  return answer(asked, page.conversation, (room) => {
    const shown = fitting(page.branches.map(branchView), room - partsCharacters);
    const goesOn = page.hasMore || shown.length < page.branches.length;
    const next = goesOn ? page.branches[shown.length - 1]?.id : undefined;
    return { data: { branches: shown }, text: shown.map(describeBranch), next };
  });
}

async function tree(asked: Asked) {
  const { id, number, limit, format, chats } = asked;
  const { conversation, lines, hasMore } = await chats.lines(id, number, {
    limit,
    after: positionOf(asked, z.int32()),
  });
  return answer(asked, conversation, (room) => {
    const sizes = { total_messages: conversation.messages, total_branches: conversation.branches };
    const parts = { ...sizes, max_depth: conversation.depth };
    const left = room - JSON.stringify(parts).length - partsCharacters;
    const views = lines.map(lineView);
    const drawing = format === 'mermaid' ? mermaidOf(views, left) : undefined;
    const shown = drawing ? views.slice(0, drawing.count) : fitting(views, left);
    const isCut = hasMore || shown.length < lines.length;
    return {
      data: { ...parts, ...(drawing ? { content: drawing.graph } : { lines: shown }) },
      text: [drawing?.graph ?? outlineOf(shown)],
      next: isCut ? shown.at(-1)?.from : undefined,
    };
  });
}

const changePosition = z.tuple([z.int32(), z.tuple([z.int32(), z.int32()])]);

async function changes(asked: Asked, since: number) {
  const { id, number, limit, each, chats } = asked;
  const [branch, message] = positionOf(asked, changePosition) ?? [0, [since, 999_999_999]];
  const page = await chats.since(id, number, since, { branch, message: [message[0], message[1]], limit, most: each });
  return answer(asked, page.conversation, (room) => {
    const shown = shownParts(page, room, each);
    const last = page.messages[shown.messages.length - 1];
    const next = [shown.lastBranch ?? branch, last ? [last.version, last.number] : message];
    return {
      data: { since, ...shown.data },
      text: [
        `since version ${since}: ${shown.heading}`,
        ...shown.branches.map(describeBranch),
        ...shown.messages.map(describeMessage),
      ],
      next: shown.isCut ? next : undefined,
    };
  });
}

const exportPosition = z.tuple([z.int32(), z.int32()]);

async function everything(asked: Asked) {
  const { id, number, limit, max_characters: most, chats } = asked;
  const [branch, message] = positionOf(asked, exportPosition) ?? [0, 0];
  const page = await chats.everything(id, number, { branch, message, limit, most });
  return answer(asked, page.conversation, (room) => {
    const shown = shownParts(page, room, most);
    const next = [shown.lastBranch ?? branch, shown.messages.at(-1)?.message ?? message];
    return {
      data: shown.data,
      text: [
        shown.heading,
        ...shown.branches.map(describeBranch),
        ...shown.messages.map((view) => JSON.stringify(view)),
      ],
      next: shown.isCut ? next : undefined,
    };
  });
}

/** As many of the branches, and then of the messages, as fit. */
function shownParts({ branches: found, messages, hasMore, totals }: Parts, room: number, each: number) {
  const sizes = { total_branches: totals.branches, total_messages: totals.messages };
  const left = room - JSON.stringify(sizes).length - 2 * partsCharacters;
  const branches = fitting(found.map(branchView), left);
  const rest = left - JSON.stringify(branches).length;
  const share = Math.min(each, (branches.length === 0 ? rest : left) - headCharacters);
  const all = branches.length < found.length ? [] : messages.map((message) => messageView(message, share));
  const shown = fitting(all, rest, branches.length === 0 ? 1 : 0);
  return {
    ...{ branches, messages: shown, lastBranch: found[branches.length - 1]?.id },
    data: { ...sizes, branches, messages: shown },
    heading: `${branches.length} of ${totals.branches} branches, ${shown.length} of ${totals.messages} messages`,
    isCut: hasMore || branches.length < found.length || shown.length < messages.length,
  };
}
