import * as z from 'zod';
import { canonicalJson } from '../text/merge-patch.ts';
import { noProject } from './store.ts';

/* What a line of an export may hold, table by table. */

/** Text that holds canonical JSON is written as that JSON. */
const json = z.json().transform((value) => (typeof value === 'string' ? value : canonicalJson(value)));
const id = z.string().regex(/^[a-z0-9_][a-z0-9._-]{0,250}$/);
/** A project's id, or what stands for none. */
const owner = z.union([id, z.literal(noProject)]);
const promptName = z.string().regex(/^[a-z][a-z0-9-]{0,39}$/);
const time = z.int().min(0).max(8_640_000_000_000_000); // the last moment of a Date, ECMA-262
const number = z.int().min(1).max(999_999_999);
const size = z.int().min(0).max(2_147_483_647);
const total = z.int().min(0);
const amount = z.number().min(0);
const maybe = number.nullable();
const flag = z.int().min(0).max(1);

export const rows = {
  projects: z.strictObject({
    ...{ id, name: z.string(), folder: z.string(), created_at: time },
    ...{ is_added: flag, removed_at: time.nullable(), next_ticket: number, next_plan: number.default(1) },
    next_conversation: number.default(1),
  }),
  queues: z.strictObject({
    project_id: id,
    label: z.string(),
    parallel: number,
    attempts: number,
    is_paused: flag,
  }),
  tickets: z.strictObject({
    ...{ project_id: id, number, version: number, status: z.string(), title: z.string() },
    ...{ priority: z.int(), due: z.string(), labels: json, assignee: z.string().nullable() },
    ...{ tasks_total: z.int(), tasks_done: z.int(), origin: z.string().nullable() },
    ...{ created_at: time, updated_at: time, claim_number: z.int().min(0), claim_expires_at: time.nullable() },
    document: json,
  }),
  plans: z.strictObject({
    ...{ project_id: id, number, revision: number, title: z.string(), steps: size, ticket: z.string().nullable() },
    ...{ created_at: time, updated_at: time },
  }),
  plan_revisions: z.strictObject({ project_id: id, number, revision: number, at: time, document: json }),
  prompts: z.strictObject({
    ...{ project_id: owner, name: promptName, version: number, is_deleted: flag, created_at: time, updated_at: time },
  }),
  prompt_versions: z.strictObject({
    ...{ project_id: owner, name: promptName, version: number, at: time, actor: z.string(), document: json },
  }),
  prompt_uses: z.strictObject({
    ...{ project_id: owner, name: promptName, version: z.int().min(-1).default(0), uses: size, used_at: time },
  }),
  conversations: z.strictObject({
    ...{ project_id: id, number, version: number, title: z.string(), state: z.enum(['active', 'archived', 'deleted']) },
    ...{ created_at: time, updated_at: time, messages: size, branches: size, main_branch: number, depth: size },
    ...{ tokens: total, cost: amount, document: json },
  }),
  chat_branches: z.strictObject({
    ...{ project_id: id, conversation: number, id: number, name: z.string(), head: maybe, base: maybe },
    ...{ from_branch: maybe, status: z.string(), deleted_at: time.nullable(), created_at: time, updated_at: time },
    ...{ version: number, details: json },
  }),
  chat_messages: z.strictObject({
    ...{ project_id: id, conversation: number, number, parent: maybe, second_parent: maybe, depth: size },
    ...{ jump: number, jump_depth: size, lane: number, sibling: size, branch: number, role: z.string() },
    ...{ kind: z.string(), status: z.string(), created_at: time, tokens: size, cost: amount.nullable() },
    ...{ path_tokens: total, path_cost: amount, copied_from: maybe, version: number, deleted_at: time.nullable() },
    ...{ details: json, text: z.string() },
  }),
  chat_turns: z.strictObject({
    ...{ id: z.string(), project_id: id, conversation: number, version: number, branch: number, head: maybe },
    ...{ question: number, answer: maybe, status: z.string(), created_at: time, ended_at: time.nullable() },
    ...{ owner: z.string(), beat_at: time, is_cancelled: flag, details: json, partial: z.string() },
  }),
  chat_summaries: z.strictObject({
    ...{ project_id: id, conversation: number, message: number, created_at: time, tokens: size, details: json },
    text: z.string(),
  }),
  receipts: z.strictObject({
    ...{ id: z.string(), run_id: z.string().nullable(), project_id: id, at: time, day: z.iso.date() },
    ...{ actor: z.string(), purpose: z.string(), asked: z.string(), model: z.string().nullable() },
    ...{ outcome: z.enum(['open', 'ok', 'failed', 'cancelled']), failure: z.string().nullable() },
    ...{ files: json, parts: json, redactions: json, input_tokens: size, output_tokens: size, is_estimate: flag },
    ...{ retries: size, ms: size, cost: amount.nullable() },
    ...{ held_tokens: size, held_cost: amount, held_until: time },
  }),
  events: z.strictObject({
    ...{ change_id: z.string(), at: time, project_id: owner, entity: z.string(), entity_id: z.string() },
    ...{ version: z.int(), action: z.string(), actor: z.string() },
    ...{ request_id: z.string().nullable(), request_digest: z.string().nullable(), before: json, after: json },
  }),
  runs: z.strictObject({
    ...{ id, project_id: id, status: z.string(), created_at: time, owner: z.string(), beat_at: time },
    ...{ is_cancelled: flag, document: json },
  }),
};

export type Table = keyof typeof rows;
export type Row<Of extends Table> = z.output<(typeof rows)[Of]>;
/** It holds one of them. */
export type Line = { [Of in Table]?: Row<Of> | undefined };

/** The columns of a table that hold canonical JSON. */
export function jsonColumns(table: Table): ReadonlySet<string> {
  const columns = Object.entries<z.ZodType>(rows[table].shape);
  return new Set(columns.filter(([, schema]) => schema === json).map(([column]) => column));
}
