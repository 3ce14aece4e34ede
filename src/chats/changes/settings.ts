import * as z from 'zod';
import { UserError } from '../../errors.ts';
import type { ProjectName } from '../../projects/records.ts';
import { withoutAbsent } from '../../text/absent.ts';
import { readJson } from '../../text/json.ts';
import { applyMergePatch } from '../../text/merge-patch.ts';
import {
  type ChatAuthor,
  type Conversation,
  type ConversationDocument,
  conversationDocument,
  conversationId,
  type Mark,
  type markKinds,
} from '../chat.ts';
import { findBranch } from '../rows/branch-rows.ts';
import type { Done, Edit, Editor } from '../rows/edit.ts';
import { loadMessage } from '../rows/message-rows.ts';
import { onPath } from '../rows/path.ts';
import { describeChanges } from './describe-changes.ts';

const maxMarks = 200;

/** Only what is given changes; an empty text takes it away. */
export interface SettingsChange {
  title?: string | undefined;
  model?: string | undefined;
  system?: string | undefined;
  /** By key; an empty value removes the key. */
  metadata?: Record<string, string> | undefined;
  archived?: boolean | undefined;
  pin?: readonly number[] | undefined;
  unpin?: readonly number[] | undefined;
  bookmark?: ReadonlyArray<{ message: number; label: string }> | undefined;
  unbookmark?: readonly number[] | undefined;
  /** Refuses where the conversation has another version by now. */
  ifVersion?: number | undefined;
}

export interface ContextClearing {
  branch?: string | undefined;
  /** The context begins behind it; default: the head. */
  message?: number | undefined;
  /** Takes the last start of the context on the branch away again. */
  undo?: boolean | undefined;
}

export const settled = z.strictObject({ title: z.string(), changed: z.array(z.string()).default([]) });
const cleared = z.strictObject({ message: z.int(), branch: z.string(), cleared: z.boolean() });

/** Changes of what is known of a conversation beside its tree: each can be undone. */
export interface SettingsChanges {
  update(
    project: ProjectName,
    number: number,
    wanted: SettingsChange,
    author: ChatAuthor,
  ): Promise<Done<z.infer<typeof settled>>>;
  /** Takes the last such change back; twice brings it back. */
  undo(
    project: ProjectName,
    number: number,
    ifVersion: number | undefined,
    author: ChatAuthor,
  ): Promise<Done<z.infer<typeof settled>>>;
  /** Lets the context of a branch begin behind a message of it. Nothing is deleted. */
  clearContext(
    project: ProjectName,
    number: number,
    clearing: ContextClearing,
    author: ChatAuthor,
  ): Promise<Done<z.infer<typeof cleared>>>;
}

/** The events that `undo` looks for. */
const undoable = ['updated', 'context_cleared', 'undone'] as const;

export function createSettingsChanges(editor: Editor): SettingsChanges {
  return {
    update: (project, number, { ifVersion, ...wanted }, author) =>
      editor.change(project, number, author, { name: 'updated', result: settled }, async (edit) => {
        checkVersion(edit, ifVersion);
        const before = edit.conversation.document;
        const document = await applied(edit, before, wanted);
        edit.set({ document });
        const changed = describeChanges(before, document);
        return { result: { title: document.title, changed }, isUnchanged: changed.length === 0 };
      }),

    undo: (project, number, ifVersion, author) =>
      editor.change(project, number, author, { name: 'undone', result: settled }, async (edit) => {
        checkVersion(edit, ifVersion);
        const before = edit.conversation.document;
        const document = await lastDocument(edit);
        edit.set({ document });
        return { result: { title: document.title, changed: describeChanges(before, document) } };
      }),

    clearContext: (project, number, clearing, author) =>
      editor.change(project, number, author, { name: 'context_cleared', result: cleared }, (edit) =>
        clearContext(edit, clearing),
      ),
  };
}

function checkVersion({ conversation, version }: Edit, ifVersion: number | undefined) {
  if (ifVersion === undefined || ifVersion === version - 1) return;
  throw new UserError(
    'conflict',
    `${conversationId(conversation.number)} has version ${version - 1} by now, not ${ifVersion}. Nothing was changed; see what is new with get_conversation and "since": ${ifVersion}.`,
  );
}

