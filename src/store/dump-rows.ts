import * as z from 'zod';
import { canonicalJson } from '../text/merge-patch.ts';

/* What a line of an export may hold, table by table. */

/** Text that holds canonical JSON is written as that JSON. */
const json = z.json().transform((value) => (typeof value === 'string' ? value : canonicalJson(value)));
const id = z.string().regex(/^[a-z0-9_][a-z0-9._-]{0,250}$/);
const time = z.int().min(0).max(8_640_000_000_000_000); // the last moment of a Date, ECMA-262
const number = z.int().min(1).max(999_999_999);
const size = z.int().min(0).max(2_147_483_647);
const flag = z.int().min(0).max(1);

export const rows = {
  projects: z.strictObject({
    ...{ id, name: z.string(), folder: z.string(), created_at: time },
    ...{ is_added: flag, removed_at: time.nullable(), next_ticket: number, next_plan: number.default(1) },
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
  receipts: z.strictObject({
    ...{ id: z.string(), run_id: z.string().nullable(), project_id: id, at: time, day: z.iso.date() },
    ...{ actor: z.string(), purpose: z.string(), asked: z.string(), model: z.string().nullable() },
    ...{ outcome: z.enum(['open', 'ok', 'failed', 'cancelled']), failure: z.string().nullable() },
    ...{ files: json, parts: json, redactions: json, input_tokens: size, output_tokens: size, is_estimate: flag },
    ...{ retries: size, ms: size, cost: z.number().min(0).nullable() },
    ...{ held_tokens: size, held_cost: z.number().min(0), held_until: time },
  }),
  events: z.strictObject({
    ...{ change_id: z.string(), at: time, project_id: id, entity: z.string(), entity_id: z.string() },
    ...{ version: z.int(), action: z.string(), actor: z.string() },
    ...{ request_id: z.string().nullable(), request_digest: z.string().nullable(), before: json, after: json },
  }),
  runs: z.strictObject({
    ...{ id, project_id: id, status: z.string(), created_at: time, owner: z.string(), beat_at: time },
    ...{ is_cancelled: flag, document: json },
  }),
};

export const line = z.union([
  z.strictObject({ projects: rows.projects }),
  z.strictObject({ queues: rows.queues }),
  z.strictObject({ tickets: rows.tickets }),
  z.strictObject({ plans: rows.plans }),
  z.strictObject({ plan_revisions: rows.plan_revisions }),
  z.strictObject({ receipts: rows.receipts }),
  z.strictObject({ events: rows.events }),
  z.strictObject({ runs: rows.runs }),
]);
export type Line = z.infer<typeof line>;
