import * as z from 'zod';
import { type Endpoint, type Tiers, tiers as tierNames } from '../endpoints.ts';
import { UserError } from '../errors.ts';
import type { Cache } from '../store/caches.ts';
import { nearest } from '../text/nearest.ts';
import { inBestForm, type KnownForms } from './answer-forms.ts';
import { withinSize } from './answer-size.ts';
import { dialectOf, knownWindow } from './dialects.ts';
import { type FailureKind, failureBy, failureOf, ProviderFailure } from './failure.ts';
import { type CallLimits, type Chance, createGuard, type Guard, type GuardState } from './guard.ts';
import { createOllama } from './ollama.ts';
import { createOpenAI } from './openai.ts';
import type { AnswerForm, ChatRequest, ModelInfo, Provider, StreamEvent } from './provider.ts';
import { redact, withoutKeys } from './redact.ts';
import { findKnown } from './secrets.ts';

/** The models of all providers, by `provider/model`. */
export interface Models {
  tiers: Tiers;
  /** Every provider that is set up or answers, with its models as they were at most so long ago. */
  survey(maxAgeMs: number, signal: AbortSignal): Promise<ProviderReport[]>;
  /**
   * One answer of the model that is named, and of no other; of a tier, of the first of its models that begins to answer.
   * Names stand for the secrets of the messages before they leave; the answer has the secrets again.
   *
   * @throws UserError for a name that is unknown, NoModel, ProviderFailure, or the reason of the signal
   */
  stream(
    reference: string,
    request: Omit<ChatRequest, 'model'>,
    limits: StreamLimits,
  ): AsyncGenerator<ModelEvent, void>;
  /** The models that may answer to a name. @throws UserError for one that is unknown, NoModel */
  named(reference: string): string[];
  /** One of these files that the operator keeps from it; none where a model of a tier may have them all. @throws as `named` */
  withheld(reference: string, paths: readonly string[]): string | undefined;
  /** Of the models that may answer to a name, what their providers' lists tell: price and window. */
  facts(reference: string, signal: AbortSignal): Promise<ModelFacts[]>;
}

export interface StreamLimits extends CallLimits {
  /** Paths of the files whose text is in the messages. */
  files?: readonly string[];
  /** Hears of each try, before anything is sent. */
  onTry?(sent: Sent): void;
}

export interface Sent {
  /** `provider/model` */
  model: string;
  /** Secrets for which a name stands, by kind. */
  redactions: Readonly<Record<string, number>>;
}

/** Of `provider/model`. */
export type ModelFacts = { model: string } & Pick<ModelInfo, 'price' | 'window' | 'maxOutput'>;

/** The operator has set up no model for a tier. */
export class NoModel extends UserError {
  constructor(tier: string) {
    super('not_found', `No model has the tier "${tier}". The operator sets one: --models ${tier}=PROVIDER/MODEL.`);
  }
}

export type ModelEvent = Exclude<StreamEvent, { type: 'end' }> | (Extract<StreamEvent, { type: 'end' }> & Named);

interface Named {
  /** `provider/model` that answered. */
  model: string;
}

export interface ProviderReport {
  name: string;
  isLocal: boolean;
  hasKey: boolean;
  /** Why its models could not be listed now. */
  failure?: FailureKind;
  /** Of the list, when it was fetched. */
  latencyMs?: number;
  /** The last that it listed, where it does not answer now. */
  models: readonly ModelInfo[];
  /** Of the calls of this process. */
  calls: GuardState;
}

const number = z.number().optional();
export const listingSchema = z.object({
  at: z.number(),
  latencyMs: z.number(),
  models: z.array(
    z.object({
      id: z.string(),
      window: number,
      maxOutput: number,
      price: z.object({ input: z.number(), output: z.number() }).optional(),
    }),
  ),
});

export type Listing = z.infer<typeof listingSchema>;

interface Place {
  endpoint: Endpoint;
  provider: Provider;
  guard: Guard;
  listAgainAt: number;
  knownForms: KnownForms;
}

