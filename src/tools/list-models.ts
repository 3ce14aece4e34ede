import * as z from 'zod';
import type { Asker } from '../models/asker.ts';
import { describeSpending } from '../models/describe-spending.ts';
import type { SpendingReport } from '../models/ledger.ts';
import type { AskCall } from '../models/question.ts';
import { SpendingLimit } from '../models/spending-limit.ts';
import { describeModel, describeProvider, describeTiers, nothingSetUp } from '../providers/describe.ts';
import { ProviderFailure } from '../providers/failure.ts';
import type { Models, ProviderReport } from '../providers/models.ts';
import type { ModelInfo, Usage } from '../providers/provider.ts';
import { decodeCursor, encodeCursor } from '../text/cursor.ts';
import { fitting } from '../text/fitting.ts';
import { cursor } from './params.ts';
import { defineTool } from './tool.ts';

const maxCharacters = 8000;
const cachedMs = 10 * 60_000;
/** Before the time of a call is over. */
const checkMs = 17_000;

const modelOutput = z.object({
  model: z.string(),
  window: z.int().optional(),
  max_output: z.int().optional(),
  price: z.object({ input: z.number(), output: z.number() }).optional(),
});
const checkOutput = z.object({
  model: z.string(),
  answers: z.boolean(),
  note: z.string().optional(),
  first_word_ms: z.int().optional(),
  total_ms: z.int().optional(),
  tokens: z.object({ input: z.int(), output: z.int() }).optional(),
});

/** Of today (UTC); without numbers where the store cannot tell. */
const spendingOutput = z.object({
  calls: z.int().optional(),
  tokens: z.int().optional(),
  cost: z.number().optional(),
  unpriced: z.int().optional(),
  limits: z.array(z.string()),
});

export const listModels = defineTool({
  name: 'list_models',
  title: 'List models',
  description:
    'Language models that this server can ask, with window and price per million tokens where known, and whether their ' +
    'providers answer. All other tools work without any.',
  toolset: 'agents',
  effect: 'model',
  input: z.strictObject({
    provider: z.string().max(40).optional().describe('Only of this provider'),
    query: z.string().max(100).optional().describe('Words of the name'),
    check: z.string().max(200).optional().describe('PROVIDER/MODEL or tier to try with one word'),
    refresh: z.boolean().default(false).describe('List anew what may be 10 minutes old'),
    limit: z.int().min(1).max(200).default(50).describe('1 to 200'),
    cursor,
  }),
  output: z.object({
    providers: z.array(z.object({ provider: z.string(), status: z.string(), models: z.int() })),
    tiers: z.looseObject({}),
    models: z.array(modelOutput),
    total: z.int(),
    check: checkOutput.optional(),
    spending: spendingOutput.optional(),
    next_cursor: z.string().optional(),
  }),

  async run({ provider, query = '', check, refresh, limit, cursor }, { models, asker, ledger, caller, job }) {
    const asked = { provider, query };
    const after = cursor === undefined ? '' : decodeCursor(cursor, asked, z.string());
    const [reports, checked] = await Promise.all([
      models.survey(refresh ? 0 : cachedMs, job.signal),
      check === undefined ? undefined : checkModel(check, asker, { signal: job.signal, actor: caller.source }),
    ]);
    const spending = await ledger.report();
    const found = reports.filter(({ name }) => provider === undefined || name === provider).flatMap(toRows);
    const words = query.toLowerCase().split(/\s+/);
    const matching = found.filter(({ model }) => words.every((word) => model.toLowerCase().includes(word)));
    const shown = fitting(matching.filter(({ model }) => model > after).slice(0, limit), maxCharacters);
    const last = shown.at(-1);
    const hasMore = last !== undefined && last.model !== matching.at(-1)?.model;
    const data = {
      providers: reports.map((each) => ({
        provider: each.name,
        status: each.failure ?? 'ok',
        models: each.models.length,
      })),
      tiers: Object.fromEntries(Object.entries(models.tiers).filter(([, names]) => names.length > 0)),
      models: shown,
      total: matching.length,
      ...(checked && { check: checked }),
      ...(spending && { spending: { ...spending.today, limits: spending.limits } }),
      ...(hasMore && { next_cursor: encodeCursor(asked, last.model) }),
    };
    return { data, text: describe(data, reports, models, spending) };
  },
});

type Row = z.infer<typeof modelOutput>;
type Checked = z.infer<typeof checkOutput>;

function toRows({ name, models }: ProviderReport): Row[] {
  return models
    .map(({ id, window, maxOutput, price }: ModelInfo) => ({
      model: `${name}/${id}`,
      ...(window !== undefined && { window }),
      ...(maxOutput !== undefined && { max_output: maxOutput }),
      ...(price && { price }),
    }))
    .sort((a, b) => (a.model < b.model ? -1 : 1));
}

/** Costs a few tokens. A failure is what was asked for, and no error. */
async function checkModel(reference: string, asker: Asker, who: Pick<AskCall, 'signal' | 'actor'>): Promise<Checked> {
  const begun = performance.now();
  const messages = [{ role: 'user' as const, text: 'Answer with the one word OK.' }];
  const question = { model: reference, messages, maxTokens: 512, files: [] };
  let first: number | undefined;
  let model = reference;
  let usage: Usage | undefined;
  try {
    for await (const event of asker.stream(question, { ...who, withinMs: checkMs, purpose: 'check' })) {
      first ??= Math.round(performance.now() - begun);
      if (event.type === 'end') ({ model, usage } = event);
    }
    return {
      ...{ model, answers: true, first_word_ms: first, total_ms: Math.round(performance.now() - begun) },
      ...(usage && { tokens: { input: usage.input, output: usage.output } }),
    };
  } catch (error) {
    if (error instanceof ProviderFailure) return { model, answers: false, note: `${error.kind}: ${error.message}` };
    if (error instanceof SpendingLimit) return { model, answers: false, note: `${error.code}: ${error.message}` };
    throw error;
  }
}

function describe(
  { models, total, check, next_cursor: next }: { models: Row[]; total: number; check?: Checked; next_cursor?: string },
  reports: readonly ProviderReport[],
  { tiers }: Models,
  spending: SpendingReport | undefined,
): string {
  if (reports.length === 0) return [...(check ? [describeCheck(check)] : []), nothingSetUp].join('\n');
  return [
    ...(check ? [describeCheck(check)] : []),
    ...reports.map(describeProvider),
    ...(spending ? [describeSpending(spending)] : []),
    ...describeTiers(tiers),
    ...models.map(({ model, window, max_output: maxOutput, price }) =>
      describeModel(model, { window, maxOutput, price }),
    ),
    ...(next ? [`${total} in all. More with cursor "${next}".`] : []),
  ].join('\n');
}

function describeCheck({ model, answers, note, first_word_ms: first, total_ms: total, tokens }: Checked): string {
  if (!answers) return `${model} does not answer. ${note}`;
  const cost = tokens ? `, for ${tokens.input} tokens in and ${tokens.output} out` : '';
  return `${model} answers: first word after ${first} ms, all after ${total} ms${cost}.`;
}
