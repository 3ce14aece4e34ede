import type OpenAI from 'openai';
import * as z from 'zod';
import { isStrict } from './answer-forms.ts';
import { mostCost, mostTokens } from './answer-size.ts';
import { errorCode, eventBytes, openDoor } from './door.ts';
import { failureOf, failureOfStatus, ProviderFailure } from './failure.ts';
import type {
  AnswerForm,
  AnswerSchema,
  ChatRequest,
  FinishReason,
  Message,
  ModelInfo,
  Provider,
  StreamEvent,
  Usage,
} from './provider.ts';
import { createToolCalls } from './tool-calls.ts';

export interface OpenAIOptions {
  baseUrl: string;
  key: (() => string) | undefined;
  /** How the service differs from the others that speak like OpenAI. */
  dialect?: Dialect;
}

export interface Dialect {
  /** The name of the limit of an answer, which OpenAI's reasoning models know by the new one alone. */
  maxTokensField?: 'max_tokens' | 'max_completion_tokens';
  /** What to send besides. */
  extra?: Record<string, unknown>;
  /** Where models are listed with more facts than at `/models`. */
  modelsPath?: string;
  forms?: readonly AnswerForm[];
}

/** Any service that speaks OpenAI's chat completions, the one form that all of them have. */
export function createOpenAI({ baseUrl, key, dialect = {} }: OpenAIOptions): Provider {
  return {
    forms: dialect.forms ?? ['schema', 'json'],

    async *stream(request, signal) {
      const end = createEndOfEvents();
      const client = await createClient(
        openDoor({ baseUrl, key, signal, maxLineBytes: eventBytes, inspect: end.inspect }),
      );
      try {
        const chunks = await client.chat.completions.create(toBody(request, dialect), { signal });
        yield* readChunks(chunks, end.wasSeen);
        signal.throwIfAborted(); // the SDK ends quietly then
      } catch (error) {
        signal.throwIfAborted();
        throw ofStream(error);
      }
    },

    async models(signal) {
      const client = await createClient(openDoor({ baseUrl, key, signal }));
      try {
        return readModels(await list(client));
      } catch (error) {
        signal.throwIfAborted();
        throw failureOf(error);
      }
    },
  };

  async function createClient(fetch: typeof globalThis.fetch): Promise<OpenAI> {
    const { OpenAI } = await import('openai');
    return new OpenAI({
      // The door adds the real one; the rest is what the SDK would take from the environment.
      ...{ apiKey: 'unused', organization: null, project: null, logLevel: 'off' },
      ...{ baseURL: baseUrl, fetch, maxRetries: 0, timeout: noTimeout },
    });
  }

  async function list(client: OpenAI): Promise<unknown> {
    if (dialect.modelsPath === undefined) return client.get('/models');
    const path = new URL(dialect.modelsPath, baseUrl).href;
    return client.get(path).catch(() => client.get('/models')); // an older version of the program
  }
}

/** The longest that a timer can be: `pace.ts` has the times. */
const noTimeout = 2 ** 31 - 1;

function toBody(
  { model, messages, tools, maxTokens, temperature, stop, schema, form }: ChatRequest,
  { maxTokensField = 'max_tokens', extra }: Dialect,
): OpenAI.ChatCompletionCreateParamsStreaming {
  return {
    model,
    messages: messages.map(toWire),
    stream: true,
    stream_options: { include_usage: true },
    ...(tools && { tools: tools.map((tool) => ({ type: 'function' as const, function: tool })) }),
    ...(maxTokens !== undefined && { [maxTokensField]: maxTokens }),
    ...(temperature !== undefined && { temperature }),
    ...(stop && { stop: [...stop] }),
    ...(schema && form && toResponseFormat(schema, form)),
    ...extra,
  };
}

function toResponseFormat({ name, json }: AnswerSchema, form: AnswerForm) {
  if (form === 'json') return { response_format: { type: 'json_object' as const } };
  if (form === 'text') return {};
  const schema = { name, schema: json, strict: isStrict(json) };
  return { response_format: { type: 'json_schema' as const, json_schema: schema } };
}

function toWire(message: Message): OpenAI.ChatCompletionMessageParam {
  if (message.role === 'tool') return { role: 'tool', tool_call_id: message.call.id, content: message.text };
  if (message.role !== 'assistant') return { role: message.role, content: message.text };
  const calls = message.toolCalls?.map(({ id, name, arguments: text }) => {
    return { id, type: 'function' as const, function: { name, arguments: text } };
  });
  return { role: 'assistant', content: message.text, ...(calls && { tool_calls: calls }) };
}

const optionalText = z.string().nullish().catch(undefined);
const count = z.int().min(0).max(mostTokens);
const optionalCount = count.optional().catch(undefined);

const usageForm = z
  .object({
    prompt_tokens: count,
    completion_tokens: count,
    prompt_tokens_details: z.object({ cached_tokens: optionalCount }).nullish().catch(undefined),
    completion_tokens_details: z.object({ reasoning_tokens: optionalCount }).nullish().catch(undefined),
    cost: z.number().min(0).max(mostCost).optional().catch(undefined),
  })
  .nullish()
  .catch(undefined);

/** What we read of a chunk. The services differ in the rest, and each leaves out something. */
const chunk = z.object({
  choices: z
    .array(
      z.object({
        delta: z
          .object({
            content: optionalText,
            reasoning: optionalText,
            reasoning_content: optionalText,
            tool_calls: z
              .array(
                z.object({
                  index: z.int().min(0).catch(0),
                  id: optionalText,
                  function: z.object({ name: optionalText, arguments: optionalText }).optional(),
                }),
              )
              .nullish(),
          })
          .nullish(),
        finish_reason: optionalText,
      }),
    )
    .nullish(),
  usage: usageForm,
  /** Groq counts here, in its last event, and says why it stopped too early. */
  x_groq: z.object({ usage: usageForm, error: optionalText }).nullish().catch(undefined),
});

