import { ensureRecord, type ProjectName } from '../projects/records.ts';
import type { SpendingCap } from '../spending-caps.ts';
import type { ReceiptsTable } from '../store/schema.ts';
import type { Database, Store, Write } from '../store/store.ts';
import { timeId } from '../store/time-id.ts';
import type { SentFile } from './question.ts';
import { answerWithin, type CallEstimate, costOf, type Room, SpendingLimit } from './spending-limit.ts';
import { createWriteTogether } from './write-together.ts';

/** The receipts of all processes on the store, which are also the ledger of what is spent. */
export interface Ledger {
  /**
   * Writes the receipt of a call that is about to begin, and holds what it may take.
   *
   * @returns how long the answer may be
   * @throws SpendingLimit, or what the store throws: without a receipt nothing is sent
   */
  open(call: OpenCall): Promise<{ id: string; answerTokens: number }>;
  close(id: string, end: ReceiptEnd): Promise<void>;
  /** Of this day (UTC). */
  spentToday(projectId?: string): Promise<Spending>;
  /** Nothing where no limit holds for days. */
  report(): Promise<SpendingReport | undefined>;
}

export interface SpendingReport {
  /** Of this day (UTC) in all projects; nothing where the store cannot tell. */
  today: Spending | undefined;
  /** As they are set: `day.cost=5`. */
  limits: string[];
}

export interface OpenCall {
  asked: string;
  purpose: string;
  actor: string;
  runId: string | undefined;
  project: ProjectName | undefined;
  files: readonly SentFile[];
  parts: Readonly<Record<string, number>>;
  estimate: CallEstimate;
  /** It cannot go on for longer. */
  withinMs: number;
}

export type ReceiptEnd = Pick<ReceiptsTable, 'model' | 'outcome' | 'failure' | 'retries' | 'ms' | 'cost'> & {
  inputTokens: number;
  outputTokens: number;
  isEstimate: boolean;
  redactions: Readonly<Record<string, number>>;
};

export interface Spending {
  calls: number;
  tokens: number;
  cost: number;
  /** Calls whose price is not known. */
  unpriced: number;
}

/** All that counts takes turns under it. */
const scope = 'spending';
const keptDays = 90;
const dayMs = 24 * 60 * 60_000;
const graceMs = 60_000;
/** Our count of a question is an estimate. */
const margin = 0.2;

export function createLedger(store: Store, caps: readonly SpendingCap[]): Ledger {
  const shared = caps.filter((cap) => cap.scope === 'day' || cap.scope === 'project');
  const write = createWriteTogether(store, scope);
  let pruneAt = 0;

  return {
    async open(call) {
      const id = timeId();
      let opened = await tryOpen(id, call);
      if (!opened && call.project) {
        await introduce(call.project);
        opened = await tryOpen(id, call);
      }
      if (opened instanceof SpendingLimit) throw opened;
      if (!opened) throw new Error('the project of a call is not in the store');
      return { id, ...opened };
    },

    close: (id, end) =>
      write(async ({ db }) => {
        const { inputTokens, outputTokens, isEstimate, redactions, ...rest } = end;
        await db
          .updateTable('receipts')
          .set({
            ...rest,
            ...{ input_tokens: inputTokens, output_tokens: outputTokens, is_estimate: Number(isEstimate) },
            ...{ redactions: JSON.stringify(redactions), held_tokens: 0, held_cost: 0, held_until: 0 },
          })
          .where('id', '=', id)
          .execute();
      }),

    spentToday,

    async report() {
      if (shared.length === 0) return undefined;
      const limits = shared.map(({ scope, kind, most }) => `${scope}.${kind}=${most}`);
      return { today: await spentToday().catch(() => undefined), limits };
    },
  };

  async function spentToday(projectId?: string): Promise<Spending> {
    if (!store.exists()) return { calls: 0, tokens: 0, cost: 0, unpriced: 0 };
    return store.read(({ db, now }) => sumOf(db, now, projectId));
  }

  /** Nothing where the store does not know the project yet. */
  function tryOpen(id: string, call: OpenCall) {
    return write(async (inside) => {
      const { db, now } = inside;
      const projectId = call.project && (await knownId(db, call.project.folder));
      if (call.project && projectId === undefined) return undefined;
      await prune(inside);
      const answerTokens = tryWithin(call.estimate, await roomsOf(db, now, projectId));
      if (answerTokens instanceof SpendingLimit) return answerTokens;
      const estimate = { ...call.estimate, answerTokens };
      await db
        .insertInto('receipts')
        .values(toRow(id, { ...call, estimate }, projectId, now))
        .onConflict((conflict) => conflict.column('id').doNothing()) // a commit that broke off, and had happened
        .execute();
      return { answerTokens };
    });
  }

  async function introduce(project: ProjectName) {
    await store.write(project.id, (write) => ensureRecord(write, project, 'agent'));
  }

  async function roomsOf(db: Database, now: number, projectId: string | undefined): Promise<Room[]> {
    const rooms: Room[] = [];
    for (const cap of shared) {
      if (cap.scope === 'project' && projectId === undefined) continue;
      const spending = await sumOf(db, now, cap.scope === 'project' ? projectId : undefined);
      rooms.push({ cap, left: cap.most - spending[cap.kind] });
    }
    return rooms;
  }

  async function prune({ db, now }: Write) {
    if (now < pruneAt) return;
    await db
      .deleteFrom('receipts')
      .where('day', '<', dayOf(now - keptDays * dayMs))
      .execute();
    pruneAt = now + dayMs;
  }
}

