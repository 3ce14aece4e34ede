import { type FailureKind, ProviderFailure } from './failure.ts';
import type { AnswerForm, StreamEvent } from './provider.ts';

/** By model, the form that it is known to take. */
export type KnownForms = Map<string, AnswerForm>;

/** Callers choose names, so they are forgotten. */
const mostKnown = 200;

/** OpenRouter says of a model that cannot hold to a schema that nobody serves it (status 404). */
const refusals: ReadonlySet<FailureKind> = new Set(['refused', 'unknown_model']);

/** Asks for the best form that a provider has, and where that is refused, once for the next. */
export async function* inBestForm(
  forms: readonly AnswerForm[],
  known: KnownForms,
  model: string,
  open: (form: AnswerForm | undefined) => AsyncGenerator<StreamEvent, void>,
): AsyncGenerator<StreamEvent, void> {
  const first = Math.max(0, forms.indexOf(known.get(model) ?? 'schema'));
  const [best, next] = forms.slice(first);
  let hasBegun = false;
  try {
    for await (const event of open(best)) {
      hasBegun = true;
      yield event;
    }
    return;
  } catch (error) {
    if (hasBegun || !next || !(error instanceof ProviderFailure) || !refusals.has(error.kind)) throw error;
  }
  yield* open(next);
  if (known.size >= mostKnown) known.clear();
  known.set(model, next);
}

/** What may stand in a schema that a provider can hold an answer to word by word. */
const strictKeys = new Set(
  'type properties required additionalProperties items enum const anyOf description title'.split(' '),
);

/** Whether a JSON Schema is within the part that OpenAI calls strict: every field required, and none besides. */
export function isStrict(schema: unknown): boolean {
  if (!isRecord(schema) || !Object.keys(schema).every((key) => strictKeys.has(key))) return false;
  const { properties, required, additionalProperties, items, anyOf } = schema;
  const types = [schema.type].flat();
  if (types.includes('object')) {
    if (!isRecord(properties) || additionalProperties !== false || !Array.isArray(required)) return false;
    if (!Object.keys(properties).every((name) => required.includes(name))) return false;
    if (!Object.values(properties).every(isStrict)) return false;
  }
  if (types.includes('array') && !isStrict(items)) return false;
  return anyOf === undefined || (Array.isArray(anyOf) && anyOf.every(isStrict));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