type Chunk = z.infer<typeof chunk>;

async function* readChunks(chunks: AsyncIterable<unknown>, sawDone: () => boolean): AsyncGenerator<StreamEvent, void> {
  const calls = createToolCalls();
  let finish: string | undefined;
  let usage: Usage | undefined;
  for await (const each of chunks) {
    const { data } = chunk.safeParse(each);
    if (!data) throw new ProviderFailure('bad_response', { detail: 'an event of another form' });
    const { delta, finish_reason } = data.choices?.[0] ?? {};
    const thought = delta?.reasoning_content || delta?.reasoning;
    if (thought) yield { type: 'reasoning', text: thought };
    if (delta?.content) yield { type: 'text', text: delta.content };
    for (const part of delta?.tool_calls ?? []) calls.add(part.index, { id: part.id, ...part.function });
    finish = finish_reason ?? finish;
    usage = readUsage(data.usage ?? data.x_groq?.usage) ?? usage;
    if (data.x_groq?.error || finish === 'error') throw new ProviderFailure('overloaded');
  }
  if (finish === undefined && !sawDone()) throw new ProviderFailure('cut');
  for (const call of calls.all()) yield { type: 'tool_call', call };
  yield { type: 'end', finish: toFinish(finish, calls.all().length > 0), usage };
}

/** Some services say how it ended only by `[DONE]`, and some say "stop" where tools are called. */
function toFinish(reason: string | undefined, hasCalls: boolean): FinishReason {
  if (reason === undefined || reason === 'stop' || reason === 'tool_calls') return hasCalls ? 'tool_calls' : 'stop';
  if (reason === 'length') return 'length';
  return reason === 'content_filter' ? 'filtered' : 'other';
}

function readUsage(usage: Chunk['usage']): Usage | undefined {
  if (!usage) return undefined;
  const { prompt_tokens_details: input, completion_tokens_details: output, cost } = usage;
  return {
    ...{ input: usage.prompt_tokens, output: usage.completion_tokens },
    ...(input?.cached_tokens !== undefined && { cached: input.cached_tokens }),
    ...(output?.reasoning_tokens !== undefined && { reasoning: output.reasoning_tokens }),
    ...(cost !== undefined && { cost }),
  };
}

/**
 * Whether the bytes held the event `[DONE]`: the SDK ends in the same way where a connection was closed too early.
 */
function createEndOfEvents() {
  let tail = '';
  let isSeen = false;
  return {
    inspect(bytes: Uint8Array) {
      if (isSeen) return;
      tail += Buffer.from(bytes).toString('latin1');
      isSeen = /(^|[\r\n])data: ?\[DONE\]/.test(tail);
      tail = tail.slice(-20);
    },
    wasSeen: () => isSeen,
  };
}

/** OpenRouter tells of an error in the middle of a stream, as an event; the SDK throws it without a status. */
function ofStream(error: unknown): ProviderFailure {
  if (!(error instanceof Error) || !('error' in error) || error.error === undefined) return failureOf(error);
  const code = errorCode(error);
  const status = Number(code);
  return failureOfStatus(status >= 400 ? status : 500, code);
}

const rate = z.coerce.number().min(0).optional().catch(undefined);
const size = z.int().positive().optional().catch(undefined);

/** The lists of OpenAI (which has no sizes), OpenRouter, Groq, LM Studio, vLLM and llama.cpp. */
const modelList = z.object({
  data: z.array(
    z.object({
      id: z.string().min(1).max(200),
      type: z.string().optional().catch(undefined),
      context_length: size,
      context_window: size,
      max_model_len: size,
      loaded_context_length: size,
      max_context_length: size,
      meta: z.object({ n_ctx: size }).nullish().catch(undefined),
      max_completion_tokens: size,
      top_provider: z.object({ max_completion_tokens: size }).nullish().catch(undefined),
      pricing: z.object({ prompt: rate, completion: rate }).nullish().catch(undefined),
    }),
  ),
});

function readModels(body: unknown): ModelInfo[] {
  const { data } = modelList.safeParse(body);
  if (!data) throw new ProviderFailure('bad_response', { detail: 'no list of models' });
  return data.data.filter(isForChat).map(({ id, pricing, ...each }) => {
    return {
      id,
      window:
        each.loaded_context_length ??
        each.meta?.n_ctx ?? // its `context_length` is what the model was made for
        each.context_length ??
        each.context_window ??
        each.max_model_len ??
        each.max_context_length,
      maxOutput: each.max_completion_tokens ?? each.top_provider?.max_completion_tokens,
      price: pricing ? readPrice(pricing) : undefined,
    };
  });
}

const perMillion = 1_000_000;

function readPrice({ prompt, completion }: { prompt?: number | undefined; completion?: number | undefined }) {
  if (prompt === undefined || completion === undefined) return undefined;
  return { input: round(prompt * perMillion), output: round(completion * perMillion) };
}

function round(dollars: number): number {
  return Math.round(dollars * 10_000) / 10_000;
}

const otherPurpose =
  /embed|whisper|\btts\b|dall-e|moderation|\bsora\b|realtime|transcribe|gpt-image|gpt-audio|^(babbage|davinci)-/;

function isForChat({ id, type }: { id: string; type?: string | undefined }): boolean {
  return type === undefined ? !otherPurpose.test(id) : type !== 'embeddings';
}
