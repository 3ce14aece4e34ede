import { describeStep } from '../../runs/run-view.ts';
import { counted } from '../../text/count.ts';
import { cutJson } from '../../text/cut.ts';
import { fitting } from '../../text/fitting.ts';
import type { Branch, Conversation, ConversationDocument, Mark, Message } from '../chat.ts';
import { conversationId } from '../chat.ts';
import { stateOf } from '../rows/conversation-rows.ts';
import type { Turn } from '../rows/turn-rows.ts';
import type { ListedBranch } from './branch-list.ts';

/* What tools and resources show of a conversation: both faces of an answer come from these. */

/** The text of a message as it may be shown. */
export function shownText({ deletedAt, details, text }: Message): string {
  if (details.is_purged) return '(purged)';
  return deletedAt === undefined ? text : '(deleted)';
}

export type MessageView = ReturnType<typeof messageView>;

const mostOfName = 120;

/** @param most characters of the text, as JSON has it */
export function messageView(message: Message, most: number) {
  const { number, role, kind, status, details, tokens, cost } = message;
  const whole = shownText(message);
  const left = whole === message.text ? message.unread : 0;
  const text = cutJson(left > 0 ? `${whole}…` : whole, most);
  return {
    ...{ message: number, role, at: new Date(message.createdAt).toISOString() },
    ...(message.parent !== undefined && { parent: message.parent }),
    ...(message.secondParent !== undefined && { merged: message.secondParent }),
    ...(message.copiedFrom !== undefined && { copied_from: message.copiedFrom }),
    ...(details.supersedes !== undefined && { supersedes: details.supersedes }),
    ...(kind !== 'message' && { kind }),
    ...(status !== 'complete' && { status }),
    ...(message.deletedAt !== undefined && { deleted: cutJson(details.delete_reason ?? '', 100) || true }),
    ...(details.model !== undefined && { model: cutJson(details.model, mostOfName) }),
    ...(details.agent !== undefined && { agent: details.agent }),
    ...{ tokens, ...(cost !== undefined && { cost }) },
    text,
    ...(text !== whole && { characters: whole.length + left }),
  };
}

export function describeMessage(view: MessageView): string {
  const notes = [
    ...(view.model === undefined ? [] : [view.model]),
    ...(view.agent === undefined ? [] : [`as ${view.agent}`]),
    ...(view.kind === undefined ? [] : [view.kind]),
    ...(view.status === undefined ? [] : [view.status]),
    ...(view.deleted === undefined ? [] : [view.deleted === true ? 'deleted' : `deleted: ${view.deleted}`]),
    ...(view.merged === undefined ? [] : [`merged ${view.merged}`]),
    ...(view.copied_from === undefined ? [] : [`copied from ${view.copied_from}`]),
    ...(view.supersedes === undefined ? [] : [`in place of ${view.supersedes}`]),
    ...(view.cost === undefined ? [] : [`${counted(view.tokens, 'token')}, $${view.cost}`]),
    ...(view.characters === undefined ? [] : [`cut, ${view.characters} characters`]),
  ];
  const head = `#${view.message} ${view.role}${notes.length > 0 ? ` (${notes.join('; ')})` : ''}, ${view.at}`;
  return `${head}\n${view.text}`;
}

/** How an answer came to be: what an agent called, and the receipts of the calls of models that it took. */
export function originView({ details, deletedAt }: Message, most: number) {
  if (deletedAt !== undefined) return {};
  const { calls = [], receipts = [] } = details;
  const lines = calls.map((call) => cutJson(describeStep({ calls: [call], text: '' }), 200));
  const shown = fitting(lines.reverse(), most / 2, 0).reverse();
  return {
    ...(shown.length > 0 && { calls: shown }),
    ...(shown.length < calls.length && { earlier_calls: calls.length - shown.length }),
    ...(receipts.length > 0 && { receipts: fitting(receipts, most / 2, 0) }),
  };
}

export function describeOrigin({ calls = [], earlier_calls: earlier, receipts = [] }: ReturnType<typeof originView>) {
  return [
    ...(earlier === undefined ? [] : [`${earlier} earlier calls`]),
    ...calls,
    ...(receipts.length > 0 ? [`receipts: ${receipts.join(', ')}`] : []),
  ];
}

export type TurnView = ReturnType<typeof turnView>;

/** A turn that has not ended, with the end of what has come. */
export function turnView({ id, question, partial, isLeft }: Turn) {
  return { turn: id, question, status: isLeft ? 'interrupted' : 'running', text: partial.slice(-500).toWellFormed() };
}

export function describeTurn({ question, status, text }: TurnView): string {
  const what =
    status === 'running' ? 'is being answered' : 'was left by its server; send_message without text has it answered';
  return `#${question} ${what}${text === '' ? '' : `, so far: ${text}`}`;
}

export type BranchView = ReturnType<typeof branchView>;

