import * as z from 'zod';
import { readJson } from '../../text/json.ts';
import { canonicalJson, type Json } from '../../text/merge-patch.ts';
import type { Edit } from './edit.ts';
import { messagesOf } from './message-rows.ts';
import { headsOver, onPath, type Tree } from './path.ts';

/**
 * A text that stands for all messages of a path up to one. A branch that was made behind it has it too; one that was made
 * before it has not.
 */
export interface ChatSummary {
  /** The last message that it stands for. */
  message: number;
  text: string;
  tokens: number;
  createdAt: number;
  /** Which model wrote it, from which prompt. */
  details: { [key: string]: Json | undefined };
}

export type SummaryHead = Omit<ChatSummary, 'text'>;

export interface NewSummary extends Omit<ChatSummary, 'createdAt'> {
  /** The version of the conversation when its messages were read. */
  asOf: number;
}

function summariesOf({ db, projectId, number }: Tree) {
  return db.selectFrom('chat_summaries').where('project_id', '=', projectId).where('conversation', '=', number);
}

/** Those on the path that ends at `head`, the nearest to it first, without their texts. */
export async function summariesOnPath(tree: Tree, head: number | undefined): Promise<SummaryHead[]> {
  const heads = summariesOf(tree).select(['message', 'tokens', 'created_at', 'details']);
  const rows = await heads.orderBy('message', 'desc').execute();
  const there = await onPath(
    tree,
    head,
    rows.map(({ message }) => message),
  );
  return rows
    .filter(({ message }) => there.has(message))
    .map(({ message, tokens, created_at: createdAt, details }) => {
      return { message, tokens, createdAt, details: summaryDetails.safeParse(readJson(details)).data ?? {} };
    });
}

/** `undefined` where it was dropped meanwhile. */
export async function summaryText(tree: Tree, message: number): Promise<string | undefined> {
  const row = await summariesOf(tree).select('text').where('message', '=', message).executeTakeFirst();
  return row?.text;
}

const summaryDetails = z.record(z.string(), z.json());

/** Gives false, and keeps nothing, where a message that it may stand for was deleted or restored since it was read. */
export async function putSummary(edit: Edit, { message, text, tokens, asOf, details }: NewSummary): Promise<boolean> {
  const { tree, now } = edit;
  const changed = messagesOf(tree).select('number').where('version', '>', asOf).where('number', '<=', message);
  if (await changed.limit(1).executeTakeFirst()) return false;
  const row = { created_at: now, tokens, details: canonicalJson(details), text };
  await tree.db
    .insertInto('chat_summaries')
    .values({ project_id: tree.projectId, conversation: tree.number, message, ...row })
    .onConflict((conflict) => conflict.columns(['project_id', 'conversation', 'message']).doUpdateSet(row))
    .execute();
  return true;
}

/** What was made with a message that has changed since must be made anew without it, or with it. */
export async function dropSummariesOver({ tree }: Edit, message: number): Promise<void> {
  const rows = await summariesOf(tree).select('message').where('message', '>=', message).execute();
  const heads = rows.map((row) => row.message);
  const over = [...(await headsOver(tree, heads, message))];
  if (over.length === 0) return;
  await tree.db
    .deleteFrom('chat_summaries')
    .where('project_id', '=', tree.projectId)
    .where('conversation', '=', tree.number)
    .where('message', 'in', over)
    .execute();
}
