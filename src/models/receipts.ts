import * as z from 'zod';
import type { ReceiptsTable } from '../store/schema.ts';
import type { Database, Write } from '../store/store.ts';
import { readJson } from '../text/json.ts';

/** One call of a model: what was sent, and what it cost. */
export interface Receipt {
  id: string;
  at: number;
  actor: string;
  purpose: string;
  asked: string;
  model: string | undefined;
  outcome: ReceiptsTable['outcome'];
  failure: string | undefined;
  files: z.infer<typeof files>;
  /** Estimated tokens by the parts of the question. */
  parts: Record<string, number>;
  /** Secrets that were replaced, by kind. */
  redactions: Record<string, number>;
  inputTokens: number;
  outputTokens: number;
  isEstimate: boolean;
  retries: number;
  ms: number;
  cost: number | undefined;
}

const range = z.object({ from: z.number(), to: z.number() });
const files = z.array(z.object({ path: z.string(), ranges: z.array(range).optional(), hash: z.string().optional() }));
const counts = z.record(z.string(), z.number());

/** In the order in which they were asked. */
export async function receiptsOfRun(db: Database, runId: string): Promise<Receipt[]> {
  const rows = await db.selectFrom('receipts').selectAll().where('run_id', '=', runId).orderBy('id').execute();
  return rows.map(toReceipt);
}

function toReceipt(row: ReceiptsTable): Receipt {
  return {
    ...{ id: row.id, at: row.at, actor: row.actor, purpose: row.purpose, asked: row.asked },
    ...{ model: row.model ?? undefined, outcome: row.outcome, failure: row.failure ?? undefined },
    files: files.catch([]).parse(readJson(row.files)),
    parts: counts.catch({}).parse(readJson(row.parts)),
    redactions: counts.catch({}).parse(readJson(row.redactions)),
    ...{ inputTokens: row.input_tokens, outputTokens: row.output_tokens, isEstimate: row.is_estimate === 1 },
    ...{ retries: row.retries, ms: row.ms, cost: row.cost ?? undefined },
  };
}

/** What was spent stays counted, without a word of the project. */
export async function purgeReceipts({ db }: Write, projectId: string): Promise<void> {
  await db
    .updateTable('receipts')
    .set({ project_id: null, run_id: null, files: '[]' })
    .where('project_id', '=', projectId)
    .execute();
}