async function applied(edit: Edit, before: ConversationDocument, wanted: SettingsChange) {
  const { title, model, system, metadata, archived } = wanted;
  const { is_untitled: _, ...titled } = before;
  const document: ConversationDocument = {
    ...(title === undefined ? before : { ...titled, title }),
    ...(model !== undefined && { model: model || undefined }),
    ...(system !== undefined && { system: system || undefined }),
    ...(metadata !== undefined && { metadata: mergedMetadata(before.metadata, metadata) }),
    ...(archived !== undefined && { archived: archived || undefined }),
    marks: await changedMarks(edit, before.marks, wanted),
  };
  return conversationDocument.parse(withoutAbsent(document));
}

function mergedMetadata(before: Record<string, string> | undefined, given: Record<string, string>) {
  const entries = Object.entries({ ...before, ...given }).filter(([, value]) => value !== '');
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

async function changedMarks(edit: Edit, before: ConversationDocument['marks'], wanted: SettingsChange) {
  const { pin = [], unpin = [], bookmark = [], unbookmark = [] } = wanted;
  const marks = new Map(Object.entries(before));
  for (const message of unpin) marks.delete(markId('pin', message));
  for (const message of unbookmark) marks.delete(markId('bookmark', message));
  for (const message of pin) marks.set(markId('pin', message), await checked(edit, { kind: 'pin', message }));
  for (const { message, label } of bookmark) {
    const named = label === '' ? {} : { label };
    marks.set(markId('bookmark', message), await checked(edit, { kind: 'bookmark', message, ...named }));
  }
  if (marks.size > maxMarks) {
    throw new UserError(
      'limit',
      `A conversation may have ${maxMarks} pins, bookmarks and starts. Take some away first.`,
    );
  }
  return Object.fromEntries(marks);
}

async function checked({ tree }: Edit, mark: Mark): Promise<Mark> {
  await loadMessage(tree, mark.message);
  return mark;
}

function markId(kind: (typeof markKinds)[number], message: number): string {
  return `${kind}-${message}`;
}

/** As it was before the last change that can be undone. */
async function lastDocument({ tree, conversation }: Edit): Promise<Conversation['document']> {
  const event = await tree.db
    .selectFrom('events')
    .select('before')
    .where('project_id', '=', tree.projectId)
    .where('entity', '=', 'conversation')
    .where('entity_id', '=', String(tree.number))
    .where('action', 'in', undoable)
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst();
  const { data } = patchEvent.safeParse(readJson(event?.before ?? ''));
  if (!data) {
    throw new UserError(
      'conflict',
      `Nothing of ${conversationId(tree.number)} can be undone. Messages are taken back with delete_message, branches with delete_branch.`,
    );
  }
  return conversationDocument.parse(applyMergePatch(conversation.document, data.settings));
}

const patchEvent = z.object({ settings: z.json() });

async function clearContext(edit: Edit, { branch: name, message, undo }: ContextClearing) {
  const { tree, conversation } = edit;
  const branch = await findBranch(tree, name, conversation.main);
  const { marks } = conversation.document;
  const at = undo ? await lastStart(edit, branch.head) : (message ?? branch.head);
  if (at === undefined) throw nothingToClear(branch.name, undo === true);
  if (message !== undefined && !(await onPath(tree, branch.head, [message])).has(message)) {
    const on = JSON.stringify(branch.name);
    throw new UserError('bad_input', `Message ${message} is not on branch ${on}; see get_conversation.`);
  }
  const { [markId('start', at)]: known, ...others } = marks;
  const result = { message: at, branch: branch.name, cleared: !undo };
  if (known && !undo) return { result, isUnchanged: true };
  const document = { ...conversation.document, marks: await changedMarks(edit, others, {}) };
  if (!undo) document.marks[markId('start', at)] = { kind: 'start', message: at };
  edit.set({ document });
  return { result };
}

async function lastStart({ tree, conversation }: Edit, head: number | undefined): Promise<number | undefined> {
  const starts = Object.values(conversation.document.marks).filter(({ kind }) => kind === 'start');
  const there = await onPath(
    tree,
    head,
    starts.map(({ message }) => message),
  );
  return there.size === 0 ? undefined : Math.max(...there);
}

function nothingToClear(branch: string, isUndo: boolean): UserError {
  const name = JSON.stringify(branch);
  return isUndo
    ? new UserError('conflict', `The context of branch ${name} was not cleared.`)
    : new UserError('conflict', `Branch ${name} has no message, so there is no context to clear.`);
}
