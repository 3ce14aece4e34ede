import type { Selectable } from 'kysely';
import * as z from 'zod';
import type { ChatTurnsTable } from '../../store/chat-schema.ts';
import { isLeft } from '../../store/signs-of-life.ts';
import { readJson } from '../../text/json.ts';
import type { Json } from '../../text/merge-patch.ts';
import type { Tree } from './path.ts';

export const turnStatuses = ['running', 'done', 'interrupted', 'failed'] as const;
export type TurnStatus = (typeof turnStatuses)[number];

/** A question that a model is asked in a conversation. */
export interface Turn {
  id: string;
  projectId: string;
  /** The number of the conversation. */
  conversation: number;
  /** Of the conversation, which the begin made. */
  version: number;
  branch: number;
  /** Of the branch, at the begin. */
  head: number | undefined;
  question: number;
  answer: number | undefined;
  status: TurnStatus;
  createdAt: number;
  endedAt: number | undefined;
  /** As whoever began it likes: the model that is asked, what went wrong. */
  details: { [key: string]: Json | undefined };
  /** The answer as far as it has come, while it is running. */
  partial: string;
  /** It is running by what is stored of it, but its process has left it: the next change settles it. */
  isLeft: boolean;
}

function turnsOf({ db, projectId, number }: Tree) {
  return db.selectFrom('chat_turns').where('project_id', '=', projectId).where('conversation', '=', number);
}

export async function runningTurns(tree: Tree, now: number): Promise<Turn[]> {
  const rows = await turnsOf(tree).selectAll().where('status', '=', 'running').orderBy('version').execute();
  return rows.map((row) => toTurn(row, now));
}

export async function findTurn(tree: Tree, id: string, now: number): Promise<Turn | undefined> {
  const row = await turnsOf(tree).selectAll().where('id', '=', id).executeTakeFirst();
  return row && toTurn(row, now);
}

/** What told of the answer as it grew has nothing to tell any more. */
export async function forgetWriting({ db, projectId, number }: Tree, id: string): Promise<void> {
  await db
    .deleteFrom('events')
    .where('project_id', '=', projectId)
    .where('entity', '=', 'chat_turn')
    .where('entity_id', '=', `${number}/${id}`)
    .execute();
}

const turnDetails = z.record(z.string(), z.json());

function toTurn(row: Selectable<ChatTurnsTable>, now: number): Turn {
  return {
    ...{ id: row.id, projectId: row.project_id, conversation: row.conversation, version: row.version },
    ...{ branch: row.branch, head: row.head ?? undefined, question: row.question, answer: row.answer ?? undefined },
    ...{ createdAt: row.created_at, endedAt: row.ended_at ?? undefined },
    status: turnStatuses.find((status) => status === row.status) ?? 'failed',
    details: turnDetails.safeParse(readJson(row.details)).data ?? {},
    partial: row.partial,
    isLeft: isLeft(row, now),
  };
}
