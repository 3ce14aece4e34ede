import { ProviderFailure } from './failure.ts';
import type { ToolCall } from './provider.ts';

const maxCalls = 128;
const maxCharacters = 4_000_000;

interface Part {
  id?: string | null | undefined;
  name?: string | null | undefined;
  arguments?: string | null | undefined;
}

/** Gathers the tool calls of one answer, which come in parts, within bounds that no honest answer reaches. */
export function createToolCalls() {
  const calls = new Map<number, ToolCall>();
  let characters = 0;
  return {
    add(index: number, part: Part) {
      const call = calls.get(index) ?? { id: '', name: '', arguments: '' };
      calls.set(index, {
        id: call.id || part.id || `call_${index}`,
        name: call.name || part.name || '',
        arguments: call.arguments + (part.arguments ?? ''),
      });
      characters += part.arguments?.length ?? 0;
      if (calls.size > maxCalls || characters > maxCharacters) {
        throw new ProviderFailure('bad_response', { detail: 'too many tool calls' });
      }
    },
    all: (): ToolCall[] => [...calls.values()],
  };
}
