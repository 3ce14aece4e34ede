import type { Dialect } from './openai.ts';

/** Where the services that we know by name differ from the form that all share. */
const dialects: ReadonlyMap<string, Dialect> = new Map<string, Dialect>([
  ['openai', { maxTokensField: 'max_completion_tokens' }],
  ['groq', { maxTokensField: 'max_completion_tokens' }],
  ['openrouter', { extra: { usage: { include: true } } }],
  ['lmstudio', { modelsPath: '/api/v0/models', forms: ['schema', 'text'] }],
  ['deepseek', { forms: ['json', 'text'] }],
]);

export function dialectOf(provider: string): Dialect {
  return dialects.get(provider) ?? {};
}

/** OpenAI's list has no windows; these are of its documentation. Of a model that is not here none is known. */
const windows: ReadonlyArray<readonly [RegExp, number, number]> = [
  [/^gpt-5/, 400_000, 128_000],
  [/^gpt-4\.1/, 1_047_576, 32_768],
  [/^gpt-4o/, 128_000, 16_384],
  [/^o[134](-|$)/, 200_000, 100_000],
  [/^gpt-4-turbo/, 128_000, 4096],
  [/^gpt-4(-0613)?$/, 8192, 8192],
  [/^gpt-3\.5-turbo/, 16_385, 4096],
];

export function knownWindow(model: string): { window?: number; maxOutput?: number } {
  const [, window, maxOutput] = windows.find(([form]) => form.test(model)) ?? [];
  return window === undefined || maxOutput === undefined ? {} : { window, maxOutput };
}
