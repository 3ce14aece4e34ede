import * as z from 'zod';
import type { ProjectName } from '../projects/records.ts';
import type { Store } from '../store/store.ts';
import { type Branching, createBranching } from './changes/branching.ts';
import { createMerging, type Merging } from './changes/merge.ts';
import { createRemovals, type Removals } from './changes/removal.ts';
import { createSettingsChanges, type SettingsChanges } from './changes/settings.ts';
import type { ChatAuthor, ConversationDocument } from './chat.ts';
import { createLooks, type Looks } from './looks/looks.ts';
import { addMain } from './rows/branch-rows.ts';
import { createEditor, type Done } from './rows/edit.ts';
import { type NewSummary, putSummary } from './rows/summaries.ts';
import { untitled } from './rows/title.ts';
import { createTurns, type Turns } from './turns/turns.ts';

/** What a new conversation is given. */
export type NewConversation = Pick<ConversationDocument, 'model' | 'system' | 'metadata'> & {
  title?: string | undefined;
};

const created = z.strictObject({ title: z.string() });
const summarized = z.strictObject({ kept: z.boolean() });

/**
 * The conversations of all projects. Each change is one transaction with its event; it takes the project into the store
 * with its first, and given a request id again it gives the first result. It throws UserError `not_found` for what is not
 * there, `conflict` for what somebody else's change forbids, and then nothing was changed. A look makes no store that
 * nobody has used yet.
 */
export interface Chats extends Looks, SettingsChanges, Branching, Merging, Removals {
  turns: Turns;
  /** With the branch `main`, which has no message yet. */
  create(project: ProjectName, wanted: NewConversation, author: ChatAuthor): Promise<Done<z.infer<typeof created>>>;
  /** Keeps a summary, but not where a message that it may stand for was deleted or restored since. */
  keepSummary(
    projectId: string,
    number: number,
    summary: NewSummary,
    author: ChatAuthor,
  ): Promise<Done<z.infer<typeof summarized>>>;
  /** Calls `listener` after each change of a conversation that `concerns` says yes to, until it is ended. */
  watch(concerns: (projectId: string, number: number) => boolean, listener: () => void): () => void;
}

export function createChats(store: Store): Chats {
  const editor = createEditor(store);

  return {
    ...createLooks(store),
    ...createSettingsChanges(editor),
    ...createBranching(editor),
    ...createMerging(editor),
    ...createRemovals(store, editor),
    turns: createTurns(store, editor),

    create: (project, { title = untitled, ...wanted }, author) => {
      const document = { title, ...(title === untitled && { is_untitled: true as const }), ...wanted, marks: {} };
      return editor.create(project, document, author, { name: 'created', result: created }, async (edit) => {
        await addMain(edit);
        return { result: { title } };
      });
    },

    keepSummary: (projectId, number, summary, author) =>
      editor.change({ projectId }, number, author, { name: 'summarized', result: summarized }, async (edit) => {
        const kept = await putSummary(edit, summary);
        return { result: { kept }, isUnchanged: !kept };
      }),

    watch: (concerns, listener) =>
      store.onChange((changed) => {
        const isConcerned =
          changed === 'everything' ||
          changed.some(({ projectId, entity, entityId }) => {
            return isChat(entity) && concerns(projectId, Number.parseInt(entityId, 10));
          });
        if (isConcerned) listener();
      }),
  };
}

/** Of a turn the id begins with the number of its conversation. */
function isChat(entity: string): boolean {
  return entity === 'conversation' || entity === 'chat_turn';
}
