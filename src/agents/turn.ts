import { SpendingLimit } from '../models/spending-limit.ts';
import { ProviderFailure } from '../providers/failure.ts';
import type { ModelEvent } from '../providers/models.ts';
import type { FinishReason, Message, ToolCall, ToolOffer, Usage } from '../providers/provider.ts';
import { estimateTokens } from '../text/estimate-tokens.ts';

/** Asks a model once, as it is bound for one run. */
export type Converse = (request: TurnRequest) => AsyncGenerator<ModelEvent, void>;

export interface TurnRequest {
  messages: readonly Message[];
  tools: readonly ToolOffer[];
  maxTokens: number;
  signal: AbortSignal;
}

export interface TurnAnswer {
  text: string;
  calls: ToolCall[];
  finish: FinishReason;
  model: string;
  /** Where the provider counts. */
  usage: Usage | undefined;
  ms: number;
}

/** What came before it broke is told. */
export interface BrokenTurn {
  failure: ProviderFailure | SpendingLimit | 'ended';
  text: string;
}

/** One turn of a model. It never throws for what a provider does; an end of the signal is `ended`. */
export async function takeTurn(converse: Converse, request: TurnRequest): Promise<TurnAnswer | BrokenTurn> {
  const begun = performance.now();
  const said: string[] = [];
  const calls: ToolCall[] = [];
  try {
    for await (const event of converse(request)) {
      if (event.type === 'text') said.push(event.text);
      else if (event.type === 'tool_call') calls.push(event.call);
      else if (event.type === 'end') {
        const { finish, model, usage } = event;
        return { text: said.join(''), calls, finish, model, usage, ms: Math.round(performance.now() - begun) };
      }
    }
    throw new ProviderFailure('cut');
  } catch (error) {
    const text = said.join('');
    if (request.signal.aborted) return { failure: 'ended', text };
    if (error instanceof ProviderFailure || error instanceof SpendingLimit) return { failure: error, text };
    throw error;
  }
}

/** Estimated, of what a model reads. */
export function tokensOf({ messages, tools }: Pick<TurnRequest, 'messages' | 'tools'>): number {
  return estimateTokens(JSON.stringify(messages)) + estimateTokens(JSON.stringify(tools));
}