const factsMaxAgeMs = 24 * 60 * 60_000;
/** A model can be loaded anew there with another window at any time. */
const localFactsMaxAgeMs = 5 * 60_000;
const listPauseMs = 10 * 60_000;

/** For a list of models. What was not named is most likely not there. */
const listMs = { guess: 1500, local: 5000, cloud: 10_000 };

export function createModels(options: {
  endpoints: readonly Endpoint[];
  tiers: Tiers;
  listings: Cache<Listing>;
  /** Most requests to one provider at a time. */
  parallel?: number | undefined;
  chance?: Chance;
}): Models {
  const { endpoints, tiers, listings, parallel, chance = realChance } = options;
  const keys = endpoints.flatMap(({ key }) => key?.() ?? []);
  const places = new Map(endpoints.map((endpoint) => [endpoint.name, createPlace(endpoint, { parallel, chance })]));

  return {
    tiers,

    async survey(maxAgeMs, signal) {
      const reports = await Promise.all([...places.values()].map((place) => report(place, maxAgeMs, signal)));
      return reports.filter((each) => each !== undefined);
    },

    async *stream(reference, request, limits) {
      const candidates = candidatesOf(reference);
      const begun = chance.now();
      for (const [index, candidate] of candidates.entries()) {
        let hasBegun = false;
        const isLast = index === candidates.length - 1;
        try {
          const withinMs = Math.max(1, limits.withinMs - (chance.now() - begun));
          for await (const event of streamOf(candidate, request, { ...limits, withinMs, waitsForLoading: isLast })) {
            hasBegun = true;
            yield event;
          }
          return;
        } catch (error) {
          if (hasBegun || isLast || !(error instanceof ProviderFailure))
            throw await explained(error, candidate, limits.signal);
        }
      }
    },

    named: (reference) => candidatesOf(reference).map(({ name }) => name),

    withheld(reference, paths) {
      const found = candidatesOf(reference).map(({ place }) => paths.find((path) => place.endpoint.withholds(path)));
      return found.includes(undefined) ? undefined : found[0];
    },

    facts: (reference, signal) => Promise.all(candidatesOf(reference).map((candidate) => factsOf(candidate, signal))),
  };

  function candidatesOf(reference: string): Array<{ name: string; place: Place; model: string }> {
    const tier = tierNames.find((each) => each === reference);
    if (!tier) return [find(reference)];
    if (tiers[tier].length > 0) return tiers[tier].map(find);
    throw new NoModel(tier);
  }

  function find(reference: string) {
    const [provider = '', ...rest] = reference.split('/');
    const [place, model] = [places.get(provider), rest.join('/')];
    if (place && model && !/\p{Cc}/u.test(model)) return { name: reference, place, model };
    throw new UserError(
      'not_found',
      `There is no model ${JSON.stringify(reference.slice(0, 200))}. Write it as PROVIDER/MODEL with one of: ${[...places.keys()].join(', ') || 'none is set up'}. list_models lists them.`,
    );
  }

  async function* streamOf(
    { name, place: { endpoint, provider, guard, knownForms }, model }: ReturnType<typeof find>,
    request: Omit<ChatRequest, 'model'>,
    limits: StreamLimits,
  ): AsyncGenerator<ModelEvent, void> {
    const withheld = limits.files?.find((path) => endpoint.withholds(path));
    if (withheld !== undefined) throw failureBy(name, new ProviderFailure('withheld', { detail: withheld }));
    const { messages, restore, counts } = await redact(request.messages, { known: keys, onlyKnown: !endpoint.redacts });
    const tryOnce = (form: AnswerForm | undefined, signal: AbortSignal) => {
      limits.onTry?.({ model: name, redactions: counts });
      return withinSize(provider.stream({ ...request, messages, model, ...(form && { form }) }, signal));
    };
    const inForm = (form: AnswerForm | undefined) => guard.stream(model, (signal) => tryOnce(form, signal), limits);
    const events = request.schema ? inBestForm(provider.forms, knownForms, model, inForm) : inForm(undefined);
    for await (const event of restore(withoutKeys(events, keys), request.schema !== undefined)) {
      yield event.type === 'end' ? { ...event, model: name } : event;
    }
  }

  /** A model that its provider does not list is most likely misspelt, whatever status the provider gives that. */
  async function explained(error: unknown, { name, place, model }: ReturnType<typeof find>, signal: AbortSignal) {
    if (!(error instanceof ProviderFailure) || !['unknown_model', 'refused'].includes(error.kind)) return error;
    const { models = [] } = (await report(place, 10 * 60_000, signal)) ?? {};
    if (models.some(({ id }) => id === model)) return error;
    if (error.kind === 'refused' && models.length === 0) return error;
    const names = models.map(({ id }) => `${place.endpoint.name}/${id}`);
    const near = nearest(name, names, 5).join(', ');
    return new UserError(
      'not_found',
      `${place.endpoint.name} has no model ${JSON.stringify(model.slice(0, 200))}.${near && ` Nearest: ${near}.`} list_models lists them.`,
    );
  }

  /** A list that cannot be had is asked for again after a while, so that no call waits for it twice. */
  async function factsOf({ name, place, model }: ReturnType<typeof find>, signal: AbortSignal): Promise<ModelFacts> {
    const isPaused = chance.now() < place.listAgainAt;
    const list = await (isPaused
      ? listings.get(listingKey(place))
      : report(place, place.endpoint.isLocal ? localFactsMaxAgeMs : factsMaxAgeMs, signal));
    const failure = list && 'failure' in list ? list.failure : undefined;
    if ((!list || failure) && failure !== 'loading') place.listAgainAt = chance.now() + listPauseMs;
    const found: Omit<ModelInfo, 'id'> = list?.models.find(({ id }) => id === model) ?? knownWindow(model);
    const { price, window, maxOutput } = found;
    return { model: name, price, window, maxOutput };
  }

  async function report(place: Place, maxAgeMs: number, signal: AbortSignal) {
    const { endpoint, provider, guard } = place;
    const { name, isLocal, isGuess, key } = endpoint;
    const about = { name, isLocal, hasKey: key !== undefined, calls: guard.state() };
    const cached = await listings.get(listingKey(place));
    if (cached && Date.now() - cached.at < maxAgeMs) return { ...about, ...seen(cached) };
    try {
      const listing = await fetchList(provider, isGuess ? listMs.guess : isLocal ? listMs.local : listMs.cloud, signal);
      listing.models = listing.models.filter(({ id }) => findKnown(id, keys).length === 0);
      await listings.set(listingKey(place), listing);
      return { ...about, ...seen(listing) };
    } catch (error) {
      signal.throwIfAborted();
      const { kind } = failureOf(error);
      return isGuess && kind !== 'key' ? undefined : { ...about, failure: kind, models: cached?.models ?? [] };
    }
  }
}

