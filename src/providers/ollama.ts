import type { Ollama } from 'ollama/browser';
import * as z from 'zod';
import { estimateTokens } from '../text/estimate-tokens.ts';
import { readJson } from '../text/json.ts';
import { mostTokens } from './answer-size.ts';
import { errorCode, eventBytes, openDoor } from './door.ts';
import { failureOf, failureOfStatus, ProviderFailure } from './failure.ts';
import type { ChatRequest, FinishReason, Message, ModelInfo, Provider, StreamEvent } from './provider.ts';
import { createToolCalls } from './tool-calls.ts';

export interface OllamaOptions {
  baseUrl: string;
  key: (() => string) | undefined;
}

/**
 * Ollama's own API: through its OpenAI-compatible one no window can be asked for, and a prompt that is longer than the
 * default one is cut without a word.
 */
export function createOllama({ baseUrl, key }: OllamaOptions): Provider {
  return {
    forms: ['schema', 'json'],

    async *stream(request, signal) {
      try {
        const window = await findWindow(request.model, signal);
        const client = await createClient(
          openDoor({ baseUrl, key, signal, maxLineBytes: eventBytes, inspect: createLineCheck() }),
        );
        const body = { ...toBody(request, window), stream: true as const };
        yield* readParts(await client.chat(body));
      } catch (error) {
        signal.throwIfAborted();
        throw ofStream(error);
      }
    },

    async models(signal) {
      try {
        const client = await createClient(openDoor({ baseUrl, key, signal }));
        return await readModels(await client.list(), (model) => findWindow(model, signal));
      } catch (error) {
        signal.throwIfAborted();
        throw failureOf(error);
      }
    },
  };

  async function createClient(fetch: typeof globalThis.fetch): Promise<Ollama> {
    const { Ollama } = await import('ollama/browser');
    return new Ollama({ host: baseUrl, fetch });
  }

  /** How many tokens the model was made for; the server loads it with fewer unless it is told. */
  async function findWindow(model: string, signal: AbortSignal): Promise<number | undefined> {
    const client = await createClient(openDoor({ baseUrl, key, signal }));
    const { data } = shown.safeParse(await client.show({ model }));
    const window = Object.entries(data?.model_info ?? {}).find(([name]) => name.endsWith('.context_length'))?.[1];
    return z.int().positive().safeParse(window).data;
  }
}

const shown = z.object({ model_info: z.record(z.string(), z.unknown()) });

const leastWindow = 4096;
const defaultAnswer = 2048;
/** Our count is an estimate. */
const margin = 1.2;

function toBody(
  { model, messages, tools, maxTokens, temperature, stop, schema, form }: ChatRequest,
  window: number | undefined,
) {
  const prompt = estimateTokens(JSON.stringify([messages, tools ?? []]));
  return {
    model,
    messages: messages.map(toWire),
    ...(tools && { tools: tools.map((tool) => ({ type: 'function', function: tool })) }),
    ...(schema && form !== 'text' && { format: form === 'schema' ? schema.json : 'json' }),
    options: {
      num_ctx: windowFor(prompt + (maxTokens ?? defaultAnswer), window),
      ...(maxTokens !== undefined && { num_predict: maxTokens }),
      ...(temperature !== undefined && { temperature }),
      ...(stop && { stop: [...stop] }),
    },
  };
}

/** In powers of two, since the server loads the model anew for each other size. */
function windowFor(tokens: number, most: number | undefined): number {
  if (most !== undefined && tokens > most) {
    throw new ProviderFailure('too_long', { detail: `about ${tokens} tokens, and its window has ${most}` });
  }
  const wanted = 2 ** Math.ceil(Math.log2(Math.max(leastWindow, tokens * margin)));
  return most === undefined ? wanted : Math.min(wanted, most);
}

function toWire(message: Message) {
  if (message.role === 'tool') return { role: 'tool', content: message.text, tool_name: message.call.name };
  if (message.role !== 'assistant') return { role: message.role, content: message.text };
  const calls = message.toolCalls?.map(({ name, arguments: text }) => {
    return { function: { name, arguments: z.record(z.string(), z.unknown()).catch({}).parse(readJson(text)) } };
  });
  return { role: 'assistant', content: message.text, ...(calls && { tool_calls: calls }) };
}

