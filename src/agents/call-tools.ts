import { UserError } from '../errors.ts';
import type { Message, ToolCall } from '../providers/provider.ts';
import { cut } from '../text/cut.ts';
import { readJson } from '../text/json.ts';
import { nearest } from '../text/nearest.ts';
import type { AgentTool } from './agent-tool.ts';

/** Calls the tools that a model asks for, within the bounds of one loop. */
export interface ToolCaller {
  call(calls: readonly ToolCall[], signal: AbortSignal): Promise<Called>;
}

export interface Called {
  messages: Message[];
  notes: CallNote[];
  /** No call of them could be made. */
  areAllBad: boolean;
  /** One was made for the third time. */
  isStuck: boolean;
}

/** What is kept of a call. */
export interface CallNote {
  tool: string;
  arguments: string;
  /** Characters that it brought, or what was wrong with it. */
  result: string;
}

const maxCallsAtOnce = 8;
const maxArguments = 50_000;
const maxResult = 14_000;
const maxNote = 200;

export function createToolCaller(tools: readonly AgentTool[], mark: (text: string) => string): ToolCaller {
  const byName = new Map(tools.map((tool) => [tool.offer.name, tool]));
  const made = new Map<string, number>();

  return {
    async call(calls, signal) {
      let isStuck = false;
      const answers = await Promise.all(
        calls.map(async (call, index) => {
          const key = `${call.name} ${normalized(call.arguments)}`;
          const times = (made.get(key) ?? 0) + 1;
          made.set(key, times);
          if (times > 2) isStuck = true;
          if (index >= maxCallsAtOnce) return bad(call, `Only ${maxCallsAtOnce} calls can be made at once.`);
          if (times > 1) return bad(call, 'You made this very call before. Use its answer, or ask for something else.');
          return callOne(call, signal);
        }),
      );
      return {
        messages: answers.map(({ message }) => message),
        notes: answers.map(({ note }) => note),
        areAllBad: answers.every(({ isBad }) => isBad),
        isStuck,
      };
    },
  };

  async function callOne(call: ToolCall, signal: AbortSignal) {
    const tool = byName.get(call.name);
    if (!tool) return bad(call, `There is no tool ${JSON.stringify(cut(call.name, 60))}. ${known(call.name)}`);
    if (call.arguments.length > maxArguments) return bad(call, `Arguments may have ${maxArguments} characters.`);
    const args = readArguments(call.arguments);
    if (!args) return bad(call, 'The arguments are no JSON object.');
    try {
      const { text } = await tool.run(args, signal);
      const note = { ...noteOf(call), result: `${text.length} characters` };
      return { message: answerTo(call, mark(cut(text, maxResult))), note, isBad: false };
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof UserError) return bad(call, `${error.code}: ${error.message}`);
      throw error;
    }
  }

  function bad(call: ToolCall, why: string) {
    const message = answerTo(call, mark(`The call failed. ${cut(why, 1000)}`));
    return { message, note: { ...noteOf(call), result: cut(why, maxNote) }, isBad: true };
  }

  function known(name: string): string {
    return byName.size === 0 ? 'You have none.' : `Nearest: ${nearest(name, [...byName.keys()], 5).join(', ')}.`;
  }
}

/** What goes back to the provider is bounded, whatever the model wrote. */
function answerTo(call: ToolCall, text: string): Message {
  return { role: 'tool', call: boundedCall(call), text };
}

export function boundedCall(call: ToolCall): ToolCall {
  const isFine = call.arguments.length <= maxArguments && readArguments(call.arguments) !== undefined;
  return { id: cut(call.id, 100), name: cut(call.name, 64), arguments: isFine ? call.arguments : '{}' };
}

function noteOf(call: ToolCall): Omit<CallNote, 'result'> {
  return { tool: cut(call.name, 64), arguments: cut(call.arguments, maxNote) };
}

/** Some models write nothing at all for no arguments. */
function readArguments(text: string): Record<string, unknown> | undefined {
  const value = text.trim() === '' ? {} : readJson(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value) || !isShallow(value, 0)) return undefined;
  return { ...value };
}

const maxDepth = 50;

/** What is nested without end breaks whoever walks over it. */
function isShallow(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return depth < maxDepth && Object.values(value).every((each) => isShallow(each, depth + 1));
}

/** The same for calls that differ in nothing but spaces and the order of their fields. */
function normalized(text: string): string {
  const args = text.length <= maxArguments ? readArguments(text) : undefined;
  if (!args) return cut(text, 1000);
  const sorted = Object.entries(args).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify(sorted);
}