function listingKey({ endpoint: { name, baseUrl } }: Place): string {
  return `${name} ${baseUrl}`;
}

function seen({ latencyMs, models }: Listing) {
  return { latencyMs, models };
}

const realChance: Chance = { now: () => performance.now(), random: Math.random };

function createPlace(endpoint: Endpoint, options: { parallel: number | undefined; chance: Chance }): Place {
  const provider =
    endpoint.api === 'ollama'
      ? createOllama(endpoint)
      : createOpenAI({ ...endpoint, dialect: dialectOf(endpoint.name) });
  const guard = createGuard({ ...options, provider: endpoint.name, isLocal: endpoint.isLocal });
  return { endpoint, provider, guard, listAgainAt: 0, knownForms: new Map() };
}

function withKnownWindow(model: ModelInfo): ModelInfo {
  return model.window === undefined ? { ...model, ...knownWindow(model.id) } : model;
}

async function fetchList(provider: Provider, limitMs: number, signal: AbortSignal): Promise<Listing> {
  const begun = performance.now();
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(new ProviderFailure('timeout')), limitMs);
  try {
    const models = await provider.models(AbortSignal.any([signal, limit.signal]));
    const latencyMs = Math.round(performance.now() - begun);
    return { at: Date.now(), latencyMs, models: models.map(withKnownWindow) };
  } finally {
    clearTimeout(timer);
  }
}