/** As a value, since other calls are opened in the same change. */
function tryWithin(estimate: CallEstimate, rooms: readonly Room[]): number | SpendingLimit {
  try {
    return answerWithin(estimate, rooms);
  } catch (error) {
    if (error instanceof SpendingLimit) return error;
    throw error;
  }
}

async function knownId(db: Database, folder: string): Promise<string | undefined> {
  return (await db.selectFrom('projects').select('id').where('folder', '=', folder).executeTakeFirst())?.id;
}

function toRow(id: string, call: OpenCall, projectId: string | undefined, now: number): ReceiptsTable {
  const { inputTokens, answerTokens, price } = call.estimate;
  const more = Math.ceil(inputTokens * margin);
  return {
    ...{ id, run_id: call.runId ?? null, project_id: projectId ?? null, at: now, day: dayOf(now) },
    ...{ actor: call.actor, purpose: call.purpose, asked: call.asked, model: null, outcome: 'open', failure: null },
    ...{ files: JSON.stringify(call.files), parts: JSON.stringify(call.parts), redactions: '{}' },
    ...{ input_tokens: inputTokens, output_tokens: 0, is_estimate: 1, retries: 0, ms: 0 },
    cost: price ? costOf(price, inputTokens, 0) : null,
    held_tokens: more + answerTokens,
    held_cost: price ? costOf(price, more, answerTokens) : 0,
    held_until: Math.ceil(now + call.withinMs + graceMs),
  };
}

/** Of the day of `now`; what calls hold counts while they can go on. In one query, so that it sees one moment. */
async function sumOf(db: Database, now: number, projectId: string | undefined): Promise<Spending> {
  const ofDay = db.selectFrom('receipts').where('day', '=', dayOf(now));
  const counted = projectId === undefined ? ofDay : ofDay.where('project_id', '=', projectId);
  const row = await counted
    .select(({ fn, eb }) => {
      const held = (column: 'held_tokens' | 'held_cost') =>
        fn.sum<number | null>(eb.case().when('held_until', '>', now).then(eb.ref(column)).else(0).end());
      return [
        ...[fn.countAll<number>().as('calls'), fn.count<number>('cost').as('priced')],
        ...[fn.sum<number | null>('input_tokens').as('input'), fn.sum<number | null>('output_tokens').as('output')],
        ...[fn.sum<number | null>('cost').as('cost'), held('held_tokens').as('tokens'), held('held_cost').as('more')],
      ];
    })
    .executeTakeFirstOrThrow();
  const { calls, priced } = row;
  return {
    ...{ calls: Number(calls), unpriced: Number(calls) - Number(priced) },
    tokens: Number(row.input) + Number(row.output) + Number(row.tokens),
    cost: Number(row.cost) + Number(row.more),
  };
}

function dayOf(now: number): string {
  return new Date(now).toISOString().slice(0, 10);
}
