/**
 * What the rest of Octant knows of a provider of models. An implementation translates between these shapes and those of
 * one wire format, and does no more: it tries once, and keeps nothing from call to call.
 */
export interface Provider {
  /** How it can be held to a form of answers, the best way first. */
  forms: readonly AnswerForm[];
  /**
   * One answer, as it comes: any number of pieces, then exactly one `end`. A stream that breaks, stalls or is cut off
   * throws instead, so that a part is never taken for the whole.
   *
   * @throws ProviderFailure, or the reason of the signal
   */
  stream(request: ChatRequest, signal: AbortSignal): AsyncGenerator<StreamEvent, void>;
  /**
   * The models that can chat.
   *
   * @throws ProviderFailure, or the reason of the signal
   */
  models(signal: AbortSignal): Promise<ModelInfo[]>;
}

export interface ChatRequest {
  /** As the provider calls it. */
  model: string;
  messages: readonly Message[];
  tools?: readonly ToolOffer[];
  /** Of the answer. */
  maxTokens?: number;
  temperature?: number;
  /** Texts before which the answer ends. */
  stop?: readonly string[];
  /** What the answer has to be; the messages tell the model as well. */
  schema?: AnswerSchema;
  /** How the provider is to see to it. */
  form?: AnswerForm;
}

export interface AnswerSchema {
  /** Letters, digits, `_` and `-`, at most 64. */
  name: string;
  /** JSON Schema. */
  json: Record<string, unknown>;
}

/** By a JSON Schema, by a mode in which any JSON is answered, or by the words of the question alone. */
export type AnswerForm = 'schema' | 'json' | 'text';

export type Message =
  | { role: 'system' | 'user'; text: string }
  | { role: 'assistant'; text: string; toolCalls?: readonly ToolCall[] }
  | { role: 'tool'; call: ToolCall; text: string };

export interface ToolOffer {
  name: string;
  description: string;
  /** JSON Schema of an object. */
  parameters: Record<string, unknown>;
}

export interface ToolCall {
  id: string;
  name: string;
  /** JSON as the model wrote it, which may be none. */
  arguments: string;
}

export type StreamEvent =
  | { type: 'text' | 'reasoning'; text: string }
  | { type: 'tool_call'; call: ToolCall }
  | { type: 'end'; finish: FinishReason; usage: Usage | undefined };

/** Only `stop` and `tool_calls` are whole answers. `other` is a reason that we do not know. */
export type FinishReason = 'stop' | 'tool_calls' | 'length' | 'filtered' | 'other';

/** In tokens, as the provider counts them; cached and reasoning ones are part of the sums. */
export interface Usage {
  input: number;
  output: number;
  cached?: number;
  reasoning?: number;
  /** In US dollars, where the provider tells. */
  cost?: number;
}

export interface ModelInfo {
  id: string;
  /** Tokens of question and answer together. */
  window?: number | undefined;
  /** Tokens of an answer. */
  maxOutput?: number | undefined;
  /** US dollars for a million tokens. */
  price?: { input: number; output: number } | undefined;
}
