import { type FailureKind, ProviderFailure } from '../providers/failure.ts';
import type { ModelEvent, Sent } from '../providers/models.ts';
import { estimateTokens } from '../text/estimate-tokens.ts';
import type { Question } from './question.ts';

type End = Extract<ModelEvent, { type: 'end' }>;

/** What is learned of a call while it runs. */
export interface Tally {
  noteTry(sent: Sent): void;
  note(event: ModelEvent): void;
  noteFailure(error: unknown): void;
  end(): End | undefined;
  /** The model that answered, or that was tried last. */
  model(): string | undefined;
  facts(): TallyFacts;
}

export interface TallyFacts {
  inputTokens: number;
  outputTokens: number;
  isEstimate: boolean;
  retries: number;
  redactions: Readonly<Record<string, number>>;
}

/** After these a provider has not worked on the question. */
const free: ReadonlySet<FailureKind> = new Set([
  ...(['key', 'quota', 'certificate', 'unknown_model', 'too_long', 'refused'] as const),
  ...(['rate_limited', 'overloaded', 'loading', 'unreachable', 'busy', 'resting'] as const),
]);

/** @param inputTokens our estimate, which stands where a provider does not count */
export function createTally(inputTokens: number): Tally {
  let tries = 0;
  let sent: Sent | undefined;
  let end: End | undefined;
  let written = 0;
  let wasFree = false;

  return {
    noteTry(each) {
      tries++;
      sent = each;
    },
    note(event) {
      if (event.type === 'end') end = event;
      else if (event.type === 'tool_call') written += estimateTokens(event.call.name + event.call.arguments);
      else written += event.text.length / 4;
    },
    noteFailure(error) {
      wasFree = written === 0 && error instanceof ProviderFailure && free.has(error.kind);
    },
    end: () => end,
    model: () => end?.model ?? sent?.model,
    facts() {
      const wasAsked = tries > 0 && !wasFree;
      return {
        inputTokens: end?.usage?.input ?? (wasAsked ? inputTokens : 0),
        outputTokens: end?.usage?.output ?? Math.ceil(written),
        isEstimate: end?.usage === undefined && wasAsked,
        retries: Math.max(0, tries - 1),
        redactions: sent?.redactions ?? {},
      };
    },
  };
}

/** Estimated tokens of a question, by its parts. */
export function partsOf({ messages, tools, schema }: Question): Record<string, number> {
  const parts: Record<string, number> = {};
  const add = (part: string, text: string) => {
    parts[part] = (parts[part] ?? 0) + estimateTokens(text) + perMessage;
  };
  for (const message of messages) {
    const calls = message.role === 'assistant' ? message.toolCalls : undefined;
    add(message.role, message.text + (calls ? JSON.stringify(calls) : ''));
  }
  if (tools) add('tools', JSON.stringify(tools));
  if (schema) add('schema', JSON.stringify(schema.json));
  return parts;
}

const perMessage = 4;
