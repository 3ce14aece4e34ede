import type * as z from 'zod';
import { UserError } from '../../errors.ts';
import { ensureRecord, type ProjectName } from '../../projects/records.ts';
import { type ChangeRequest, findRequest } from '../../store/requests.ts';
import type { Store, Write } from '../../store/store.ts';
import { readJson } from '../../text/json.ts';
import { canonicalJson, createMergePatch, type Json } from '../../text/merge-patch.ts';
import { type ChatAuthor, type Conversation, conversationId } from '../chat.ts';
import { loadConversation, takeNumber, toRow } from './conversation-rows.ts';
import type { Tree } from './path.ts';

/** The inside of a change of one conversation. */
export interface Edit extends Write {
  tree: Tree;
  author: ChatAuthor;
  /** As it will be. */
  readonly conversation: Conversation;
  /** The version that this change makes. */
  version: number;
  set(changed: Partial<Omit<Conversation, 'projectId' | 'number' | 'version'>>): void;
}

/** What a change gives is plain and small, since it is stored with its event. */
export type Outcome = { [key: string]: Json | undefined };

/** What a change gives, now and when its request id is given again: the same. */
export type Done<Result> = { projectId: string; number: number; version: number } & Result;

/** The project of a conversation, or its id where that is known to the store. */
export type Owner = ProjectName | { projectId: string };

/** What a change is called in the history, and what it gives. */
export interface Action<Result extends Outcome> {
  name: string;
  result: z.ZodType<Result>;
  /** For what may be done to a deleted conversation. */
  evenDeleted?: boolean;
  /** Its event does not tell what was there before, which is gone for good. */
  forgets?: boolean;
}

type Run<Result> = (edit: Edit) => Promise<{ result: Result; isUnchanged?: boolean }>;

/**
 * Makes changes of conversations: one transaction each, with one event. The event holds the two merge patches between what
 * was known of the conversation before and after, for an undo, and what the change gave. It never holds the text of a
 * message, which can be overwritten for good.
 */
export interface Editor {
  /** @throws UserError `not_found`, `conflict` for a request id of another call */
  change<Result extends Outcome>(
    owner: Owner,
    number: number,
    author: ChatAuthor,
    action: Action<Result>,
    run: Run<Result>,
  ): Promise<Done<Result>>;
  /** The same of a conversation that the change makes. */
  create<Result extends Outcome>(
    project: ProjectName,
    document: Conversation['document'],
    author: ChatAuthor,
    action: Action<Result>,
    run: Run<Result>,
  ): Promise<Done<Result>>;
  /** What an earlier call of the same request id gave, to give it again before anything else is looked at. */
  repeated<Result extends Outcome>(
    project: ProjectName,
    author: ChatAuthor,
    action: Action<Result>,
  ): Promise<Done<Result> | undefined>;
}

export function createEditor(store: Store): Editor {
  return {
    change: (owner, number, author, action, run) =>
      store.write('projectId' in owner ? owner.projectId : owner.id, async (write) => {
        const id = 'projectId' in owner ? owner.projectId : (await ensureRecord(write, owner, author.source)).id;
        const earlier = await findEarlier(write, id, author.request, action);
        if (earlier) return earlier;
        const { evenDeleted = false } = action;
        const conversation = await loadConversation(write.db, id, number, { evenDeleted });
        return edit(write, conversation, conversation, author, action, run);
      }),

    create: (project, document, author, action, run) =>
      store.write(project.id, async (write) => {
        const { id } = await ensureRecord(write, project, author.source);
        const earlier = await findEarlier(write, id, author.request, action);
        if (earlier) return earlier;
        const { now } = write;
        const conversation = {
          ...{ projectId: id, number: await takeNumber(write, id), version: 0, createdAt: now, updatedAt: now },
          ...{ messages: 0, branches: 0, main: 1, depth: 0, tokens: 0, cost: 0, document },
        };
        await write.db.insertInto('conversations').values(toRow(conversation)).execute();
        return edit(write, undefined, conversation, author, action, run);
      }),

    async repeated(project, { request }, action) {
      if (!request || !store.exists()) return undefined;
      return store.read((read) => findEarlier(read, project.id, request, action));
    },
  };
}

async function edit<Result extends Outcome>(
  write: Write,
  before: Conversation | undefined,
  start: Conversation,
  author: ChatAuthor,
  { name, forgets = false }: Action<Result>,
  run: Run<Result>,
): Promise<Done<Result>> {
  const { projectId, number } = start;
  let conversation = start;
  const version = start.version + 1;
  const { result, isUnchanged = false } = await run({
    ...write,
    ...{ tree: { db: write.db, projectId, number }, author, version },
    get conversation() {
      return conversation;
    },
    set(changed) {
      conversation = { ...conversation, ...changed };
    },
  });
  if (isUnchanged && !author.request) return { projectId, number, version: start.version, ...result };
  const saved = isUnchanged ? start : { ...conversation, version, updatedAt: write.now };
  if (!isUnchanged) await save(write, saved);
  const settings = (from: Conversation | undefined, to: Conversation | undefined) =>
    createMergePatch(from?.document, to?.document);
  await write.append({
    ...{ projectId, entity: 'conversation', entityId: String(number), version: saved.version },
    ...{ action: isUnchanged ? 'unchanged' : name, actor: author.source, request: author.request },
    before: canonicalJson({ settings: forgets ? {} : settings(saved, before) }),
    after: canonicalJson({ settings: settings(before, saved), result }),
  });
  return { projectId, number, version: saved.version, ...result };
}

async function save({ db }: Write, conversation: Conversation) {
  const { project_id: projectId, number, ...row } = toRow(conversation);
  const { numUpdatedRows } = await db
    .updateTable('conversations')
    .set(row)
    .where('project_id', '=', projectId)
    .where('number', '=', number)
    .where('version', '=', conversation.version - 1)
    .executeTakeFirst();
  // The scope's lock keeps others out, unless two processes call a project that is new to the store by different ids.
  if (numUpdatedRows === 0n) {
    throw new UserError('conflict', `${conversationId(number)} has just been changed. Try again.`);
  }
}

async function findEarlier<Result extends Outcome>(
  { db }: Pick<Write, 'db'>,
  projectId: string,
  request: ChangeRequest | undefined,
  { result: schema }: Action<Result>,
): Promise<Done<Result> | undefined> {
  const first = await findRequest(db, projectId, request);
  if (!first) return undefined;
  const event = await db.selectFrom('events').select('after').where('seq', '=', first.seq).executeTakeFirst();
  const stored = readJson(event?.after ?? '');
  const result = typeof stored === 'object' && stored !== null && 'result' in stored ? stored.result : undefined;
  const parsed = schema.safeParse(result);
  const number = Number(first.entity_id);
  if (parsed.success) return { projectId, number, version: first.version, ...parsed.data };
  throw new UserError(
    'not_found',
    `What that request_id did is gone with ${conversationId(number)}, which was purged.`,
  );
}