const optionalText = z.string().nullish().catch(undefined);
const count = z.int().min(0).max(mostTokens).optional().catch(undefined);

const part = z.object({
  message: z
    .object({
      content: optionalText,
      thinking: optionalText,
      tool_calls: z.array(z.object({ function: z.object({ name: z.string(), arguments: z.unknown() }) })).nullish(),
    })
    .nullish(),
  done: z.boolean(),
  done_reason: optionalText,
  prompt_eval_count: count,
  eval_count: count,
});

type Part = z.infer<typeof part>;

async function* readParts(parts: AsyncIterable<unknown>): AsyncGenerator<StreamEvent, void> {
  const calls = createToolCalls();
  for await (const each of parts) {
    const { data } = part.safeParse(each);
    if (!data) throw new ProviderFailure('bad_response', { detail: 'a line of another form' });
    const { content, thinking, tool_calls } = data.message ?? {};
    if (thinking) yield { type: 'reasoning', text: thinking };
    if (content) yield { type: 'text', text: content };
    for (const { function: called } of tool_calls ?? []) {
      calls.add(calls.all().length, { name: called.name, arguments: JSON.stringify(called.arguments ?? {}) });
    }
    if (!data.done) continue;
    for (const call of calls.all()) yield { type: 'tool_call', call };
    return yield { type: 'end', finish: toFinish(data.done_reason, calls.all().length > 0), usage: readUsage(data) };
  }
  throw new ProviderFailure('cut');
}

function toFinish(reason: string | null | undefined, hasCalls: boolean): FinishReason {
  if (reason === 'length') return 'length';
  if (reason && reason !== 'stop') return 'other';
  return hasCalls ? 'tool_calls' : 'stop';
}

/** A prompt that the server still has is not counted again. */
function readUsage({ prompt_eval_count: input, eval_count: output }: Part) {
  return output === undefined ? undefined : { input: input ?? 0, output };
}

/** The SDK prints a line that is no JSON, and goes on without it. */
function createLineCheck(): (bytes: Uint8Array, isEnd: boolean) => void {
  const decoder = new TextDecoder();
  let rest = '';
  return (bytes, isEnd) => {
    rest += decoder.decode(bytes, { stream: !isEnd });
    if (!isEnd && !bytes.includes(newline)) return;
    const lines = rest.split('\n');
    rest = isEnd ? '' : (lines.pop() ?? '');
    if (lines.every((line) => (isEnd && line === '') || isObject(line))) return;
    throw new ProviderFailure('bad_response', { detail: 'a line of another form' });
  };
}

const newline = 10;

function isObject(line: string): boolean {
  const value = readJson(line);
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What the SDK throws is an error with a text: the error object of the stream, or that `done` never came. */
function ofStream(error: unknown): ProviderFailure {
  if (!(error instanceof Error) || error.constructor !== Error || error.cause !== undefined) return failureOf(error);
  if (error.message.startsWith('Did not receive done')) return new ProviderFailure('cut');
  return failureOfStatus(500, errorCode({ error: error.message }));
}

const list = z.object({
  models: z.array(
    z.object({
      name: z.string().min(1).max(200),
      details: z.object({ family: optionalText }).nullish().catch(undefined),
    }),
  ),
});

/** Of so many models the windows are asked for, so many at once. */
const maxShown = 60;
const parallel = 6;

async function readModels(
  body: unknown,
  findWindow: (model: string) => Promise<number | undefined>,
): Promise<ModelInfo[]> {
  const { data } = list.safeParse(body);
  if (!data) throw new ProviderFailure('bad_response', { detail: 'no list of models' });
  const names = data.models
    .filter(({ name, details }) => !/embed|\bbert\b/.test(`${name} ${details?.family}`))
    .map(({ name }) => name);
  const models: ModelInfo[] = names.slice(maxShown).map((id) => ({ id }));
  for (let start = 0; start < Math.min(names.length, maxShown); start += parallel) {
    const some = names.slice(start, Math.min(start + parallel, maxShown));
    models.push(
      ...(await Promise.all(some.map(async (id) => ({ id, window: await findWindow(id).catch(() => undefined) })))),
    );
  }
  return models;
}