export function branchView(branch: ListedBranch) {
  const { name, head, base, details, status } = branch;
  return {
    ...{ branch: name, head: head ?? 0, ...(base !== undefined && { base }) },
    ...(branch.isMain && { main: true }),
    ...(status !== 'active' && { status }),
    ...{ messages: branch.messages, own_messages: branch.ownMessages, tokens: branch.tokens, cost: branch.cost },
    last_at: new Date(branch.lastAt).toISOString(),
    ...(details.model !== undefined && { model: cutJson(details.model, mostOfName) }),
    ...(details.context_mode !== undefined && { context_mode: details.context_mode }),
    ...(details.description !== undefined && { description: cutJson(details.description, 200) }),
    ...(details.is_automatic && { automatic: true }),
  };
}

export function describeBranch(view: BranchView): string {
  const notes = [
    ...(view.main ? ['main'] : []),
    ...(view.automatic ? ['automatic'] : []),
    ...(view.status === undefined ? [] : [view.status]),
    `ends at #${view.head}`,
    ...(view.base === undefined ? [] : [`from #${view.base}`]),
    `${counted(view.messages, 'message')}, ${view.own_messages} of its own`,
    counted(view.tokens, 'token'),
    `$${view.cost}`,
    ...(view.model === undefined ? [] : [view.model]),
    ...(view.context_mode === undefined ? [] : [`context ${view.context_mode}`]),
    `last ${view.last_at}`,
  ];
  const note = view.description === undefined ? [] : [`  ${view.description}`];
  return [`${view.branch} (${notes.join('; ')})`, ...note].join('\n');
}

export type ConversationView = ReturnType<typeof conversationView>;

/** @param most characters that it may have; what then is not shown whole is named */
export function conversationView(conversation: Conversation, most = Number.POSITIVE_INFINITY) {
  const { number, document, version, messages, branches } = conversation;
  const state = stateOf(document);
  const view = {
    ...{ id: conversationId(number), title: cutJson(document.title, 200), version },
    ...(state !== 'active' && { state }),
    ...{ messages, branches, tokens: conversation.tokens, cost: conversation.cost },
    updated_at: new Date(conversation.updatedAt).toISOString(),
    ...(document.model !== undefined && { model: cutJson(document.model, mostOfName) }),
  };
  return { ...view, ...settingsView(document, most - JSON.stringify(view).length - overhead) };
}

/** For the names of what is not shown. */
const overhead = 100;
const mostShown = 40;

function settingsView({ system, metadata = {}, marks }: ConversationDocument, most: number) {
  let room = most;
  const cut: string[] = [];
  const pins = shown('pins', messagesOf('pin'));
  const starts = shown('context_starts', messagesOf('start'));
  const bookmarks = shown('bookmarks', marked('bookmark').map(describeMark));
  const fields = shown(
    'metadata',
    Object.entries(metadata).map(([key, value]) => [key, cutJson(value, 60)] as const),
  );
  const start = system === undefined ? undefined : cutJson(system, Math.min(500, Math.max(0, room)));
  if (start !== system) cut.push('system');
  return {
    ...(start !== undefined && { system: start }),
    ...(fields.length > 0 && { metadata: Object.fromEntries(fields) }),
    ...(pins.length > 0 && { pins }),
    ...(bookmarks.length > 0 && { bookmarks }),
    ...(starts.length > 0 && { context_starts: starts }),
    ...(cut.length > 0 && { not_whole: cut }),
  };

  function marked(wanted: Mark['kind']) {
    return Object.values(marks).filter(({ kind }) => kind === wanted);
  }

  function messagesOf(wanted: Mark['kind']) {
    return marked(wanted).map(({ message }) => message);
  }

  function shown<Item>(name: string, items: readonly Item[]): Item[] {
    const fit = fitting(items.slice(0, mostShown), room - name.length, 0);
    room -= JSON.stringify(fit).length + name.length;
    if (fit.length < items.length) cut.push(name);
    return fit;
  }
}

function describeMark({ message, label }: Mark): string {
  return `${message}${label ? ` ${cutJson(label, 60)}` : ''}`;
}

export function describeConversation(view: ConversationView): string {
  const counts = [
    `version ${view.version}`,
    ...(view.state === undefined ? [] : [view.state]),
    counted(view.messages, 'message'),
    `${view.branches} ${view.branches === 1 ? 'branch' : 'branches'}`,
    counted(view.tokens, 'token'),
    `$${view.cost}`,
    ...(view.model === undefined ? [] : [view.model]),
    `changed ${view.updated_at}`,
  ];
  const notes = [
    ...(view.system === undefined ? [] : [`system: ${view.system}`]),
    ...(view.metadata === undefined ? [] : [`metadata: ${JSON.stringify(view.metadata)}`]),
    ...(view.pins === undefined ? [] : [`pinned: ${view.pins.join(', ')}`]),
    ...(view.bookmarks === undefined ? [] : [`bookmarks: ${view.bookmarks.join('; ')}`]),
    ...(view.context_starts === undefined ? [] : [`context starts behind: ${view.context_starts.join(', ')}`]),
    ...(view.not_whole === undefined ? [] : [`not whole here: ${view.not_whole.join(', ')}`]),
  ];
  return [`${view.id} ${view.title} (${counts.join('; ')})`, ...notes.map((note) => `  ${note}`)].join('\n');
}

/** Where a branch ends, in words. */
export function endOf({ name, head }: Pick<Branch, 'name' | 'head'>): string {
  return `${JSON.stringify(name)} ends at ${head === undefined ? 'no message' : `#${head}`}`;
}
